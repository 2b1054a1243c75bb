/* Couplings in 8 bits with exceptions, in 16 bits, fields of 16 and 32 bits, and patterns without couplings:
 * the same flips in the same order, under every kernel table. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"
#include "associative_case.h"

enum { TRIALS_MAX = 40, FLIPS_MAX = 4000 };

struct flip_log {
    size_t counts[TRIALS_MAX];
    uint32_t neurons[TRIALS_MAX][FLIPS_MAX];
};

static void log_flip(void *context, size_t trial, size_t neuron) {
    struct flip_log *log = context;
    if (log->counts[trial] < FLIPS_MAX) log->neurons[trial][log->counts[trial]] = (uint32_t)neuron;
    log->counts[trial]++;
}

/* Runs from the starts with one engine; the log says what flipped. */
static struct associative_result run(const struct associative_case *c, const struct patterns *patterns,
                                     const int8_t *starts, enum hopfield_engine engine,
                                     struct flip_log *log) {
    struct associative_result result = {
        .spins = memory_allocate(c->trials, c->neurons),
        .outcomes = memory_allocate(c->trials, sizeof *result.outcomes),
    };
    struct hopfield *network;
    struct error error = {STATUS_OK, ""};
    struct flip_observer observer = {log_flip, log};
    struct hopfield_settings settings = {.key = c->key, .observer = &observer};
    assert_true(result.spins && result.outcomes);
    memset(log, 0, sizeof *log);
    memcpy(result.spins, starts, c->trials * c->neurons);
    assert_int_equal(hopfield_create_engine(c->rule, patterns, engine, &network, &error), STATUS_OK);
    assert_int_equal(
        hopfield_retrieve(network, c->dynamics, &settings, c->trials, result.spins, result.outcomes, &error),
        STATUS_OK);
    hopfield_destroy(&network);
    return result;
}

/* Both engines under all kernel tables and dynamics; returns the number of flips. */
static size_t compare_engines(struct associative_case c, const struct patterns *patterns) {
    static struct flip_log expected, found;
    const char *chosen = kernels()->name;
    size_t flips = 0;
    int8_t *starts = case_starts(&c, patterns);
    for (const struct dynamics *const *dynamics = dynamics_all(); *dynamics; dynamics++) {
        c.dynamics = *dynamics;
        assert_int_equal(kernels_choose("portable"), STATUS_OK);
        struct associative_result plain = run(&c, patterns, starts, HOPFIELD_PATTERNS, &expected);
        for (const struct kernels *const *table = kernels_built(); *table; table++) {
            if (!(*table)->supported()) continue;
            assert_int_equal(kernels_choose((*table)->name), STATUS_OK);
            for (enum hopfield_engine engine = HOPFIELD_COUPLINGS; engine <= HOPFIELD_PATTERNS; engine++) {
                struct associative_result other = run(&c, patterns, starts, engine, &found);
                case_assert_equal(&c, &plain, &other);
                assert_memory_equal(&found, &expected, sizeof found);
                case_clear(&other);
            }
        }
        for (size_t t = 0; t < c.trials; t++)
            flips += plain.outcomes[t].flips;
        case_clear(&plain);
    }
    assert_int_equal(kernels_choose(chosen), STATUS_OK);
    memory_free(starts);
    return flips;
}

static struct couplings *learn(const struct patterns *patterns) {
    struct couplings *couplings;
    struct error error;
    assert_int_equal(rule_hebb.learn(patterns, &couplings, &error), STATUS_OK);
    return couplings;
}

/* Each entry against a count of agreeing patterns, one by one. */
static void check_entries(const struct patterns *patterns, const struct couplings *couplings) {
    for (size_t i = 0; i < patterns->neurons; i++)
        for (size_t j = 0; j <= i; j++) {
            int32_t sum = 0;
            for (size_t p = 0; p < patterns->count; p++) {
                uint64_t differ = patterns->by_neuron[i * patterns->words_per_neuron + p / 64] ^
                                  patterns->by_neuron[j * patterns->words_per_neuron + p / 64];
                sum += differ >> p % 64 & 1 ? -1 : 1;
            }
            if (i == j) sum = 0;
            assert_true(couplings_entry(couplings, i, j) == sum);
            assert_true(couplings_entry(couplings, j, i) == sum);
        }
}

