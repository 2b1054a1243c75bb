/* The experiment hopfield_blocks as a campaign sees it: its record does not depend on ranks and threads. */
#include <math.h>
#include <string.h>

#include <omp.h>

#include "../parallel/harness.h"
#include "core/base/memory.h"
#include "experiments/experiment.h"

static struct record *unit(struct harness *h, int64_t neurons, double load, int64_t block, double overlap) {
    struct record *record;
    struct error error = {STATUS_OK, ""};
    const struct experiment *experiment = experiment_named("hopfield_blocks");
    EXPECT(h, record_create(&experiment->schema, &record) == STATUS_OK);
    EXPECT(h, record_set_integer(record, "neurons", neurons) == STATUS_OK);
    EXPECT(h, record_set_real(record, "load", load) == STATUS_OK);
    if (block > 0) EXPECT(h, record_set_integer(record, "block", block) == STATUS_OK);
    EXPECT(h, record_set_real(record, "initial_overlap", overlap) == STATUS_OK);
    EXPECT(h, record_set_integer(record, "trials", 3) == STATUS_OK);
    EXPECT(h, record_set_integer(record, "ranks", team_size(h->world)) == STATUS_OK);
    EXPECT(h, experiment->resolve(record, &(struct resources){1, 1}, &error) == STATUS_OK);
    return record;
}

/* Fills the columns of a copy on a team; memory stays within the estimate. */
static struct record *run(struct harness *h, const struct record *values, struct team *team) {
    struct record *record;
    struct error error = {STATUS_OK, ""};
    const struct experiment *experiment = experiment_named("hopfield_blocks");
    struct point point = {values, 12};
    EXPECT(h, record_copy(values, &record) == STATUS_OK);
    size_t before = memory_in_use();
    memory_reset_high_water();
    EXPECT(h, experiment->run(&point, team, record, &error) == STATUS_OK);
    double used = (double)(memory_high_water() - before);
    if (team == h->world) EXPECT(h, used <= experiment->estimate(&point).bytes_per_rank);
    return record;
}

static void records_are_those_of_one_rank(struct harness *h) {
    static const struct {
        int64_t neurons, block;
        double load, overlap;
    } points[] = {{2, 1, 4, 1}, {500, 0, 0.12, 1}, {601, 37, 0.138, 0.5}, {300, 300, 0.2, 0.1}};
    struct team *alone;
    EXPECT(h, team_alone(&alone) == STATUS_OK);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct record *values =
            unit(h, points[i].neurons, points[i].load, points[i].block, points[i].overlap);
        struct record *split = run(h, values, h->world);
        omp_set_num_threads(3);
        struct record *whole = run(h, values, alone);
        omp_set_num_threads(1);
        EXPECT(h, team_rank(h->world) > 0 || record_equal(split, whole));
        record_destroy(&values);
        record_destroy(&split);
        record_destroy(&whole);
    }
    team_destroy(&alone);
}

static void columns_fit_together(struct harness *h) {
    struct record *values = unit(h, 500, 0.1, 0, 0.8), *record = run(h, values, h->world);
    if (team_rank(h->world) == 0) {
        EXPECT(h, record_integer(record, "block") == 5);
        EXPECT(h, record_integer(record, "patterns") == 50);
        EXPECT(h, record_integer(record, "successes") == 3);
        EXPECT(h, record_integer(record, "unstable") + record_integer(record, "capped") == 0);
        EXPECT(h, record_integer(record, "changed_blocks") > 0);
        const struct value *flips = record_value(record, "flips"), *sweeps = record_value(record, "sweeps");
        const struct value *each = record_value(record, "sweep_flips");
        int64_t total = 0, looks = 3;
        for (size_t t = 0; t < 3; t++)
            total += flips->integers[t], looks += sweeps->integers[t];
        for (size_t s = 0; s < each->count; s++)
            total -= each->integers[s];
        EXPECT(h, total == 0 && flips->integers[0] >= 45);
        EXPECT(h, record_real(record, "additions") == (double)(looks * 500 * 50));
    }
    record_destroy(&values);
    record_destroy(&record);
}

static void blocks_larger_than_the_network_are_refused(struct harness *h) {
    struct record *values = unit(h, 100, 0.1, 0, 1);
    struct error error = {STATUS_OK, ""};
    EXPECT(h, record_integer(values, "block") == 1);
    EXPECT(h, record_set_integer(values, "block", 101) == STATUS_OK);
    enum status status =
        experiment_named("hopfield_blocks")->resolve(values, &(struct resources){1, 1}, &error);
    EXPECT(h, status == STATUS_INVALID && strstr(error.text, "block"));
    record_destroy(&values);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(records_are_those_of_one_rank),
        PROPERTY(columns_fit_together),
        PROPERTY(blocks_larger_than_the_network_are_refused),
        {NULL, NULL},
    };
    return harness_main("test_blocks_unit", properties);
}
