#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "associative_case.h"

struct patterns *case_patterns(const struct associative_case *c) {
    struct patterns *patterns;
    assert_int_equal(patterns_create(c->neurons, c->patterns, &patterns), STATUS_OK);
    patterns_draw(patterns, c->key);
    return patterns;
}

int8_t *case_starts(const struct associative_case *c, const struct patterns *patterns) {
    int8_t *starts = memory_allocate(c->trials, c->neurons);
    assert_non_null(starts);
    size_t flips = patterns_flips_for(c->neurons, c->initial_overlap);
    for (size_t t = 0; t < c->trials; t++) {
        patterns_spins(patterns, t * c->patterns / c->trials, starts + t * c->neurons);
        struct random_source source = random_source(c->key, RANDOM_START, (uint32_t)t);
        assert_int_equal(patterns_disturb(c->neurons, flips, source, starts + t * c->neurons), STATUS_OK);
    }
    return starts;
}

struct associative_result case_run(const struct associative_case *c, const struct patterns *patterns,
                                   const int8_t *starts, const struct flip_observer *observer) {
    struct associative_result result = {
        .spins = memory_allocate(c->trials, c->neurons),
        .outcomes = memory_allocate(c->trials, sizeof *result.outcomes),
    };
    assert_non_null(result.spins);
    assert_non_null(result.outcomes);
    memcpy(result.spins, starts, c->trials * c->neurons);
    struct hopfield *network;
    struct error error = {STATUS_OK, ""};
    assert_int_equal(hopfield_create(c->rule, patterns, HOPFIELD_MANY_TRIALS, &network, &error), STATUS_OK);
    struct hopfield_settings settings = {.key = c->key, .observer = observer};
    assert_int_equal(
        hopfield_retrieve(network, c->dynamics, &settings, c->trials, result.spins, result.outcomes, &error),
        STATUS_OK);
    hopfield_destroy(&network);
    return result;
}

void case_clear(struct associative_result *result) {
    memory_free(result->spins);
    memory_free(result->outcomes);
}

void case_assert_equal(const struct associative_case *c, const struct associative_result *a,
                       const struct associative_result *b) {
    assert_memory_equal(a->spins, b->spins, c->trials * c->neurons);
    for (size_t t = 0; t < c->trials; t++) {
        assert_int_equal(a->outcomes[t].flips, b->outcomes[t].flips);
        assert_int_equal(a->outcomes[t].sweeps, b->outcomes[t].sweeps);
        assert_int_equal(a->outcomes[t].cycle, b->outcomes[t].cycle);
        assert_int_equal(a->outcomes[t].energy_checks, b->outcomes[t].energy_checks);
    }
}
