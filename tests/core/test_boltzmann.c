/* Boltzmann machines: sums over states, gradients, chains, and recall of what was learned. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "core/associative/boltzmann_model.h"
#include "core/associative/flow.h"
#include "core/base/memory.h"

enum { NEURONS = 9, COUNT = 4 };

static struct patterns *drawn(size_t neurons, size_t count, uint64_t key) {
    struct patterns *patterns;
    assert_int_equal(patterns_create(neurons, count, &patterns), STATUS_OK);
    patterns_draw(patterns, key);
    return patterns;
}

static struct boltzmann *machine_of(size_t neurons) {
    struct boltzmann *machine;
    assert_int_equal(boltzmann_create(neurons, &machine), STATUS_OK);
    return machine;
}

/* Couplings and biases at random. */
static void randomise(struct boltzmann *machine, double width, uint64_t key) {
    size_t n = machine->neurons;
    struct random_source source = random_source(key, RANDOM_WEIGHTS, 0);
    for (size_t i = 0; i < n; i++) {
        machine->biases[i] = width * (2 * random_uniform(source, i) - 1);
        for (size_t j = i + 1; j < n; j++) {
            double coupling = width * (2 * random_uniform(source, n + i * n + j) - 1);
            machine->couplings[i * n + j] = machine->couplings[j * n + i] = coupling;
        }
    }
}

/* ln of the weight of a state, its bits the spins. */
static double log_weight(const struct boltzmann *machine, size_t state) {
    double sum = 0;
    for (size_t i = 0; i < machine->neurons; i++) {
        double spin = state >> i & 1 ? 1 : -1;
        sum += machine->biases[i] * spin;
        for (size_t j = 0; j < i; j++)
            sum += machine->couplings[i * machine->neurons + j] * spin * (state >> j & 1 ? 1 : -1);
    }
    return sum;
}

static void sums_are_those_over_all_states(void **state) {
    (void)state;
    for (size_t n = 2; n <= NEURONS; n++) {
        struct boltzmann *machine = machine_of(n);
        struct boltzmann_sum *sum;
        double pairs[NEURONS * NEURONS], singles[NEURONS], log_partition, partition = 0;
        struct boltzmann_moments moments = {pairs, singles};
        double naive_pairs[NEURONS * NEURONS] = {0}, naive_singles[NEURONS] = {0};
        randomise(machine, n % 2 ? 0.4 : 3, n);
        for (size_t s = 0; s < (size_t)1 << n; s++) {
            double weight = exp(log_weight(machine, s));
            partition += weight;
            for (size_t i = 0; i < n; i++) {
                double spin = s >> i & 1 ? 1 : -1;
                naive_singles[i] += weight * spin;
                for (size_t j = i + 1; j < n; j++)
                    naive_pairs[i * n + j] += weight * spin * (s >> j & 1 ? 1 : -1);
            }
        }
        assert_int_equal(boltzmann_sum_create(n, &sum), STATUS_OK);
        boltzmann_sum_moments(sum, machine, &moments, &log_partition);
        assert_true(fabs(log_partition - log(partition)) < 1e-10);
        for (size_t i = 0; i < n; i++) {
            assert_true(fabs(singles[i] - naive_singles[i] / partition) < 1e-11);
            for (size_t j = i + 1; j < n; j++)
                assert_true(fabs(pairs[i * n + j] - naive_pairs[i * n + j] / partition) < 1e-11);
        }
        boltzmann_sum_destroy(&sum);
        boltzmann_destroy(&machine);
    }
}

/* Learns and gives where it ended. */
static struct boltzmann_outcome learned(const struct patterns *patterns, struct boltzmann_learning how,
                                        struct boltzmann *machine) {
    struct boltzmann_outcome outcome;
    struct error error = {STATUS_OK, ""};
    enum status status = boltzmann_learn(patterns, &how, machine, &outcome, &error);
    if (status != STATUS_OK) fail_msg("%s", error.text);
    return outcome;
}

