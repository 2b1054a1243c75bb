/* Problems for the tests of attention: inputs, one call, comparison with float64. */
#ifndef TESTS_CORE_ATTENTION_PROBLEM_H
#define TESTS_CORE_ATTENTION_PROBLEM_H

#include "core/attention/attention.h"

/* Inputs and results of one call. */
struct problem {
    struct attention_shape shape;
    struct attention_mask mask;
    float scale;
    float *queries, *keys, *values, *output, *log_sum_exp;
};

/* Rows of all queries, of all keys. */
size_t query_rows(const struct attention_shape *shape);
size_t key_rows(const struct attention_shape *shape);

/* Standard normal inputs, the same in each call; scale 1/sqrt(width), window 20 where the mask has one. */
struct problem problem_create(struct attention_shape shape, enum attention_mask_kind kind);
void problem_destroy(struct problem *problem);

/* Fills output and log_sum_exp through a plan of its own. */
void forward(struct problem *problem);

/* Errors of float32 sums over some hundred terms of order one. */
#define TOLERANCE 3e-6

/* Output and log-sum-exp of every row are within `tolerance` (times 1 + |exact|) of float64. */
void assert_near_reference(const struct problem *problem, double tolerance);

/* Elements of a are within `tolerance` (times 1 + |b|) of those of b. */
void assert_arrays_near(size_t count, const float *a, const float *b, double tolerance);
void assert_results_near(const struct problem *a, const struct problem *b, double tolerance);
void assert_results_identical(const struct problem *a, const struct problem *b);

/* Runs a check once with each kernel table that this processor can run. */
void with_each_table(void (*check)(void));

#endif
