/* Modern continuous Hopfield networks: updates as attention and as the formula, where states come to rest. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/associative/modern.h"
#include "core/attention/attention.h"
#include "core/base/memory.h"
#include "core/base/random.h"

enum { DIMENSION = 24, COUNT = 70, STATES = 9 };

/* Patterns, and states near some of them. */
struct problem {
    float patterns[COUNT * DIMENSION], states[STATES * DIMENSION], updated[STATES * DIMENSION];
    struct modern *network;
};

static void *problem_create(size_t count) {
    struct problem *problem = memory_allocate(1, sizeof *problem);
    assert_non_null(problem);
    modern_draw(DIMENSION, count, 3, problem->patterns);
    random_fill_normal_f32(random_source(3, RANDOM_START, 0), 0, STATES * DIMENSION, problem->states);
    for (size_t i = 0; i < STATES * DIMENSION; i++)
        problem->states[i] = 0.3F * problem->states[i] + problem->patterns[i % (count * DIMENSION)];
    assert_int_equal(modern_create(DIMENSION, count, problem->patterns, STATES, &problem->network),
                     STATUS_OK);
    return problem;
}

static void problem_destroy(struct problem *problem) {
    modern_destroy(&problem->network);
    memory_free(problem);
}

static double dot(const float *a, const float *b) {
    double sum = 0;
    for (size_t k = 0; k < DIMENSION; k++)
        sum += (double)a[k] * b[k];
    return sum;
}

/* ln sum exp(beta x^T xi), and the weights p. */
static double weights(const struct problem *problem, double beta, const float *state, double *p) {
    double largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < COUNT; i++)
        largest = fmax(largest, p[i] = beta * dot(problem->patterns + i * DIMENSION, state));
    for (size_t i = 0; i < COUNT; i++)
        sum += p[i] = exp(p[i] - largest);
    for (size_t i = 0; i < COUNT; i++)
        p[i] /= sum;
    return largest + log(sum);
}

static void an_update_is_attention_to_the_last_bit(void **state) {
    (void)state;
    enum { HEADS = 3, STORED = COUNT * DIMENSION, STARTED = STATES * DIMENSION };
    struct problem *problem = problem_create(COUNT);
    const struct attention_shape shape = {1, HEADS, HEADS, STATES, COUNT, DIMENSION};
    static float queries[HEADS * STARTED], keys[HEADS * STORED], values[HEADS * STORED],
        output[HEADS * STARTED];
    random_fill_normal_f32(random_source(5, RANDOM_QUERIES, 0), 0, HEADS * STARTED, queries);
    random_fill_normal_f32(random_source(5, RANDOM_KEYS, 0), 0, HEADS * STORED, keys);
    random_fill_normal_f32(random_source(5, RANDOM_VALUES, 0), 0, HEADS * STORED, values);
    memcpy(queries + STARTED, problem->states, sizeof problem->states);
    memcpy(keys + STORED, problem->patterns, sizeof problem->patterns);
    memcpy(values + STORED, problem->patterns, sizeof problem->patterns);
    struct attention_plan *plan;
    assert_int_equal(attention_plan_create(&shape, &plan), STATUS_OK);
    const struct attention_mask none = attention_mask_none();
    attention_forward(plan, &none, attention_scale(&shape), queries, keys, values, output, NULL);
    attention_plan_destroy(&plan);
    modern_update(problem->network, modern_attention_beta(problem->network), problem->states,
                  problem->updated);
    assert_memory_equal(problem->updated, output + STARTED, sizeof problem->updated);
    problem_destroy(problem);
}

static void an_update_is_the_weighted_mean_of_the_patterns(void **state) {
    (void)state;
    struct problem *problem = problem_create(COUNT);
    double p[COUNT], mixed[STATES];
    for (double beta = 0; beta < 3; beta += 0.25) {
        modern_update(problem->network, (float)beta, problem->states, problem->updated);
        modern_mixed(problem->network, (float)beta, problem->states, mixed);
        for (size_t s = 0; s < STATES; s++) {
            double squares = 0;
            weights(problem, beta, problem->states + s * DIMENSION, p);
            for (size_t i = 0; i < COUNT; i++)
                squares += p[i] * p[i];
            assert_true(fabs(mixed[s] * squares - 1) < 1e-4);
            for (size_t k = 0; k < DIMENSION; k++) {
                double expected = 0;
                for (size_t i = 0; i < COUNT; i++)
                    expected += p[i] * problem->patterns[i * DIMENSION + k];
                assert_true(fabs(problem->updated[s * DIMENSION + k] - expected) < 1e-4);
            }
        }
    }
    problem_destroy(problem);
}

static void a_lone_pattern_is_retrieved_from_anywhere(void **state) {
    (void)state;
    struct problem *problem = problem_create(1);
    size_t updates[STATES];
    modern_settle(problem->network, 0.7F, 5, problem->states, updates);
    for (size_t s = 0; s < STATES; s++) {
        assert_true(modern_relative_error(DIMENSION, problem->states + s * DIMENSION, problem->patterns) <
                    1e-6);
        assert_int_equal(updates[s], 2);
    }
    problem_destroy(problem);
}