/* Sizes on both sides of whole tiles and words, odd and even, more trials than a batch has lanes. */
static void all_engines_flip_the_same_neurons(void **state) {
    (void)state;
    const size_t sizes[][2] = {{64, 9}, {65, 12}, {127, 31}, {128, 20}, {193, 65}, {150, 129}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct associative_case c = {&rule_hebb, NULL, sizes[s][0], sizes[s][1], 35, 0.4, 7 + s};
        struct patterns *patterns = case_patterns(&c);
        assert_true(compare_engines(c, patterns) > 0);
        patterns_destroy(&patterns);
    }
}

/* Many flips wait for their turn at once, so that several are done in one pass and some taken back. */
static void large_networks_flip_the_same_neurons(void **state) {
    (void)state;
    const size_t sizes[][2] = {{2000, 276}, {2051, 283}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct associative_case c = {&rule_hebb, NULL, sizes[s][0], sizes[s][1], 2, 0.8, 11 + s};
        struct patterns *patterns = case_patterns(&c);
        assert_true(compare_engines(c, patterns) > sizes[s][0] / 10);
        patterns_destroy(&patterns);
    }
}

static void couplings_too_large_for_8_bits_are_exceptions(void **state) {
    (void)state;
    for (size_t odd = 0; odd < 2; odd++) {
        struct associative_case c = {&rule_hebb, NULL, 200, 6000 + odd, 4, 0.9, 3};
        struct patterns *patterns = case_patterns(&c);
        struct couplings *couplings = learn(patterns);
        assert_int_equal(couplings->kind, COUPLINGS_HALF);
        assert_true(couplings->halves.first_exceptions[200] > 0);
        assert_true(couplings->halves.largest > 255);
        check_entries(patterns, couplings);
        couplings_destroy(&couplings);
        assert_true(compare_engines(c, patterns) > 0);
        patterns_destroy(&patterns);
    }
}

/* Forty neurons in pairs that agree in three patterns of five: few couplings are exceptions, and large. */
static void make_pairs_agree(struct patterns *patterns) {
    int8_t *spins = memory_allocate(patterns->neurons, 1);
    assert_non_null(spins);
    for (size_t p = 0; p < patterns->count; p++) {
        patterns_spins(patterns, p, spins);
        for (size_t i = 0; i < 40; i += 2)
            if (random_uniform(random_source(9, RANDOM_CHOICE, (uint32_t)p), i) < 0.2)
                spins[i + 1] = spins[i];
        patterns_set(patterns, p, spins);
    }
    memory_free(spins);
}

/* What a row lacks can alone make a neuron unstable whose turn is still to come. */
static void neurons_that_an_exception_makes_unstable_have_their_turn(void **state) {
    (void)state;
    for (size_t n = 0; n < 4; n++) {
        struct associative_case c = {&rule_hebb, NULL, 64 + n, 2000 + n % 2, 12, 0, 20 + n};
        struct patterns *patterns = case_patterns(&c);
        make_pairs_agree(patterns);
        struct couplings *couplings = learn(patterns);
        assert_int_equal(couplings->kind, COUPLINGS_HALF);
        assert_true(couplings->halves.first_exceptions[c.neurons] >= 40);
        couplings_destroy(&couplings);
        assert_true(compare_engines(c, patterns) > 0);
        patterns_destroy(&patterns);
    }
}

/* Copies of a few patterns: couplings and fields are larger than those of random ones. */
static struct patterns *repeated_patterns(const struct associative_case *c, size_t distinct) {
    struct associative_case few = *c;
    few.patterns = distinct;
    struct patterns *drawn = case_patterns(&few), *repeated;
    int8_t *spins = memory_allocate(c->neurons, 1);
    assert_int_equal(patterns_create(c->neurons, c->patterns, &repeated), STATUS_OK);
    for (size_t p = 0; p < c->patterns; p++) {
        patterns_spins(drawn, p % distinct, spins);
        patterns_set(repeated, p, spins);
    }
    memory_free(spins);
    patterns_destroy(&drawn);
    return repeated;
}

static void correlated_patterns_take_16_bits(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, NULL, 100, 901, 5, 0.5, 4};
    struct patterns *patterns = repeated_patterns(&c, 5);
    struct couplings *couplings = learn(patterns);
    assert_int_equal(couplings->kind, COUPLINGS_INTEGER);
    check_entries(patterns, couplings);
    couplings_destroy(&couplings);
    assert_true(compare_engines(c, patterns) > 0);
    patterns_destroy(&patterns);
}