static void likelihood_rises_along_its_gradient(void **state) {
    (void)state;
    struct patterns *patterns = drawn(NEURONS, COUNT, 5);
    struct boltzmann *machine = machine_of(NEURONS);
    for (int biases = 0; biases < 2; biases++) {
        struct boltzmann_learning how = {BOLTZMANN_EXACT, 1e-4, 0, biases, 1};
        struct boltzmann_outcome before = learned(patterns, how, machine);
        assert_true(fabs(before.log_likelihood + NEURONS * log(2)) < 1e-12);
        how.epochs = 1;
        struct boltzmann_outcome after = learned(patterns, how, machine);
        /* To first order a step raises the likelihood by step times the gradient squared. */
        double rise = 1e-4 * before.gradient_norm * before.gradient_norm;
        assert_true(fabs((after.log_likelihood - before.log_likelihood) / rise - 1) < 0.01);
        how.step = 0.02;
        double last = -INFINITY;
        for (how.epochs = 1; how.epochs < 2000; how.epochs *= 3) {
            struct boltzmann_outcome outcome = learned(patterns, how, machine);
            assert_true(outcome.log_likelihood > last && outcome.log_likelihood <= 0);
            last = outcome.log_likelihood;
        }
        assert_true((machine->biases[0] != 0) == (biases == 1));
    }
    boltzmann_destroy(&machine);
    patterns_destroy(&patterns);
}

static void flow_falls_to_where_its_gradient_vanishes(void **state) {
    (void)state;
    struct patterns *patterns = drawn(NEURONS, 20, 6);
    struct boltzmann *machine = machine_of(NEURONS);
    struct boltzmann_learning how = {BOLTZMANN_FLOW, 0.02, 0, true, 1};
    double first = learned(patterns, how, machine).gradient_norm;
    how.epochs = 3000;
    assert_true(learned(patterns, how, machine).gradient_norm < 1e-2 * first);
    boltzmann_destroy(&machine);
    patterns_destroy(&patterns);
}

/* ln K as it is defined. */
static double log_flow(const struct patterns *patterns, const struct boltzmann *machine) {
    double sum = 0;
    int8_t spins[NEURONS];
    for (size_t p = 0; p < patterns->count; p++) {
        patterns_spins(patterns, p, spins);
        for (size_t i = 0; i < NEURONS; i++) {
            double field = 0;
            for (size_t j = 0; j < NEURONS; j++)
                field += machine->couplings[i * NEURONS + j] * spins[j];
            sum += exp(-spins[i] * field);
        }
    }
    return log(sum);
}

static void flow_has_the_gradient_of_its_logarithm(void **state) {
    (void)state;
    enum { ENTRIES = 20 * NEURONS };
    const double step = 1e-5;
    struct patterns *patterns = drawn(NEURONS, 20, 6);
    struct boltzmann *machine = machine_of(NEURONS);
    double spins[ENTRIES], fields[ENTRIES], shares[ENTRIES], gradient[NEURONS * NEURONS];
    randomise(machine, 0.5, 12);
    flow_spins(patterns, spins);
    flow_fields(NEURONS, 20, spins, machine->couplings, fields);
    assert_true(fabs(flow_log(ENTRIES, spins, fields, shares) - log_flow(patterns, machine)) < 1e-12);
    flow_gradient(NEURONS, 20, spins, shares, gradient);
    for (size_t i = 0; i < NEURONS; i++)
        for (size_t j = i + 1; j < NEURONS; j++) {
            double *pair[2] = {&machine->couplings[i * NEURONS + j], &machine->couplings[j * NEURONS + i]};
            double at = *pair[0];
            *pair[0] = *pair[1] = at + step;
            double above = log_flow(patterns, machine);
            *pair[0] = *pair[1] = at - step;
            double below = log_flow(patterns, machine);
            *pair[0] = *pair[1] = at;
            assert_true(fabs((above - below) / (2 * step) - gradient[i * NEURONS + j]) < 1e-8);
        }
    boltzmann_destroy(&machine);
    patterns_destroy(&patterns);
}

/* More patterns than can be stable: the flow has a minimum, and small steps of a Boltzmann machine's kind
 * find the same as the rule does by its own. */
