/* What the rules beyond Hebb's promise: each beside its definition, written out. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "associative_case.h"

enum { NEURONS = 60, PATTERNS = 25 };

struct learned {
    struct patterns *patterns;
    struct couplings *couplings;
    int8_t spins[2 * NEURONS][NEURONS]; /* of each pattern */
};

static struct learned learn(const struct learning_rule *rule, size_t count, uint64_t key) {
    struct learned learned;
    struct error error = {STATUS_OK, ""};
    struct associative_case c = {.neurons = NEURONS, .patterns = count, .key = key};
    learned.patterns = case_patterns(&c);
    for (size_t p = 0; p < count; p++)
        patterns_spins(learned.patterns, p, learned.spins[p]);
    assert_int_equal(rule->check(NEURONS, count, &error), STATUS_OK);
    assert_int_equal(rule->learn(learned.patterns, &learned.couplings, &error), STATUS_OK);
    return learned;
}

static void clear(struct learned *learned) {
    couplings_destroy(&learned->couplings);
    patterns_destroy(&learned->patterns);
}

/* J_ij: rows of couplings hold what a neuron adds to the others. */
static double coupling(const struct learned *learned, size_t i, size_t j) {
    return couplings_entry(learned->couplings, j, i) / NEURONS;
}

/* xi_i sum_j J_ij xi_j over the norm of the row. */
static double stability(const struct learned *learned, size_t pattern, size_t i) {
    double field = 0, squares = 0;
    for (size_t j = 0; j < NEURONS; j++) {
        field += coupling(learned, i, j) * learned->spins[pattern][j];
        squares += coupling(learned, i, j) * coupling(learned, i, j);
    }
    return learned->spins[pattern][i] * field / sqrt(squares);
}

/* --- Storkey ------------------------------------------------------------------------------------------ */

/* The sum over k other than i and j, as the paper has it. */
static double storkey_field(double couplings[NEURONS][NEURONS], const int8_t *spins, size_t i, size_t j) {
    double field = 0;
    for (size_t k = 0; k < NEURONS; k++)
        if (k != i && k != j) field += couplings[i][k] * spins[k];
    return field;
}

static void storkey_adds_what_the_paper_says(void **state) {
    (void)state;
    static double expected[NEURONS][NEURONS], next[NEURONS][NEURONS];
    struct learned learned = learn(&rule_storkey, PATTERNS, 3);
    memset(expected, 0, sizeof expected);
    for (size_t p = 0; p < PATTERNS; p++) {
        const int8_t *spins = learned.spins[p];
        for (size_t i = 0; i < NEURONS; i++)
            for (size_t j = 0; j < NEURONS; j++)
                next[i][j] = i == j ? 0
                                    : expected[i][j] + (spins[i] * spins[j] -
                                                        spins[i] * storkey_field(expected, spins, j, i) -
                                                        storkey_field(expected, spins, i, j) * spins[j]) /
                                                           NEURONS;
        memcpy(expected, next, sizeof expected);
    }
    for (size_t i = 0; i < NEURONS; i++)
        for (size_t j = 0; j < NEURONS; j++)
            assert_true(fabs(coupling(&learned, i, j) - expected[i][j]) < 1e-12);
    clear(&learned);
}

/* --- dreaming ----------------------------------------------------------------------------------------- */

/* In the space of neurons J = (1 + t) S (I + t S)^-1, S = (1/N) xi xi^T: J (I + t S) = (1 + t) S. The
 * diagonal that the rule drops is fitted: for random patterns every row has an equation per column for its
 * one unknown.
 */