/* Halves of fields reach N P / 2 = 47 500 at a pattern and start far below: 16 bits hold them at first only.
 */
static void fields_that_outgrow_16_bits_become_wider(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, NULL, 380, 250, 5, 0.2, 5};
    struct patterns *patterns = repeated_patterns(&c, 1);
    struct couplings *couplings = learn(patterns);
    assert_int_equal(couplings->kind, COUPLINGS_HALF);
    couplings_destroy(&couplings);
    assert_true(compare_engines(c, patterns) > 5 * 380 / 4);
    c.initial_overlap = 0.95; /* too large from the start */
    assert_true(compare_engines(c, patterns) > 0);
    patterns_destroy(&patterns);
}

/* Halves of fields reach N P / 2 = 30 000 in steps of 240: at most a dozen flips are safe before the largest
 * is looked for again, and fewer than a pass could do near the end. */
static void sums_near_the_end_of_16_bits_stay_right(void **state) {
    (void)state;
    for (size_t odd = 0; odd < 2; odd++) {
        struct associative_case c = {&rule_hebb, NULL, 250 + odd, 240 + odd, 5, 0.3, 8};
        struct patterns *patterns = repeated_patterns(&c, 1);
        assert_true(compare_engines(c, patterns) > 0);
        patterns_destroy(&patterns);
    }
}

/* P beyond what couplings hold: patterns are the only engine, and checked by the sums of squares. */
static void more_patterns_than_couplings_hold_are_retrieved(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, &dynamics_asynchronous, 66, 33000, 2, 0.6, 6};
    struct patterns *patterns = repeated_patterns(&c, 1);
    int8_t *starts = case_starts(&c, patterns);
    struct associative_result result = case_run(&c, patterns, starts, NULL);
    for (size_t t = 0; t < c.trials; t++)
        assert_int_equal(patterns_overlap(patterns, 0, result.spins + t * 66), 66);
    struct hopfield *network;
    struct error error;
    assert_int_equal(hopfield_create_engine(&rule_hebb, patterns, HOPFIELD_COUPLINGS, &network, &error),
                     STATUS_UNSUPPORTED);
    case_clear(&result);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void rules_without_walks_are_refused_without_couplings(void **state) {
    (void)state;
    struct associative_case c = {&rule_pseudo_inverse, NULL, 66, 20, 1, 1, 6};
    struct patterns *patterns = case_patterns(&c);
    struct hopfield *network;
    struct error error;
    assert_int_equal(hopfield_create_engine(c.rule, patterns, HOPFIELD_PATTERNS, &network, &error),
                     STATUS_UNSUPPORTED);
    assert_non_null(strstr(error.text, "couplings"));
    patterns_destroy(&patterns);
}

/* Walks need no sums of subsets of overlaps, which would be most of the memory here. */
static void the_memory_of_walks_is_planned(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, &dynamics_asynchronous, 64, 40000, 8, 0.9, 5};
    static struct flip_log log;
    assert_int_equal(engine_choose(c.rule, c.neurons, c.patterns, c.trials), HOPFIELD_PATTERNS);
    double planned = hopfield_bytes(c.rule, c.neurons, c.patterns, c.trials);
    size_t before = memory_in_use();
    memory_reset_high_water();
    struct patterns *patterns = case_patterns(&c);
    int8_t *starts = case_starts(&c, patterns);
    struct associative_result result = run(&c, patterns, starts, HOPFIELD_PATTERNS, &log);
    double used = (double)(memory_high_water() - before);
    assert_true(used <= planned + 65536);
    assert_true(planned <= 1.1 * used);
    assert_true(used < 128.0 * (double)c.patterns);
    case_clear(&result);
    memory_free(starts);
    patterns_destroy(&patterns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_engines_flip_the_same_neurons),
        cmocka_unit_test(large_networks_flip_the_same_neurons),
        cmocka_unit_test(sums_near_the_end_of_16_bits_stay_right),
        cmocka_unit_test(couplings_too_large_for_8_bits_are_exceptions),
        cmocka_unit_test(neurons_that_an_exception_makes_unstable_have_their_turn),
        cmocka_unit_test(correlated_patterns_take_16_bits),
        cmocka_unit_test(fields_that_outgrow_16_bits_become_wider),
        cmocka_unit_test(more_patterns_than_couplings_hold_are_retrieved),
        cmocka_unit_test(rules_without_walks_are_refused_without_couplings),
        cmocka_unit_test(the_memory_of_walks_is_planned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
