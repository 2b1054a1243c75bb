/* Patterns as bits, what each rule promises for itself, and the numbers of theory. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "associative_case.h"

/* --- patterns ------------------------------------------------------------------------------------- */

static int bit(const uint64_t *row, size_t index) {
    return (int)(row[index / 64] >> index % 64 & 1);
}

static void both_orders_of_bits_agree(void **state) {
    (void)state;
    const size_t sizes[][2] = {{1, 1}, {63, 65}, {64, 64}, {130, 7}, {200, 129}};
    for (size_t s = 0; s < 5; s++) {
        struct associative_case c = {.neurons = sizes[s][0], .patterns = sizes[s][1], .key = 5};
        struct patterns *p = case_patterns(&c);
        for (size_t i = 0; i < p->words_per_neuron * 64 * p->neurons; i++) {
            size_t neuron = i / (p->words_per_neuron * 64), pattern = i % (p->words_per_neuron * 64);
            int expected =
                pattern < p->count ? bit(p->by_pattern + pattern * p->words_per_pattern, neuron) : 0;
            assert_int_equal(bit(p->by_neuron + neuron * p->words_per_neuron, pattern), expected);
        }
        for (size_t pattern = 0; pattern < p->count; pattern++)
            for (size_t i = p->neurons; i < p->words_per_pattern * 64; i++)
                assert_int_equal(bit(p->by_pattern + pattern * p->words_per_pattern, i), 0);
        patterns_destroy(&p);
    }
}

static void setting_a_pattern_changes_that_pattern_only(void **state) {
    (void)state;
    struct associative_case c = {.neurons = 90, .patterns = 70, .key = 6};
    struct patterns *drawn = case_patterns(&c), *copied;
    int8_t spins[90];
    assert_int_equal(patterns_create(90, 70, &copied), STATUS_OK);
    for (size_t p = 70; p-- > 0;) {
        patterns_spins(drawn, p, spins);
        patterns_set(copied, p, spins);
        assert_int_equal(patterns_overlap(copied, p, spins), 90);
    }
    assert_memory_equal(copied->by_neuron, drawn->by_neuron, 90 * drawn->words_per_neuron * 8);
    assert_memory_equal(copied->by_pattern, drawn->by_pattern, 70 * drawn->words_per_pattern * 8);
    patterns_destroy(&drawn);
    patterns_destroy(&copied);
}

static void a_larger_set_begins_with_the_smaller(void **state) {
    (void)state;
    struct associative_case small = {.neurons = 100, .patterns = 40, .key = 8}, large = small;
    large.patterns = 100;
    struct patterns *a = case_patterns(&small), *b = case_patterns(&large);
    assert_memory_equal(a->by_pattern, b->by_pattern, 40 * a->words_per_pattern * sizeof *a->by_pattern);
    patterns_destroy(&a);
    patterns_destroy(&b);
}

static void disturbing_flips_exactly_as_many_neurons(void **state) {
    (void)state;
    const double overlaps[] = {1, 0.995, 0.5, 0.2, 0};
    for (size_t k = 0; k < 5; k++) {
        struct associative_case c = {
            .neurons = 333, .patterns = 3, .trials = 3, .initial_overlap = overlaps[k], .key = 9};
        struct patterns *patterns = case_patterns(&c);
        int8_t *starts = case_starts(&c, patterns);
        int64_t flips = (int64_t)patterns_flips_for(333, overlaps[k]);
        assert_true(fabs((double)flips - 333 * (1 - overlaps[k]) / 2) <= 0.5);
        for (size_t t = 0; t < 3; t++)
            assert_int_equal(patterns_overlap(patterns, t, starts + t * 333), 333 - 2 * flips);
        memory_free(starts);
        patterns_destroy(&patterns);
    }
}

/* --- rules ---------------------------------------------------------------------------------------- */

