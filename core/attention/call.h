/* One forward call and its pieces. Shared by the sources of this folder only. */
#ifndef CORE_ATTENTION_CALL_H
#define CORE_ATTENTION_CALL_H

#include "core/attention/plan.h"
#include "core/kernels/kernels.h"

/* The arguments of one call. */
struct call {
    real_plan *plan;
    const struct attention_mask *mask;
    const struct kernels *kernels;
    real scale;
    const real *queries, *keys, *values;
    real *output, *log_sum_exp; /* the latter may be NULL */
};

/* Rows of the query heads that share a key/value head, one head after the other. */
struct place {
    size_t kv_head; /* counts over the batch */
    size_t row, rows;
};

/* Panels first .. last - 1 of a key/value head. */
struct panel_range {
    size_t first, last;
};

/* Block `block` of a key/value head, 0 .. spans * blocks - 1. Late rows of a head come first: under a causal
 * mask they see most. */
struct place REAL(attention_place)(const struct call *call, size_t kv_head, size_t block);

/* The panels of which some row of the head sees something. */
struct panel_range REAL(attention_seen_panels)(const struct call *call, size_t kv_head);

/* Packs what of panel `panel` must be packed to the place of panel `at` in `packed`. */
void REAL(attention_pack)(const struct call *call, size_t kv_head, size_t panel,
                          const struct attention_panels *packed, size_t at);

/* No row has seen a key. */
void REAL(attention_begin)(size_t rows, const struct attention_state *state);

/* Leads the rows of the place, whose running state is given, over the panels, of which the first is the first
 * in `packed`. Returns how many panels some row saw: they were taken one after the other. */
size_t REAL(attention_attend)(const struct call *call, const struct place *place, struct panel_range panels,
                              const struct attention_panels *packed, const struct attention_workspace *space,
                              const struct attention_state *state);

/* Reports the way through one block of rows: the product of the scores, the reduction of the softmax and the
 * product with the values, panel by panel. */
void REAL(attention_report_chain)(size_t panels);

/* Joins the state of the same rows over later keys into `state`. */
void REAL(attention_join)(size_t rows, size_t head_width, const struct attention_state *later,
                          const struct attention_state *state);

/* Divides by the sums and writes output and log-sum-exp of the rows. */
void REAL(attention_finish)(const struct call *call, const struct place *place,
                            const struct attention_state *state);

/* Tasks of heads, or parts of heads, that one thread does alone: one of plan.alone_heads * cut.parts. */
void REAL(attention_run_alone)(const struct call *call, const struct attention_workspace *space, size_t task);

/* Tasks of the other heads, which all threads share: panels to pack and blocks, one of so many per head. */
size_t REAL(attention_shared_tasks)(const struct attention_cut *cut);
void REAL(attention_run_shared)(const struct call *call, const struct attention_workspace *space,
                                size_t task);

/* A block is done: the caller's thread lets the caller do what must not wait. */
void REAL(attention_report)(const real_plan *plan);

/* Waits until other threads have brought the count to `target`; tasks are begun in order and wait only for
 * earlier ones. */
void REAL(attention_await)(atomic_size_t *count, size_t target);

#endif