static void check_dreaming(const struct learning_rule *rule, double time, size_t count) {
    static double correlation[NEURONS][NEURONS];
    struct learned learned = learn(rule, count, 4);
    memset(correlation, 0, sizeof correlation);
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < NEURONS; i++)
            for (size_t j = 0; j < NEURONS; j++)
                correlation[i][j] += (double)learned.spins[p][i] * learned.spins[p][j] / NEURONS;
    for (size_t i = 0; i < NEURONS; i++) {
        double missing[NEURONS], factor[NEURONS];
        for (size_t j = 0; j < NEURONS; j++) {
            factor[j] = (i == j) + time * correlation[i][j];
            missing[j] = (1 + time) * correlation[i][j] - coupling(&learned, i, j);
            for (size_t k = 0; k < NEURONS; k++)
                missing[j] -= coupling(&learned, i, k) * time * correlation[k][j];
        }
        double diagonal = missing[i] / factor[i];
        assert_true(diagonal > 0);
        for (size_t j = 0; j < NEURONS; j++)
            assert_true(fabs(missing[j] - diagonal * factor[j]) < 1e-9);
    }
    clear(&learned);
}

static void dreaming_solves_its_equation(void **state) {
    (void)state;
    check_dreaming(&rule_dreaming_1, 1, PATTERNS);
    check_dreaming(&rule_dreaming_10, 10, PATTERNS);
    check_dreaming(&rule_dreaming_100, 100, PATTERNS);
    check_dreaming(&rule_dreaming_100, 100, 2 * NEURONS);
}

/* --- the projector's diagonal --------------------------------------------------------------------------- */

static void with_its_diagonal_the_projector_maps_patterns_to_themselves(void **state) {
    (void)state;
    struct learned learned = learn(&rule_pseudo_inverse_diagonal, PATTERNS, 5);
    struct learned without = learn(&rule_pseudo_inverse, PATTERNS, 5);
    for (size_t i = 0; i < NEURONS; i++) {
        for (size_t p = 0; p < PATTERNS; p++) {
            double field = 0;
            for (size_t j = 0; j < NEURONS; j++)
                field += coupling(&learned, i, j) * learned.spins[p][j];
            assert_true(fabs(field - learned.spins[p][i]) < 1e-10);
        }
        for (size_t j = 0; j < NEURONS; j++)
            if (i != j) assert_true(coupling(&learned, i, j) == coupling(&without, i, j));
    }
    struct error error;
    assert_int_equal(rule_pseudo_inverse_diagonal.check(100, 100, &error), STATUS_INVALID);
    clear(&learned);
    clear(&without);
}

/* --- perceptrons ---------------------------------------------------------------------------------------- */

/* Neurons with a pattern whose stability is below the least, or is 0. */
static size_t unstable_neurons(const struct learned *learned, size_t count, double least) {
    size_t unstable = 0;
    for (size_t i = 0; i < NEURONS; i++) {
        bool wrong = false;
        for (size_t p = 0; p < count; p++) {
            double reached = stability(learned, p, i);
            wrong |= !(reached > 0) || reached < least * (1 - 1e-12);
        }
        unstable += wrong;
    }
    return unstable;
}

/* Well below capacity all are learned, far above it (Cover) practically none, and the count says which. */
static void rules_that_correct_themselves_reach_their_stability_or_say_where_not(void **state) {
    (void)state;
    static const struct {
        const struct learning_rule *rule;
        double least;
        size_t easy, hard;
    } cases[] = {
        {&rule_perceptron, 0, NEURONS, 2 * NEURONS},
        {&rule_perceptron_stable, 1, NEURONS / 5, NEURONS},
        {&rule_perceptron_symmetric, 0, NEURONS / 3, 2 * NEURONS},
        {&rule_minimum_probability_flow, 0, NEURONS, 2 * NEURONS},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct learned easy = learn(cases[k].rule, cases[k].easy, 6);
        assert_int_equal(easy.couplings->unlearned, 0);
        assert_int_equal(unstable_neurons(&easy, cases[k].easy, cases[k].least), 0);
        assert_true(easy.couplings->operations > 0);
        clear(&easy);
        struct learned hard = learn(cases[k].rule, cases[k].hard, 6);
        assert_true(hard.couplings->unlearned > 0);
        assert_int_equal(hard.couplings->unlearned, unstable_neurons(&hard, cases[k].hard, cases[k].least));
        clear(&hard);
    }
}