static void sizes_beyond_couplings_take_patterns(void **state) {
    (void)state;
    struct error error;
    assert_int_equal(rule_hebb.check((size_t)1 << 24, (size_t)1 << 24, &error), STATUS_OK);
    assert_int_equal(rule_hebb.check(((size_t)1 << 24) + 1, 1, &error), STATUS_UNSUPPORTED);
    assert_int_equal(engine_choose(&rule_hebb, 40000, 32767, 1000000), HOPFIELD_COUPLINGS);
    assert_int_equal(engine_choose(&rule_hebb, 40000, 32768, 1000000), HOPFIELD_PATTERNS);
    assert_int_equal(engine_choose(&rule_hebb, INT32_MAX / 30000 + 1, 30000, 1000000), HOPFIELD_PATTERNS);
    assert_int_equal(engine_choose(&rule_hebb, 1000000, 138000, 1000000), HOPFIELD_PATTERNS);
    assert_int_equal(engine_choose(&rule_hebb, 10000, 1380, 1380), HOPFIELD_COUPLINGS);
    assert_int_equal(engine_choose(&rule_hebb, 10000, 1380, 1), HOPFIELD_PATTERNS);
    assert_int_equal(engine_choose(&rule_pseudo_inverse, 10000, 1380, 1), HOPFIELD_COUPLINGS);
    assert_string_equal(hopfield_engine_name(&rule_hebb, 10000, 1380, 1380), "couplings in 8 bits");
    assert_string_equal(hopfield_engine_name(&rule_hebb, 60000, 12000, 1000000), "couplings in 16 bits");
}

/* Identical patterns give the largest fields there are. */
static void the_largest_fields_are_exact(void **state) {
    (void)state;
    enum { NEURONS = 70, PATTERNS = 32767 };
    struct patterns *patterns;
    struct hopfield *network;
    struct error error;
    int8_t spins[NEURONS];
    struct outcome outcome;
    assert_int_equal(patterns_create(NEURONS, PATTERNS, &patterns), STATUS_OK);
    memset(patterns->by_neuron, 0xff, NEURONS * patterns->words_per_neuron * sizeof(uint64_t));
    for (size_t i = 0; i < NEURONS; i++) /* all patterns are +1; the spare bit of each row is cleared */
        patterns->by_neuron[(i + 1) * patterns->words_per_neuron - 1] >>= 1;
    memset(spins, 1, sizeof spins);
    for (size_t p = 0; p < PATTERNS; p++)
        patterns_pack(patterns, spins, patterns->by_pattern + p * patterns->words_per_pattern);
    assert_int_equal(hopfield_create(&rule_hebb, patterns, HOPFIELD_MANY_TRIALS, &network, &error),
                     STATUS_OK);
    assert_true(couplings_entry(hopfield_couplings(network), 0, 1) == PATTERNS);
    for (size_t i = 0; i < 30; i++)
        spins[i] = -1;
    struct hopfield_settings settings = {.key = 1};
    assert_int_equal(
        hopfield_retrieve(network, &dynamics_asynchronous, &settings, 1, spins, &outcome, &error), STATUS_OK);
    assert_int_equal(patterns_overlap(patterns, 0, spins), NEURONS);
    assert_int_equal(outcome.flips, 30);
    hopfield_destroy(&network);
    patterns_destroy(&patterns);
}

static void couplings_have_the_form_that_the_table_says(void **state) {
    (void)state;
    for (const struct learning_rule *const *rule = learning_rules(); *rule; rule++) {
        struct associative_case c = {.neurons = 165, .patterns = 41, .key = 10};
        struct patterns *patterns = case_patterns(&c);
        struct couplings *couplings;
        struct error error;
        assert_int_equal((*rule)->learn(patterns, &couplings, &error), STATUS_OK);
        size_t asymmetric = 0;
        for (size_t i = 0; i < couplings->neurons; i++) {
            double diagonal = couplings_entry(couplings, i, i);
            assert_true((*rule)->diagonal ? diagonal > 0 : diagonal == 0);
            for (size_t j = 0; j < couplings->neurons; j++)
                asymmetric += couplings_entry(couplings, i, j) != couplings_entry(couplings, j, i);
        }
        assert_true((*rule)->symmetric ? asymmetric == 0 : asymmetric > 0);
        assert_int_equal(couplings->unlearned, 0);
        couplings_destroy(&couplings);
        patterns_destroy(&patterns);
    }
}