/* E = -ln Z(beta) / beta + |xi|^2 / 2 (Ramsauer et al. 2020, theorem 1). */
static double energy(const struct problem *problem, double beta, const float *state) {
    double p[COUNT];
    return -weights(problem, beta, state, p) / beta + dot(state, state) / 2;
}

static void updates_never_raise_the_energy_and_rest_at_fixed_points(void **state) {
    (void)state;
    struct problem *problem = problem_create(COUNT);
    size_t updates[STATES];
    for (float beta = 0.1F; beta < 3; beta *= 1.7F) {
        float *states = problem->states;
        for (int step = 0; step < 6; step++) {
            modern_update(problem->network, beta, states, problem->updated);
            for (size_t s = 0; s < STATES; s++)
                assert_true(energy(problem, beta, problem->updated + s * DIMENSION) <
                            energy(problem, beta, states + s * DIMENSION) + 1e-4);
            memcpy(states, problem->updated, sizeof problem->states);
        }
        modern_settle(problem->network, beta, 2000, states, updates);
        modern_update(problem->network, beta, states, problem->updated);
        for (size_t s = 0; s < STATES; s++) {
            double moved =
                modern_relative_error(DIMENSION, problem->updated + s * DIMENSION, states + s * DIMENSION);
            assert_true(updates[s] <= 2000);
            assert_true(moved * sqrt(dot(states + s * DIMENSION, states + s * DIMENSION)) <
                        2 * MODERN_REST * sqrt(DIMENSION));
        }
        random_fill_normal_f32(random_source(3, RANDOM_START, 1), 0, STATES * DIMENSION, states);
    }
    problem_destroy(problem);
}

static void states_and_threads_do_not_depend_on_each_other(void **state) {
    (void)state;
    struct problem *all = problem_create(COUNT), *alone = problem_create(COUNT);
    size_t updates[STATES], updates_alone[1];
    int threads = omp_get_max_threads();
    modern_settle(all->network, 0.5F, 300, all->states, updates);
    omp_set_num_threads(1);
    modern_destroy(&alone->network);
    assert_int_equal(modern_create(DIMENSION, COUNT, alone->patterns, 1, &alone->network), STATUS_OK);
    for (size_t s = 0; s < STATES; s++) {
        float *lone = alone->states + s * DIMENSION;
        modern_settle(alone->network, 0.5F, 300, lone, updates_alone);
        assert_true(modern_relative_error(DIMENSION, lone, all->states + s * DIMENSION) < 1e-3);
    }
    omp_set_num_threads(3);
    struct problem *three = problem_create(COUNT);
    modern_settle(three->network, 0.5F, 300, three->states, updates);
    assert_memory_equal(three->states, all->states, sizeof all->states);
    omp_set_num_threads(threads);
    problem_destroy(all);
    problem_destroy(alone);
    problem_destroy(three);
}

static void a_set_begins_with_the_smaller_ones_and_lies_on_a_sphere(void **state) {
    (void)state;
    struct problem *problem = problem_create(COUNT);
    float fewer[10 * DIMENSION];
    modern_draw(DIMENSION, 10, 3, fewer);
    assert_memory_equal(fewer, problem->patterns, sizeof fewer);
    for (size_t i = 0; i < COUNT; i++) {
        const float *pattern = problem->patterns + i * DIMENSION;
        assert_true(fabs(dot(pattern, pattern) / DIMENSION - 1) < 1e-5);
    }
    problem_destroy(problem);
}

static void sizes_and_memory_that_will_not_do_are_refused(void **state) {
    (void)state;
    static float patterns[4 * DIMENSION];
    struct modern *network = NULL;
    assert_int_equal(modern_create(ATTENTION_WIDTH_MAX + 1, 1, patterns, 1, &network), STATUS_INVALID);
    assert_int_equal(modern_create(DIMENSION, 0, patterns, 1, &network), STATUS_INVALID);
    size_t before = memory_in_use();
    enum status status = STATUS_NO_MEMORY;
    for (long allowed = 0; status != STATUS_OK; allowed++) {
        memory_fail_after(allowed);
        status = modern_create(DIMENSION, 4, patterns, 2, &network);
        memory_fail_after(-1);
        if (status == STATUS_OK) break;
        assert_int_equal(status, STATUS_NO_MEMORY);
        assert_null(network);
        assert_int_equal(memory_in_use(), before);
    }
    modern_destroy(&network);
    assert_int_equal(memory_in_use(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_is_attention_to_the_last_bit),
        cmocka_unit_test(an_update_is_the_weighted_mean_of_the_patterns),
        cmocka_unit_test(a_lone_pattern_is_retrieved_from_anywhere),
        cmocka_unit_test(updates_never_raise_the_energy_and_rest_at_fixed_points),
        cmocka_unit_test(states_and_threads_do_not_depend_on_each_other),
        cmocka_unit_test(a_set_begins_with_the_smaller_ones_and_lies_on_a_sphere),
        cmocka_unit_test(sizes_and_memory_that_will_not_do_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