/* Where Hebb's couplings keep all patterns, there is nothing to learn. */
static void perceptrons_start_from_hebb(void **state) {
    (void)state;
    const struct learning_rule *rules[] = {&rule_perceptron, &rule_perceptron_symmetric};
    struct learned hebb = learn(&rule_hebb, 3, 7);
    assert_int_equal(unstable_neurons(&hebb, 3, 0), 0);
    for (size_t k = 0; k < 2; k++) {
        struct learned learned = learn(rules[k], 3, 7);
        for (size_t i = 0; i < NEURONS; i++)
            for (size_t j = 0; j < NEURONS; j++)
                assert_true(coupling(&learned, i, j) == coupling(&hebb, i, j));
        clear(&learned);
    }
    clear(&hebb);
}

/* --- minimum probability flow --------------------------------------------------------------------------- */

/* The smallest xi_i sum_j J_ij xi_j over the norm of all couplings. */
static double margin(const struct learned *learned, size_t count) {
    double least = INFINITY, squares = 0;
    for (size_t i = 0; i < NEURONS; i++)
        for (size_t j = 0; j < i; j++)
            squares += coupling(learned, i, j) * coupling(learned, i, j);
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < NEURONS; i++) {
            double field = 0;
            for (size_t j = 0; j < NEURONS; j++)
                field += coupling(learned, i, j) * learned->spins[p][j];
            least = fmin(least, learned->spins[p][i] * field);
        }
    return least / sqrt(squares);
}

static void no_symmetric_rule_has_twice_the_margin_of_least_flow(void **state) {
    (void)state;
    const size_t counts[] = {2, 12, PATTERNS, NEURONS};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        struct learned flow = learn(&rule_minimum_probability_flow, counts[k], 8);
        double reached = margin(&flow, counts[k]);
        assert_true(reached > 0);
        for (const struct learning_rule *const *rule = learning_rules(); *rule; rule++) {
            struct error error;
            if (!(*rule)->symmetric || (*rule)->diagonal ||
                (*rule)->check(NEURONS, counts[k], &error) != STATUS_OK)
                continue;
            struct learned other = learn(*rule, counts[k], 8);
            assert_true(margin(&other, counts[k]) <= 2 * reached * (1 + 1e-9));
            clear(&other);
        }
        clear(&flow);
    }
}

/* Integers beyond 16 bits are kept as exactly. */
static void wide_integers_become_reals(void **state) {
    (void)state;
    int32_t entries[3][4] = {{9, 1, -2, 0}, {INT16_MAX, 9, 3, 0}, {4, -5, 9, 0}};
    for (int wide = 0; wide < 2; wide++) {
        struct couplings *couplings;
        if (wide) entries[1][0] = -INT16_MAX - 1;
        assert_int_equal(couplings_of_integers(3, 4, entries[0], &couplings), STATUS_OK);
        assert_int_equal(couplings->kind, wide ? COUPLINGS_REAL : COUPLINGS_INTEGER);
        assert_true(couplings->zero_field == 0);
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j < 3; j++)
                assert_true(couplings_entry(couplings, j, i) == (i == j ? 0 : entries[i][j]));
        couplings_destroy(&couplings);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(storkey_adds_what_the_paper_says),
        cmocka_unit_test(dreaming_solves_its_equation),
        cmocka_unit_test(with_its_diagonal_the_projector_maps_patterns_to_themselves),
        cmocka_unit_test(rules_that_correct_themselves_reach_their_stability_or_say_where_not),
        cmocka_unit_test(perceptrons_start_from_hebb),
        cmocka_unit_test(no_symmetric_rule_has_twice_the_margin_of_least_flow),
        cmocka_unit_test(wide_integers_become_reals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