/* A projector P maps each pattern to itself, so without its diagonal xi_i h_i = 1 - P_ii for every pattern;
 * and its trace is the number of independent patterns. */
static void check_projector(size_t distinct, size_t repeated) {
    enum { NEURONS = 120 };
    struct associative_case c = {.neurons = NEURONS, .patterns = distinct, .key = 11};
    struct patterns *drawn = case_patterns(&c), *patterns;
    struct couplings *couplings;
    struct error error;
    struct state *fields;
    int8_t spins[NEURONS];
    double diagonal[NEURONS] = {0}, trace = 0;
    assert_int_equal(patterns_create(NEURONS, distinct + repeated, &patterns), STATUS_OK);
    for (size_t p = 0; p < distinct + repeated; p++) {
        patterns_spins(drawn, p % distinct, spins);
        patterns_set(patterns, p, spins);
    }
    assert_int_equal(rule_pseudo_inverse.learn(patterns, &couplings, &error), STATUS_OK);
    assert_int_equal(state_create(couplings, &fields), STATUS_OK);
    for (size_t p = 0; p < distinct; p++) {
        patterns_spins(patterns, p, spins);
        fields->type->set(fields, spins);
        fields->type->sum_fields(fields);
        for (size_t i = 0; i < NEURONS; i++) {
            double here = 1 - spins[i] * ((double *)fields->fields)[i] / NEURONS;
            if (p == 0)
                trace += diagonal[i] = here;
            else
                assert_true(fabs(here - diagonal[i]) < 1e-10);
        }
    }
    assert_true(fabs(trace - (double)distinct) < 1e-8);
    state_destroy(&fields);
    couplings_destroy(&couplings);
    patterns_destroy(&drawn);
    patterns_destroy(&patterns);
}

static void pseudo_inverse_projects_onto_the_patterns(void **state) {
    (void)state;
    check_projector(1, 0);
    check_projector(60, 0);
    check_projector(100, 0);
}

static void dependent_patterns_count_once(void **state) {
    (void)state;
    check_projector(30, 1);
    check_projector(30, 60);
}

static void pseudo_inverse_refuses_to_span_everything(void **state) {
    (void)state;
    struct error error;
    assert_int_equal(rule_pseudo_inverse.check(100, 99, &error), STATUS_OK);
    assert_int_equal(rule_pseudo_inverse.check(100, 100, &error), STATUS_INVALID);
}

/* --- theory --------------------------------------------------------------------------------------- */

/* Sums over pattern sets: a mean and its standard error, since trials of one set are not independent. */
struct mean {
    double count, sum, squares;
};

static void mean_add(struct mean *mean, double value) {
    mean->count++;
    mean->sum += value;
    mean->squares += value * value;
}

static double mean_value(const struct mean *mean) {
    return mean->sum / mean->count;
}

static double mean_error(const struct mean *mean) {
    double value = mean_value(mean);
    return sqrt((mean->squares / mean->count - value * value) / (mean->count - 1));
}

/* Per pattern set: share of unstable neurons in stored patterns, share of successes, overlap of successes. */
struct measured {
    struct mean unstable, success, overlap;
};

