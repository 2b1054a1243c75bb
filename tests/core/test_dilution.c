/* Diluted couplings: which directions are kept, and what networks of them do. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/associative/dilution.h"
#include "core/base/memory.h"
#include "associative_case.h"

enum { NEURONS = 301, PATTERNS = 41 }; /* an odd number of patterns: no coupling is 0 before */

static struct couplings *diluted(size_t neurons, size_t patterns, double kept, double asymmetry) {
    struct associative_case c = {.neurons = neurons, .patterns = patterns, .key = 20271};
    struct patterns *set = case_patterns(&c);
    struct couplings *learned, *made;
    struct dilution dilution = {.key = 20272, .kept = kept, .asymmetry = asymmetry};
    struct error error;
    assert_int_equal(rule_hebb.learn(set, &learned, &error), STATUS_OK);
    assert_int_equal(couplings_dilute(learned, &dilution, &made), STATUS_OK);
    couplings_destroy(&learned);
    patterns_destroy(&set);
    return made;
}

/* Directions kept, those of them whose opposite is kept too, and pairs of which both are. */
struct census {
    double kept, with_opposite;
};

static struct census count(const struct couplings *couplings) {
    struct census census = {0, 0};
    for (size_t j = 0; j < couplings->neurons; j++)
        for (size_t i = 0; i < couplings->neurons; i++) {
            if (couplings_entry(couplings, j, i) == 0) continue;
            census.kept++;
            census.with_opposite += couplings_entry(couplings, i, j) != 0;
        }
    return census;
}

/* 45150 pairs. A share of them strays by five standard deviations once in 1.7 million; 12 are looked at, with
 * one key for good. */
static void shares_kept_are_those_asked_for(void **state) {
    (void)state;
    const double kept[] = {0.1, 0.5, 0.9}, asymmetry[] = {0, 0.3, 1};
    double pairs = NEURONS * (NEURONS - 1) / 2.0;
    for (size_t k = 0; k < 9; k++) {
        double c = kept[k % 3], a = asymmetry[k / 3];
        struct couplings *couplings = diluted(NEURONS, PATTERNS, c, a);
        struct census census = count(couplings);
        /* Two directions of a pair are worth as much as one where they are decided together. */
        double bound = 5 * sqrt(c * (1 - c) / pairs);
        assert_true(fabs(census.kept / (2 * pairs) - c) < bound);
        double both = c * (1 - a * (1 - c));
        assert_true(fabs(census.with_opposite / (2 * pairs) - both) <= 5 * sqrt(both * (1 - both) / pairs));
        if (a == 0) assert_true(census.kept == census.with_opposite);
        couplings_destroy(&couplings);
    }
}

static void kept_couplings_are_those_learned(void **state) {
    (void)state;
    /* Beyond 254 patterns halves have exceptions; beyond some thousand couplings are integers from the start.
     */
    const size_t patterns[] = {1, 41, 600, 12000}, neurons[] = {301, 301, 200, 70};
    for (size_t k = 0; k < 4; k++) {
        struct associative_case c = {.neurons = neurons[k], .patterns = patterns[k], .key = 20271};
        struct patterns *set = case_patterns(&c);
        struct couplings *learned;
        struct error error;
        assert_int_equal(rule_hebb.learn(set, &learned, &error), STATUS_OK);
        assert_true((k == 3) == (learned->kind == COUPLINGS_INTEGER));
        struct couplings *all = diluted(neurons[k], patterns[k], 1, 1);
        struct couplings *some = diluted(neurons[k], patterns[k], 0.5, 1);
        for (size_t j = 0; j < neurons[k]; j++)
            for (size_t i = 0; i < neurons[k]; i++) {
                double before = couplings_entry(learned, j, i), after = couplings_entry(some, j, i);
                assert_true(couplings_entry(all, j, i) == before);
                assert_true(after == before || after == 0);
            }
        couplings_destroy(&learned);
        couplings_destroy(&all);
        couplings_destroy(&some);
        patterns_destroy(&set);
    }
}

