/* The harness itself: what breaks on one rank fails on every rank. */
#include <stdlib.h>

#include "harness.h"

static void only_the_last_rank_is_wrong(struct harness *h) {
    EXPECT(h, team_rank(h->world) < team_size(h->world) - 1);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(only_the_last_rank_is_wrong),
        {NULL, NULL},
    };
    return harness_main("test_harness", properties) == EXIT_FAILURE ? EXIT_SUCCESS : EXIT_FAILURE;
}
