#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"

enum { PRINTED_MAX = 5 };

void harness_expect(struct harness *harness, bool holds, const char *expression, const char *file, int line) {
    harness->checked++;
    if (holds) return;
    if (harness->broken++ < PRINTED_MAX)
        fprintf(stderr, "rank %d of %d: %s: %s:%d: %s does not hold\n", team_rank(harness->world),
                team_size(harness->world), harness->property, file, line, expression);
}

int harness_main(const char *test, const struct harness_entry *properties) {
    struct harness harness = {0};
    if (parallel_start(&harness.world) != STATUS_OK) {
        fprintf(stderr, "%s: cannot start\n", test);
        return EXIT_FAILURE;
    }
    size_t in_use = memory_in_use();
    for (const struct harness_entry *entry = properties; entry->name; entry++) {
        harness.property = entry->name;
        entry->run(&harness);
        team_rendezvous(harness.world);
    }
    bool tested = harness.checked > 0;
    harness.property = "all properties";
    EXPECT(&harness, tested);
    EXPECT(&harness, memory_in_use() == in_use);
    /* Both ways of adding up must agree that all is well: a broken one shall not hide what the other sees. */
    double counts[2] = {(double)harness.broken, (double)harness.checked};
    team_sum(harness.world, 2, counts);
    double worst = (double)harness.broken;
    team_maximum(harness.world, 1, &worst);
    bool good = harness.broken == 0 && counts[0] == 0 && worst == 0;
    if (good && team_rank(harness.world) == 0)
        printf("%s: no errors in %.0f expectations on %d ranks\n", test, counts[1], team_size(harness.world));
    fflush(stdout);
    parallel_stop();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