static void what_is_kept_stays_when_more_is_kept(void **state) {
    (void)state;
    struct couplings *few = diluted(NEURONS, PATTERNS, 0.2, 0.7),
                     *more = diluted(NEURONS, PATTERNS, 0.4, 0.7);
    for (size_t j = 0; j < NEURONS; j++)
        for (size_t i = 0; i < NEURONS; i++)
            if (couplings_entry(few, j, i) != 0) assert_true(couplings_entry(more, j, i) != 0);
    couplings_destroy(&few);
    couplings_destroy(&more);
}

static void couplings_do_not_depend_on_threads(void **state) {
    (void)state;
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    struct couplings *one = diluted(NEURONS, PATTERNS, 0.3, 0.5);
    omp_set_num_threads(3);
    struct couplings *three = diluted(NEURONS, PATTERNS, 0.3, 0.5);
    omp_set_num_threads(threads);
    assert_memory_equal(one->integers, three->integers, NEURONS * one->stride * sizeof *one->integers);
    couplings_destroy(&one);
    couplings_destroy(&three);
}

/* Retrieves in a network diluted by Hebb's rule. */
static struct associative_result retrieve(const struct associative_case *c, const struct patterns *patterns,
                                          const struct dilution *dilution, const int8_t *starts) {
    struct associative_result result = {memory_allocate(c->trials, c->neurons),
                                        memory_allocate(c->trials, sizeof *result.outcomes)};
    struct hopfield *network;
    struct error error;
    assert_true(result.spins && result.outcomes);
    memcpy(result.spins, starts, c->trials * c->neurons);
    assert_int_equal(hopfield_create_diluted(c->rule, patterns, dilution, &network, &error), STATUS_OK);
    struct hopfield_settings settings = {.key = c->key, .sweep_cap = 300};
    assert_int_equal(
        hopfield_retrieve(network, c->dynamics, &settings, c->trials, result.spins, result.outcomes, &error),
        STATUS_OK);
    hopfield_destroy(&network);
    return result;
}

static struct associative_case usual_case(const struct dynamics *dynamics) {
    return (struct associative_case){.rule = &rule_hebb,
                                     .dynamics = dynamics,
                                     .neurons = 200,
                                     .patterns = 26,
                                     .trials = 12,
                                     .initial_overlap = 0.6,
                                     .key = 20273};
}

static void a_network_that_keeps_all_is_the_undiluted_one(void **state) {
    (void)state;
    for (const struct dynamics *const *dynamics = dynamics_all(); *dynamics; dynamics++) {
        struct associative_case c = usual_case(*dynamics);
        struct dilution all = {.key = 1, .kept = 1, .asymmetry = 0.5};
        struct patterns *patterns = case_patterns(&c);
        int8_t *starts = case_starts(&c, patterns);
        struct associative_result plain = case_run(&c, patterns, starts, NULL);
        struct associative_result kept = retrieve(&c, patterns, &all, starts);
        case_assert_equal(&c, &plain, &kept);
        assert_true(plain.outcomes[0].flips > 0);
        case_clear(&plain);
        case_clear(&kept);
        memory_free(starts);
        patterns_destroy(&patterns);
    }
}

/* What a plain loop over couplings_entry finds: directions respected, in which row j acts on the others. */
static void step_plainly(const struct couplings *couplings, const int8_t *spins, int8_t *after) {
    for (size_t i = 0; i < couplings->neurons; i++) {
        double field = 0;
        for (size_t j = 0; j < couplings->neurons; j++)
            field += couplings_entry(couplings, j, i) * spins[j];
        after[i] = (int8_t)(field * spins[i] < 0 ? -spins[i] : spins[i]);
    }
}

static void one_synchronous_step_is_that_of_a_plain_loop(void **state) {
    (void)state;
    struct associative_case c = usual_case(&dynamics_synchronous);
    struct dilution dilution = {.key = 20272, .kept = 0.3, .asymmetry = 1};
    struct patterns *patterns = case_patterns(&c);
    int8_t *starts = case_starts(&c, patterns), *spins = case_starts(&c, patterns), after[200];
    struct outcome outcomes[12];
    struct hopfield *network;
    struct error error;
    assert_int_equal(hopfield_create_diluted(c.rule, patterns, &dilution, &network, &error), STATUS_OK);
    struct hopfield_settings once = {.key = c.key, .sweep_cap = 1};
    assert_int_equal(hopfield_retrieve(network, c.dynamics, &once, c.trials, spins, outcomes, &error),
                     STATUS_OK);
    for (size_t t = 0; t < c.trials; t++) {
        step_plainly(hopfield_couplings(network), starts + t * c.neurons, after);
        assert_memory_equal(spins + t * c.neurons, after, c.neurons);
    }
    hopfield_destroy(&network);
    memory_free(starts);
    memory_free(spins);
    patterns_destroy(&patterns);
}

