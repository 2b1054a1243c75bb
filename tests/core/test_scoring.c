/* Scoring functions against float64, the softmax's saturation against its definition, and chains of
 * operations. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <omp.h>

#include "core/attention/attention.h"
#include "core/attention/saturation.h"
#include "core/attention/scoring.h"
#include "core/base/chain.h"
#include "core/base/memory.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"
#include "core/sequence/sequence.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct scorer_shape sizes[] = {
    {.queries = 1, .keys = 1, .width = 1, .rank = 1},
    {.queries = 3, .keys = 64, .width = 5, .rank = 2},
    {.queries = 17, .keys = 65, .width = 32, .rank = 32},
    {.queries = 40, .keys = 131, .width = 73, .rank = 9},
};

static float *numbers(size_t count, float factor, uint32_t part) {
    float *values = memory_allocate(count, sizeof *values);
    assert_non_null(values);
    random_fill_normal_f32(random_source(3, RANDOM_INPUTS, part), 0, count, values);
    for (size_t i = 0; i < count; i++)
        values[i] *= factor;
    return values;
}

/* A scorer with its arrays. */
struct problem {
    struct scorer_shape shape;
    struct scorer *scorer;
    float *queries, *keys, *scores;
};

static struct problem problem(enum scoring scoring, struct scorer_shape shape, float factor) {
    struct problem made = {.shape = shape};
    made.shape.scoring = scoring;
    assert_int_equal(scorer_create(&made.shape, random_source(4, RANDOM_WEIGHTS, 0), &made.scorer),
                     STATUS_OK);
    made.queries = numbers(shape.queries * shape.width, factor, 0);
    made.keys = numbers(shape.keys * shape.width, factor, 1);
    made.scores = numbers(shape.queries * shape.keys, 1, 2);
    return made;
}

static void problem_end(struct problem *gone) {
    scorer_destroy(&gone->scorer);
    memory_free(gone->queries);
    memory_free(gone->keys);
    memory_free(gone->scores);
}

/* The largest error over all scores, over the sum of magnitudes that a score may have. */
static double largest_error(const struct problem *problem) {
    const struct scorer_shape *shape = &problem->shape;
    double *row = memory_allocate(shape->keys, sizeof *row), worst = 0;
    assert_non_null(row);
    for (size_t query = 0; query < shape->queries; query++) {
        const float *scores = problem->scores + query * shape->keys;
        assert_int_equal(scorer_reference_row(problem->scorer, problem->queries + query * shape->width,
                                              problem->keys, row),
                         STATUS_OK);
        for (size_t key = 0; key < shape->keys; key++)
            worst = fmax(worst, fabs((double)scores[key] - row[key]));
    }
    memory_free(row);
    return worst;
}

/* Standard normal vectors: sums of D products, or tanh times weights that add up to sqrt(D). */
static void check_all(float factor) {
    for (int scoring = 0; scoring < SCORING_COUNT; scoring++)
        for (size_t s = 0; s < COUNT(sizes); s++) {
            struct problem p = problem((enum scoring)scoring, sizes[s], factor);
            scorer_forward(p.scorer, p.queries, p.keys, p.scores);
            double scale = scoring == SCORING_ADDITIVE ? sqrt((double)p.shape.width)
                                                       : (double)(factor * factor) * (double)p.shape.width;
            assert_true(largest_error(&p) <= 4e-6 * fmax(1, scale));
            problem_end(&p);
        }
}

static void scores_agree_with_float64_in_every_table_of_kernels(void **state) {
    (void)state;
    const char *best = kernels()->name;
    for (const struct kernels *const *table = kernels_built(); *table; table++)
        if (kernels_choose((*table)->name) == STATUS_OK) check_all(1);
    assert_int_equal(kernels_choose(best), STATUS_OK);
}

/* Beyond e^88 powers leave float32; the scores do not. */
static void scores_of_large_vectors_are_as_good(void **state) {
    (void)state;
    check_all(20);
    check_all(300);
}

static void counted_work_equals_its_formula_and_threads_change_no_bit(void **state) {
    (void)state;
    const int most = omp_get_max_threads();
    for (int scoring = 0; scoring < SCORING_COUNT; scoring++) {
        struct problem p = problem((enum scoring)scoring, sizes[3], 1);
        struct work before = work_now();
        scorer_forward(p.scorer, p.queries, p.keys, p.scores);
        assert_true((double)work_total(work_difference(before, work_now())) == scorer_flops(&p.shape));
        size_t bytes = p.shape.queries * p.shape.keys * sizeof(float);
        float *first = numbers(p.shape.queries * p.shape.keys, 1, 3);
        memcpy(first, p.scores, bytes);
        if (scoring == SCORING_ADDITIVE) { /* the others are products of BLAS as a whole */
            omp_set_num_threads(3);
            scorer_forward(p.scorer, p.queries, p.keys, p.scores);
            omp_set_num_threads(most);
            for (size_t i = 0; i < bytes / sizeof(float); i++)
                assert_true(fabsf(first[i] - p.scores[i]) < 1e-5F);
        }
        memory_free(first);
        problem_end(&p);
    }
}

