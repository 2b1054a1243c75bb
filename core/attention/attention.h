/* Exact blockwise attention: softmax(scale Q K^T) V with running maximum and sum, memory O(L d). */
#ifndef CORE_ATTENTION_ATTENTION_H
#define CORE_ATTENTION_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/* Sizes of one attention call. Query head h reads key/value head h / (heads / kv_heads). */
struct attention_shape {
    size_t batch;
    size_t heads; /* a multiple of kv_heads */
    size_t kv_heads;
    size_t query_length;
    size_t key_length;
    size_t head_width; /* 1 .. ATTENTION_WIDTH_MAX */
};

enum { ATTENTION_WIDTH_MAX = 1024 };

enum attention_mask_kind {
    ATTENTION_FULL,
    ATTENTION_CAUSAL, /* query at position p sees keys at positions <= p */
    ATTENTION_WINDOW  /* ... and > p - window */
};

/* Who sees whom. Row i of a block stands at position first + i * step of the whole sequence, or at
 * positions[i], so that blocks of a sequence that is split over ranks keep their places. */
struct attention_rows {
    size_t first;
    size_t step;             /* 0 counts as 1 */
    const size_t *positions; /* strictly increasing, one a row; NULL: first and step say it */
};

struct attention_mask {
    enum attention_mask_kind kind;
    size_t window; /* for ATTENTION_WINDOW, >= 1 */
    struct attention_rows queries, keys;
    const size_t *key_lengths; /* [batch]: keys at positions >= this are invisible; NULL: all visible */
};

/* No mask, both sides starting at position 0. */
struct attention_mask attention_mask_none(void);

/* Arrays are dense and row-major:
 *   queries, output  [batch][heads][query_length][head_width]
 *   keys, values     [batch][kv_heads][key_length][head_width]
 *   log_sum_exp      [batch][heads][query_length]
 * Any alignment will do; output and log_sum_exp overlap no input. Elements must be finite. A row that sees no
 * key gives output 0 and log_sum_exp -infinity. */

/* Workspace for calls of one shape: packed keys and values of a few heads at a time, and tiles for as many
 * threads as OpenMP would use at its creation. Create it outside a timed loop; attention_forward then
 * allocates nothing. One call at a time. */
struct attention_plan;

/* STATUS_INVALID: a size is 0 or too large, or heads is no multiple of kv_heads. STATUS_NO_MEMORY. */
enum status attention_plan_create(const struct attention_shape *shape, struct attention_plan **plan);

/* Frees the plan, which may be NULL, and sets *plan to NULL. */
void attention_plan_destroy(struct attention_plan **plan);

/* What a caller wants done now and then while attention_forward computes, as driving messages on. */
typedef void attention_progress(void *context);

/* From now on forward passes of this plan call progress(context) after about every block of queries, on the
 * thread that called attention_forward and on no other. NULL, as in a new plan: nothing is called. */
void attention_plan_on_progress(struct attention_plan *plan, attention_progress *progress, void *context);

/* Bytes that attention_plan_create will take for this valid shape with `threads` threads. */
size_t attention_plan_bytes(const struct attention_shape *shape, int threads);

/* The scaled scores' factor 1/sqrt(head_width) (Vaswani et al. 2017, eq. 1). */
float attention_scale(const struct attention_shape *shape);

/* Fused forward pass with OpenMP threads (those of the plan, or fewer if fewer are set now); the bits of the
 * result do not depend on their number. log_sum_exp may be NULL: it is not wanted. */
void attention_forward(struct attention_plan *plan, const struct attention_mask *mask, float scale,
                       const float *queries, const float *keys, const float *values, float *output,
                       float *log_sum_exp);

/* Merges a partial result over other keys into (output, log_sum_exp), row by row, as if both sets of keys
 * had been seen at once; rows empty on either side are handled. rows = batch * heads * query_length. */
void attention_merge(size_t rows, size_t head_width, const float *partial_output,
                     const float *partial_log_sum_exp, float *output, float *log_sum_exp);

/* The same in float64, from a plan of its own kind: for reference, and for those who need it. Results are
 * within some 1e-15 of exact ones. */
struct attention_plan_f64;
enum status attention_plan_create_f64(const struct attention_shape *shape, struct attention_plan_f64 **plan);
void attention_plan_destroy_f64(struct attention_plan_f64 **plan);
void attention_plan_on_progress_f64(struct attention_plan_f64 *plan, attention_progress *progress,
                                    void *context);
size_t attention_plan_bytes_f64(const struct attention_shape *shape, int threads);
void attention_forward_f64(struct attention_plan_f64 *plan, const struct attention_mask *mask, double scale,
                           const double *queries, const double *keys, const double *values, double *output,
                           double *log_sum_exp);
void attention_merge_f64(size_t rows, size_t head_width, const double *partial_output,
                         const double *partial_log_sum_exp, double *output, double *log_sum_exp);

/* Floating-point operations of the score and value products over visible pairs: 4 * pairs * head_width. */
double attention_flops(const struct attention_shape *shape, const struct attention_mask *mask);

/* The same attention in float64, straightforward, for one query row: output[head_width].
 * (batch_index, head, row) name the row; arrays as for attention_forward. */
void attention_reference_row(const struct attention_shape *shape, const struct attention_mask *mask,
                             double scale, const float *queries, const float *keys, const float *values,
                             size_t batch_index, size_t head, size_t row, double *output,
                             double *log_sum_exp);
void attention_reference_row_f64(const struct attention_shape *shape, const struct attention_mask *mask,
                                 double scale, const double *queries, const double *keys,
                                 const double *values, size_t batch_index, size_t head, size_t row,
                                 double *output, double *log_sum_exp);

#endif