static void both_ways_down_the_flow_meet(void **state) {
    (void)state;
    struct patterns *patterns = drawn(NEURONS, 20, 6);
    struct boltzmann *machine = machine_of(NEURONS);
    struct boltzmann_learning how = {BOLTZMANN_FLOW, 0.02, 30000, false, 1};
    learned(patterns, how, machine);
    struct couplings *couplings;
    struct error error;
    assert_int_equal(rule_minimum_probability_flow.learn(patterns, &couplings, &error), STATUS_OK);
    assert_true(couplings->unlearned > 0);
    for (size_t i = 0; i < NEURONS; i++)
        for (size_t j = 0; j < NEURONS; j++)
            assert_true(fabs(couplings_entry(couplings, i, j) / NEURONS -
                             machine->couplings[i * NEURONS + j]) < 1e-6);
    couplings_destroy(&couplings);
    boltzmann_destroy(&machine);
    patterns_destroy(&patterns);
}

/* 128 chains and 4000 sweeps, of which neighbouring ones are alike: means within 0.02, some eight standard
 * errors of independent ones; the key is fixed. */
static void chains_visit_states_as_often_as_they_weigh(void **state) {
    (void)state;
    enum { SWEEPS = 4000 };
    struct boltzmann *machine = machine_of(NEURONS);
    struct boltzmann_sum *sum;
    struct boltzmann_chains *chains;
    double pairs[NEURONS * NEURONS], singles[NEURONS], log_partition, one[NEURONS * NEURONS], lone[NEURONS];
    double mean[NEURONS * NEURONS] = {0};
    struct boltzmann_moments exact = {pairs, singles}, sampled = {one, lone};
    randomise(machine, 0.3, 3);
    assert_int_equal(boltzmann_sum_create(NEURONS, &sum), STATUS_OK);
    assert_int_equal(boltzmann_chains_create(NEURONS, 8, &chains), STATUS_OK);
    boltzmann_sum_moments(sum, machine, &exact, &log_partition);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        boltzmann_chains_moments(chains, machine, &sampled);
        for (size_t i = 0; i < NEURONS; i++)
            for (size_t j = i + 1; j < NEURONS; j++)
                mean[i * NEURONS + j] += one[i * NEURONS + j] / SWEEPS;
    }
    for (size_t i = 0; i < NEURONS; i++)
        for (size_t j = i + 1; j < NEURONS; j++)
            assert_true(fabs(mean[i * NEURONS + j] - pairs[i * NEURONS + j]) < 0.02);
    boltzmann_chains_destroy(&chains);
    boltzmann_sum_destroy(&sum);
    boltzmann_destroy(&machine);
}

static void few_patterns_are_recalled_however_they_were_learned(void **state) {
    (void)state;
    enum { LARGE = 20 };
    struct patterns *patterns = drawn(LARGE, 2, 11);
    struct boltzmann *machine = machine_of(LARGE);
    const enum boltzmann_method methods[] = {BOLTZMANN_GIBBS, BOLTZMANN_FLOW};
    for (int m = 0; m < 2; m++) {
        struct boltzmann_learning how = {methods[m], 0.02, 200, false, 4};
        learned(patterns, how, machine);
        for (size_t flips = 0; flips <= 2; flips++) {
            struct boltzmann_recall recall;
            assert_int_equal(boltzmann_recall(machine, patterns, flips, LARGE, 7, &recall), STATUS_OK);
            assert_int_equal(recall.kept, 2);
            assert_int_equal(recall.firm, 2);
        }
    }
    boltzmann_destroy(&machine);
    patterns_destroy(&patterns);
}

static void fields_of_zero_keep_a_pattern_and_are_told_apart(void **state) {
    (void)state;
    struct patterns *patterns = drawn(NEURONS, 1, 2);
    struct boltzmann *machine = machine_of(NEURONS);
    struct boltzmann_recall recall;
    assert_int_equal(boltzmann_recall(machine, patterns, 0, 1, 1, &recall), STATUS_OK);
    assert_true(recall.kept == 1 && recall.firm == 0);
    assert_int_equal(boltzmann_recall(machine, patterns, 1, NEURONS, 1, &recall), STATUS_OK);
    assert_true(recall.kept == 0 && recall.firm == 0);
    boltzmann_destroy(&machine);
    patterns_destroy(&patterns);
}