static void measure_set(size_t neurons, double load, uint64_t key, struct measured *measured) {
    enum { SET_TRIALS = 8 };
    struct associative_case c = {
        &rule_hebb, &dynamics_asynchronous, neurons, (size_t)lround(load * (double)neurons), SET_TRIALS, 1,
        key};
    struct patterns *patterns = case_patterns(&c);
    int8_t *starts = case_starts(&c, patterns);
    struct hopfield *network;
    struct error error;
    uint64_t counts[SET_TRIALS], unstable = 0;
    assert_int_equal(hopfield_create(c.rule, patterns, HOPFIELD_MANY_TRIALS, &network, &error), STATUS_OK);
    assert_int_equal(hopfield_count_unstable(network, SET_TRIALS, starts, counts, &error), STATUS_OK);
    hopfield_destroy(&network);
    struct associative_result result = case_run(&c, patterns, starts, NULL);
    double successes = 0, overlaps = 0;
    for (size_t t = 0; t < SET_TRIALS; t++) {
        unstable += counts[t];
        double m =
            (double)patterns_overlap(patterns, t * c.patterns / SET_TRIALS, result.spins + t * neurons) /
            (double)neurons;
        successes += m > 0.9;
        overlaps += m > 0.9 ? m : 0;
    }
    mean_add(&measured->unstable, (double)unstable / (double)(SET_TRIALS * neurons));
    mean_add(&measured->success, successes / SET_TRIALS);
    if (successes > 0) mean_add(&measured->overlap, overlaps / successes);
    case_clear(&result);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static struct measured measure(size_t neurons, double load, size_t sets) {
    struct measured measured = {0};
    for (size_t set = 0; set < sets; set++)
        measure_set(neurons, load, 1000 + set, &measured);
    return measured;
}

/* The field of a stored pattern's neuron is N - 1 and (P - 1)(N - 1) random signs; it is negative from -1 or
 * -2 on, hence N and not N - 1. False-alarm rate 7e-6 each: 4.5 standard errors over 60 sets. */
static void first_step_errors_follow_the_gaussian_law(void **state) {
    (void)state;
    const double loads[] = {0.10, 0.138};
    for (size_t k = 0; k < 2; k++) {
        const double neurons = 1000, patterns = round(loads[k] * neurons);
        struct measured m = measure((size_t)neurons, loads[k], 60);
        double expected = erfc(neurons / sqrt(2 * (patterns - 1) * (neurons - 1))) / 2;
        assert_true(fabs(mean_value(&m.unstable) - expected) < 4.5 * mean_error(&m.unstable));
    }
}

/* m = 0.997999 at load 0.10 for infinitely many neurons. False-alarm rate below 7e-6 if the correction at N =
 * 1000 is below 5e-4. */
static void retrieved_states_lie_on_the_branch(void **state) {
    (void)state;
    struct measured m = measure(1000, 0.10, 40);
    assert_true(fabs(mean_value(&m.overlap) - 0.997999) < 4.5 * mean_error(&m.overlap) + 5e-4);
}

/* Half of the trials succeed near load 0.17 at N = 500, and nearer to 0.138 at larger sizes. False-alarm
 * rates below 1e-5: the figures lie more than five standard errors over sets from the bounds. */
static void half_success_comes_at_lower_load_in_larger_networks(void **state) {
    (void)state;
    struct measured below = measure(500, 0.15, 60), above = measure(500, 0.19, 60);
    assert_true(mean_value(&below.success) > 0.5);
    assert_true(mean_value(&above.success) < 0.5);
    struct measured small = measure(250, 0.175, 60), large = measure(2000, 0.175, 12);
    assert_true(mean_value(&small.success) > mean_value(&large.success));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_orders_of_bits_agree),
        cmocka_unit_test(setting_a_pattern_changes_that_pattern_only),
        cmocka_unit_test(a_larger_set_begins_with_the_smaller),
        cmocka_unit_test(disturbing_flips_exactly_as_many_neurons),
        cmocka_unit_test(sizes_beyond_couplings_take_patterns),
        cmocka_unit_test(the_largest_fields_are_exact),
        cmocka_unit_test(couplings_have_the_form_that_the_table_says),
        cmocka_unit_test(pseudo_inverse_projects_onto_the_patterns),
        cmocka_unit_test(dependent_patterns_count_once),
        cmocka_unit_test(pseudo_inverse_refuses_to_span_everything),
        cmocka_unit_test(first_step_errors_follow_the_gaussian_law),
        cmocka_unit_test(retrieved_states_lie_on_the_branch),
        cmocka_unit_test(half_success_comes_at_lower_load_in_larger_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
