#include "attention_problem.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/memory.h"
#include "core/base/random.h"
#include "core/kernels/kernels.h"

size_t query_rows(const struct attention_shape *shape) {
    return shape->batch * shape->heads * shape->query_length;
}

size_t key_rows(const struct attention_shape *shape) {
    return shape->batch * shape->kv_heads * shape->key_length;
}

static float *new_array(size_t count) {
    float *array = memory_allocate(count, sizeof *array);
    assert_non_null(array);
    return array;
}

struct problem problem_create(struct attention_shape shape, enum attention_mask_kind kind) {
    struct problem p = {.shape = shape, .mask = attention_mask_none(), .scale = attention_scale(&shape)};
    size_t width = shape.head_width;
    p.mask.kind = kind;
    p.mask.window = 20;
    p.queries = new_array(query_rows(&shape) * width);
    p.keys = new_array(key_rows(&shape) * width);
    p.values = new_array(key_rows(&shape) * width);
    p.output = new_array(query_rows(&shape) * width);
    p.log_sum_exp = new_array(query_rows(&shape));
    random_fill_normal_f32(random_source(11, RANDOM_QUERIES, 0), 0, query_rows(&shape) * width, p.queries);
    random_fill_normal_f32(random_source(11, RANDOM_KEYS, 0), 0, key_rows(&shape) * width, p.keys);
    random_fill_normal_f32(random_source(11, RANDOM_VALUES, 0), 0, key_rows(&shape) * width, p.values);
    return p;
}

void problem_destroy(struct problem *p) {
    memory_free(p->queries);
    memory_free(p->keys);
    memory_free(p->values);
    memory_free(p->output);
    memory_free(p->log_sum_exp);
}

void forward(struct problem *p) {
    struct attention_plan *plan;
    assert_int_equal(attention_plan_create(&p->shape, &plan), STATUS_OK);
    attention_forward(plan, &p->mask, p->scale, p->queries, p->keys, p->values, p->output, p->log_sum_exp);
    attention_plan_destroy(&plan);
    assert_null(plan);
}

void assert_near_reference(const struct problem *p, double tolerance) {
    double exact[ATTENTION_WIDTH_MAX], log_sum;
    size_t width = p->shape.head_width;
    for (size_t b = 0; b < p->shape.batch; b++)
        for (size_t h = 0; h < p->shape.heads; h++)
            for (size_t row = 0; row < p->shape.query_length; row++) {
                size_t at = (b * p->shape.heads + h) * p->shape.query_length + row;
                attention_reference_row(&p->shape, &p->mask, (double)p->scale, p->queries, p->keys, p->values,
                                        b, h, row, exact, &log_sum);
                if (isinf(log_sum))
                    assert_true(isinf(p->log_sum_exp[at]) && p->log_sum_exp[at] < 0);
                else
                    assert_true(fabs((double)p->log_sum_exp[at] - log_sum) <=
                                tolerance * (1 + fabs(log_sum)));
                for (size_t k = 0; k < width; k++)
                    assert_true(fabs((double)p->output[at * width + k] - exact[k]) <=
                                tolerance * (1 + fabs(exact[k])));
            }
}

void assert_arrays_near(size_t count, const float *a, const float *b, double tolerance) {
    for (size_t i = 0; i < count; i++)
        assert_true(a[i] == b[i] ||
                    fabs((double)a[i] - (double)b[i]) <= tolerance * (1 + fabs((double)b[i])));
}

void assert_results_near(const struct problem *a, const struct problem *b, double tolerance) {
    assert_arrays_near(query_rows(&a->shape) * a->shape.head_width, a->output, b->output, tolerance);
    assert_arrays_near(query_rows(&a->shape), a->log_sum_exp, b->log_sum_exp, tolerance);
}

void assert_results_identical(const struct problem *a, const struct problem *b) {
    size_t rows = query_rows(&a->shape);
    assert_memory_equal(a->output, b->output, rows * a->shape.head_width * sizeof(float));
    assert_memory_equal(a->log_sum_exp, b->log_sum_exp, rows * sizeof(float));
}

void with_each_table(void (*check)(void)) {
    const char *before = kernels()->name;
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        if (kernels_choose((*table)->name) != STATUS_OK) continue;
        check();
    }
    assert_int_equal(kernels_choose(before), STATUS_OK);
}