/* Flipping a neuron in all patterns changes the signs of its couplings and nothing else. */
static void learning_is_gauge_symmetric(void **state) {
    (void)state;
    enum { FLIPPED = 3 };
    struct patterns *patterns = drawn(NEURONS, COUNT, 9), *turned = drawn(NEURONS, COUNT, 9);
    struct boltzmann *a = machine_of(NEURONS), *b = machine_of(NEURONS);
    int8_t spins[NEURONS];
    for (size_t p = 0; p < COUNT; p++) {
        patterns_spins(turned, p, spins);
        spins[FLIPPED] = (int8_t)-spins[FLIPPED];
        patterns_set(turned, p, spins);
    }
    const enum boltzmann_method methods[] = {BOLTZMANN_EXACT, BOLTZMANN_FLOW};
    for (int m = 0; m < 2; m++) {
        struct boltzmann_learning how = {methods[m], 0.02, 50, true, 1};
        learned(patterns, how, a);
        learned(turned, how, b);
        for (size_t i = 0; i < NEURONS; i++)
            for (size_t j = 0; j < NEURONS; j++) {
                double sign = (i == FLIPPED) != (j == FLIPPED) ? -1 : 1;
                assert_true(fabs(a->couplings[i * NEURONS + j] - sign * b->couplings[i * NEURONS + j]) <
                            1e-10);
            }
    }
    boltzmann_destroy(&a);
    boltzmann_destroy(&b);
    patterns_destroy(&patterns);
    patterns_destroy(&turned);
}

static void what_cannot_be_learned_is_refused(void **state) {
    (void)state;
    struct patterns *many = drawn(BOLTZMANN_EXACT_MOST + 1, 2, 1), *few = drawn(6, 20, 1);
    struct boltzmann *machine = machine_of(BOLTZMANN_EXACT_MOST + 1), *small = machine_of(6), *none;
    struct boltzmann_outcome outcome;
    struct boltzmann_learning how = {BOLTZMANN_EXACT, 0.02, 1, false, 1};
    struct error error = {STATUS_OK, ""};
    assert_int_equal(boltzmann_learn(many, &how, machine, &outcome, &error), STATUS_INVALID);
    assert_int_equal(boltzmann_create(BOLTZMANN_NEURONS_MOST + 1, &none), STATUS_INVALID);
    how = (struct boltzmann_learning){BOLTZMANN_FLOW, 1e6, 50, false, 1};
    assert_int_equal(boltzmann_learn(few, &how, small, &outcome, &error), STATUS_INVALID);
    assert_true(strlen(error.text) > 0);
    how = (struct boltzmann_learning){BOLTZMANN_GIBBS, 0.02, 1, false, 1};
    size_t before = memory_in_use();
    enum status status = STATUS_NO_MEMORY;
    for (long allowed = 0; status != STATUS_OK; allowed++) {
        memory_fail_after(allowed);
        status = boltzmann_learn(few, &how, small, &outcome, &error);
        memory_fail_after(-1);
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        assert_int_equal(memory_in_use(), before);
    }
    boltzmann_destroy(&machine);
    boltzmann_destroy(&small);
    patterns_destroy(&many);
    patterns_destroy(&few);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_over_all_states),
        cmocka_unit_test(likelihood_rises_along_its_gradient),
        cmocka_unit_test(flow_falls_to_where_its_gradient_vanishes),
        cmocka_unit_test(flow_has_the_gradient_of_its_logarithm),
        cmocka_unit_test(both_ways_down_the_flow_meet),
        cmocka_unit_test(chains_visit_states_as_often_as_they_weigh),
        cmocka_unit_test(few_patterns_are_recalled_however_they_were_learned),
        cmocka_unit_test(fields_of_zero_keep_a_pattern_and_are_told_apart),
        cmocka_unit_test(learning_is_gauge_symmetric),
        cmocka_unit_test(what_cannot_be_learned_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
