/* Small networks for the tests of core/associative. */
#ifndef TESTS_CORE_ASSOCIATIVE_CASE_H
#define TESTS_CORE_ASSOCIATIVE_CASE_H

#include "core/associative/hopfield.h"

/* A network of random patterns and starts at a given overlap with them. */
struct associative_case {
    const struct learning_rule *rule;
    const struct dynamics *dynamics;
    size_t neurons, patterns, trials;
    double initial_overlap;
    uint64_t key;
};

/* What came out. */
struct associative_result {
    int8_t *spins; /* [trials][neurons] */
    struct outcome *outcomes;
};

/* The patterns of a case, as drawn. */
struct patterns *case_patterns(const struct associative_case *c);

/* The starts of a case: trial t at pattern t * patterns / trials. Give back with memory_free. */
int8_t *case_starts(const struct associative_case *c, const struct patterns *patterns);

/* Learns and retrieves; stops the test when something fails. Takes over neither patterns nor starts. */
struct associative_result case_run(const struct associative_case *c, const struct patterns *patterns,
                                   const int8_t *starts, const struct flip_observer *observer);
void case_clear(struct associative_result *result);

/* Stops the test unless all trials have the same final states and outcomes. */
void case_assert_equal(const struct associative_case *c, const struct associative_result *a,
                       const struct associative_result *b);

#endif