static uint64_t sum_of_checks(const struct associative_case *c, const struct associative_result *result,
                              uint64_t *rises, size_t *capped) {
    uint64_t checks = *rises = *capped = 0;
    for (size_t t = 0; t < c->trials; t++) {
        checks += result->outcomes[t].energy_checks;
        *rises += result->outcomes[t].energy_rises;
        *capped += result->outcomes[t].capped;
    }
    return checks;
}

/* With one key for good; that few connections, each by itself, keep synchronous updates from ending is what
 * the dilution is for. */
static void energy_is_claimed_of_symmetric_dilution_alone(void **state) {
    (void)state;
    for (const struct dynamics *const *dynamics = dynamics_all(); *dynamics; dynamics++)
        for (int asymmetric = 0; asymmetric < 2; asymmetric++) {
            struct associative_case c = usual_case(*dynamics);
            c.neurons = 400;
            c.patterns = 60;
            struct dilution dilution = {.key = 3, .kept = 0.1, .asymmetry = asymmetric};
            struct patterns *patterns = case_patterns(&c);
            int8_t *starts = case_starts(&c, patterns);
            struct associative_result result = retrieve(&c, patterns, &dilution, starts);
            uint64_t rises;
            size_t capped;
            uint64_t checks = sum_of_checks(&c, &result, &rises, &capped);
            assert_int_equal(rises, 0);
            assert_true((checks > 0) == !asymmetric);
            assert_true((capped > 0) == asymmetric);
            case_clear(&result);
            memory_free(starts);
            patterns_destroy(&patterns);
        }
}

static void given_couplings_are_checked(void **state) {
    (void)state;
    struct associative_case small = {.neurons = 20, .patterns = 3, .key = 1};
    struct patterns *few = case_patterns(&small);
    struct couplings *couplings, *diluted_copy;
    struct hopfield *network;
    struct error error;
    const enum couplings_kind kinds[] = {COUPLINGS_HALF, COUPLINGS_INTEGER, COUPLINGS_INTEGER,
                                         COUPLINGS_REAL};
    const size_t neurons[] = {20, 21, 20, 20};
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(couplings_create(kinds[k], neurons[k], &couplings), STATUS_OK);
        enum status status = hopfield_create_couplings(few, &couplings, true, &network, &error);
        assert_int_equal(status, k < 2 ? STATUS_UNSUPPORTED : STATUS_OK);
        assert_true((couplings != NULL) == (network == NULL)); /* taken over, or not */
        couplings_destroy(&couplings);
        hopfield_destroy(&network);
    }
    assert_int_equal(couplings_create(COUPLINGS_REAL, 20, &couplings), STATUS_OK);
    struct dilution dilution = {.kept = 0.5};
    assert_int_equal(couplings_dilute(couplings, &dilution, &diluted_copy), STATUS_UNSUPPORTED);
    dilution.kept = 1.5;
    assert_int_equal(couplings_dilute(couplings, &dilution, &diluted_copy), STATUS_INVALID);
    couplings_destroy(&couplings);
    patterns_destroy(&few);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_kept_are_those_asked_for),
        cmocka_unit_test(kept_couplings_are_those_learned),
        cmocka_unit_test(what_is_kept_stays_when_more_is_kept),
        cmocka_unit_test(couplings_do_not_depend_on_threads),
        cmocka_unit_test(a_network_that_keeps_all_is_the_undiluted_one),
        cmocka_unit_test(one_synchronous_step_is_that_of_a_plain_loop),
        cmocka_unit_test(energy_is_claimed_of_symmetric_dilution_alone),
        cmocka_unit_test(given_couplings_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