static void scorers_refuse_bad_shapes_and_survive_no_memory(void **state) {
    (void)state;
    struct scorer *scorer;
    struct scorer_shape shape = {.scoring = SCORING_LOW_RANK, .queries = 2, .keys = 3, .width = 4, .rank = 5};
    assert_int_equal(scorer_create(&shape, random_source(1, RANDOM_WEIGHTS, 0), &scorer), STATUS_INVALID);
    assert_true(scorer_bytes(&shape) == 0);
    shape.scoring = SCORING_ADDITIVE;
    for (long allowed = 0;; allowed++) {
        size_t held = memory_in_use();
        memory_fail_after(allowed);
        enum status status = scorer_create(&shape, random_source(1, RANDOM_WEIGHTS, 0), &scorer);
        memory_fail_after(-1);
        scorer_destroy(&scorer);
        assert_int_equal(memory_in_use(), held);
        if (status == STATUS_OK) break;
        assert_int_equal(status, STATUS_NO_MEMORY);
    }
}

/* --- saturation -------------------------------------------------------------------------------------------
 */

static void the_jacobian_is_that_of_its_definition(void **state) {
    (void)state;
    enum { KEYS = 6 };
    const double scores[KEYS] = {0.3, -1.2, 2.1, 0.9, 2.0, -0.4};
    double p[KEYS], squares = 0;
    struct saturation found = softmax_saturation(KEYS, scores, 0.7, p);
    for (size_t i = 0; i < KEYS; i++)
        for (size_t j = 0; j < KEYS; j++) {
            double entry = (i == j ? p[i] : 0) - p[i] * p[j];
            squares += entry * entry;
        }
    assert_true(fabs(found.jacobian - sqrt(squares)) < 1e-15);
    assert_true(found.largest == p[2]);
    assert_true(fabs(found.distance - 2 * (1 - p[2])) < 1e-15);
}

static void from_uniform_to_argmax(void **state) {
    (void)state;
    const double scores[3] = {1, 3, 2};
    double p[3];
    assert_true(fabs(softmax_saturation(3, scores, 0, p).largest - 1.0 / 3) < 1e-15);
    struct saturation sharp = softmax_saturation(3, scores, 1e6, p);
    assert_true(sharp.largest == 1 && sharp.distance == 0 && sharp.jacobian == 0);
}

/* --- chains -----------------------------------------------------------------------------------------------
 */

static struct chain chain_of_recurrence(size_t length) {
    const struct recurrent_shape shape = {.cell = CELL_GRU, .batch = 2, .length = length, .width = 5};
    struct recurrent *layer;
    float *input = numbers(2 * length * 5, 1, 0), *output = numbers(2 * length * 5, 1, 1);
    assert_int_equal(recurrent_create(&shape, random_source(1, RANDOM_WEIGHTS, 0), &layer), STATUS_OK);
    chain_reset();
    recurrent_forward(layer, input, output);
    recurrent_destroy(&layer);
    memory_free(input);
    memory_free(output);
    return chain_longest();
}

static struct chain chain_of_attention(size_t length) {
    const struct attention_shape shape = {1, 2, 1, length, length, 8};
    const struct attention_mask mask = attention_mask_none();
    struct attention_plan *plan;
    float *values = numbers(2 * length * 8, 1, 0), *output = numbers(2 * length * 8, 1, 1);
    assert_int_equal(attention_plan_create(&shape, &plan), STATUS_OK);
    chain_reset();
    attention_forward(plan, &mask, 1, values, values, values, output, NULL);
    attention_plan_destroy(&plan);
    memory_free(values);
    memory_free(output);
    return chain_longest();
}

/* Long recurrences go stretch by stretch, long attention panel by panel. */
static void recurrence_waits_at_every_step_and_attention_does_not(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 7, 100, 1500};
    uint64_t panels = 0;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        assert_int_equal(chain_of_recurrence(lengths[i]).operations, lengths[i] + 1);
        struct chain attention = chain_of_attention(lengths[i]);
        assert_int_equal(attention.operations, 3);
        assert_true(attention.kernel >= 1 && attention.kernel >= panels);
        panels = attention.kernel;
    }
    assert_true(panels > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_agree_with_float64_in_every_table_of_kernels),
        cmocka_unit_test(scores_of_large_vectors_are_as_good),
        cmocka_unit_test(counted_work_equals_its_formula_and_threads_change_no_bit),
        cmocka_unit_test(scorers_refuse_bad_shapes_and_survive_no_memory),
        cmocka_unit_test(the_jacobian_is_that_of_its_definition),
        cmocka_unit_test(from_uniform_to_argmax),
        cmocka_unit_test(recurrence_waits_at_every_step_and_attention_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
