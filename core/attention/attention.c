/* The fused forward pass: cuts the work into blocks of queries, leads each block over the panels of keys it
 * sees, and divides by the sums at the end. */
#include "core/attention/attention.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "core/attention/plan.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"

static const float LOG2_OF_E = 1.44269504F;
static const double LOG_OF_2 = 0.693147180559945309;

/* The arguments of one call. */
struct call {
    const struct attention_plan *plan;
    const struct attention_mask *mask;
    const struct kernels *kernels;
    float scale;
    const float *queries, *keys, *values;
    float *output, *log_sum_exp;
};

/* One block of queries of one head. */
struct place {
    size_t batch, kv_head, slot; /* kv_head counts over the batch, slot over those that are packed */
    size_t row, rows;            /* of the head */
    size_t first;                /* the same row in queries, output and log_sum_exp seen as [..][width] */
};

/* Tasks count over the slots, then the query heads of each, then blocks of queries. */
static struct place place_of_task(const struct attention_shape *shape, size_t first_kv_head, size_t task) {
    size_t blocks = attention_query_blocks(shape), group = shape->heads / shape->kv_heads;
    size_t slot = task / (blocks * group), head = (first_kv_head + slot) * group + task / blocks % group;
    /* Under a causal mask late rows see most: the largest tasks of a head come first. */
    size_t row = (blocks - 1 - task % blocks) * ATTENTION_BLOCK_ROWS, left = shape->query_length - row;
    return (struct place){
        .batch = head / shape->heads,
        .kv_head = first_kv_head + slot,
        .slot = slot,
        .row = row,
        .rows = left < ATTENTION_BLOCK_ROWS ? left : ATTENTION_BLOCK_ROWS,
        .first = head * shape->query_length + row,
    };
}

/* Fills in what each row sees and returns the union. */
static struct key_range find_seen(const struct call *call, const struct place *place,
                                  struct key_range *seen) {
    struct key_range all = {.begin = SIZE_MAX, .end = 0};
    for (size_t r = 0; r < place->rows; r++) {
        seen[r] =
            attention_visible_keys(call->mask, call->plan->shape.key_length, place->batch, place->row + r);
        if (seen[r].begin == seen[r].end) continue;
        if (seen[r].begin < all.begin) all.begin = seen[r].begin;
        if (seen[r].end > all.end) all.end = seen[r].end;
    }
    if (all.begin > all.end) all.begin = all.end;
    return all;
}

/* `key`, counted from the start of a panel and kept within it. */
static int32_t within_panel(size_t key, size_t first, size_t keys) {
    if (key <= first) return 0;
    return (int32_t)(key - first < keys ? key - first : keys);
}

/* Values of the place's head in the kernel's layout. */
static const float *kernel_values(const struct call *call, const struct place *place) {
    const struct attention_plan *plan = call->plan;
    if (plan->values_per_head) return plan->packed_values + place->slot * plan->values_per_head;
    return call->values + place->kv_head * plan->shape.key_length * plan->shape.head_width;
}

static void attend_panels(const struct call *call, const struct place *place,
                          const struct attention_workspace *space, struct attention_done *done) {
    const struct attention_plan *plan = call->plan;
    const size_t width = plan->shape.head_width, panel = ATTENTION_PANEL_KEYS;
    const float *keys = plan->packed_keys + place->slot * plan->keys_per_head;
    const float *values = kernel_values(call, place);
    struct attention_block block = {
        .rows = place->rows,
        .width = width,
        .queries = call->queries + place->first * width,
        .visible = space->visible,
        .maximum = space->maximum,
        .sums = space->sums,
        .output = space->output,
        .done = done,
    };
    struct key_range all = find_seen(call, place, space->seen);
    for (size_t first = all.begin / panel * panel; first < all.end; first += panel) {
        size_t left = plan->shape.key_length - first;
        block.keys = left < panel ? left : panel;
        block.packed_keys = keys + first * width;
        block.packed_values = values + first * attention_padded_width(width);
        for (size_t r = 0; r < place->rows; r++) {
            space->visible[r].begin = within_panel(space->seen[r].begin, first, block.keys);
            space->visible[r].end = within_panel(space->seen[r].end, first, block.keys);
        }
        call->kernels->attention_block(&block);
    }
}

/* Divides by the sums and writes the rows of the block out. */
static void finish_rows(const struct call *call, const struct place *place,
                        const struct attention_workspace *space) {
    size_t width = call->plan->shape.head_width, padded = attention_padded_width(width);
    for (size_t r = 0; r < place->rows; r++) {
        float *output = call->output + (place->first + r) * width, sum = 0;
        if (space->maximum[r] == -INFINITY) {
            memset(output, 0, width * sizeof *output);
            if (call->log_sum_exp) call->log_sum_exp[place->first + r] = -INFINITY;
            continue;
        }
        for (size_t lane = 0; lane < ATTENTION_SLICE; lane++)
            sum += space->sums[r * ATTENTION_SLICE + lane];
        float inverse = 1.0F / sum;
        for (size_t k = 0; k < width; k++)
            output[k] = space->output[r * padded + k] * inverse;
        /* In float64, since a merge exponentiates it again. */
        if (call->log_sum_exp)
            call->log_sum_exp[place->first + r] =
                (float)(((double)space->maximum[r] + log2((double)sum)) * LOG_OF_2);
    }
}

static void attend_block(const struct call *call, const struct place *place,
                         const struct attention_workspace *space) {
    size_t width = call->plan->shape.head_width;
    for (size_t r = 0; r < place->rows; r++)
        space->maximum[r] = -INFINITY;
    /* The division of the output by the sum, and the logarithm of the sum. */
    struct attention_done done = {.elementwise = place->rows * width, .transcendental = place->rows};
    attend_panels(call, place, space, &done);
    finish_rows(call, place, space);
    work_add((struct work){
        .product = done.product, .elementwise = done.elementwise, .transcendental = done.transcendental});
}

static void pack_panel(const struct call *call, size_t first_kv_head, size_t task) {
    const struct attention_plan *plan = call->plan;
    size_t length = plan->shape.key_length, width = plan->shape.head_width;
    size_t panels = attention_panels(length), slot = task / panels, panel = task % panels;
    size_t from = (first_kv_head + slot) * length * width, at = panel * ATTENTION_PANEL_KEYS;
    attention_pack_keys(length, width, panel, call->scale * LOG2_OF_E, call->keys + from,
                        plan->packed_keys + slot * plan->keys_per_head + at * width);
    if (plan->values_per_head)
        attention_pack_values(length, width, panel, call->values + from,
                              plan->packed_values + slot * plan->values_per_head +
                                  at * attention_padded_width(width));
    size_t left = length - at, keys = left < ATTENTION_PANEL_KEYS ? left : ATTENTION_PANEL_KEYS;
    work_add((struct work){.elementwise = keys * width}); /* the scale */
}

/* A block is done: the caller's thread lets the caller do what must not wait. */
static void report_progress(const struct attention_plan *plan) {
    if (plan->progress && omp_get_thread_num() == 0) plan->progress(plan->progress_context);
}

/* Packs the keys and values of `slots` key/value heads and attends to them; by all threads of the team that
 * calls. */
static void attend_heads(const struct call *call, size_t first_kv_head, size_t slots) {
    const struct attention_shape *shape = &call->plan->shape;
    size_t panels = slots * attention_panels(shape->key_length);
    size_t tasks = slots * (shape->heads / shape->kv_heads) * attention_query_blocks(shape);
#pragma omp for schedule(static)
    for (size_t task = 0; task < panels; task++)
        pack_panel(call, first_kv_head, task);
#pragma omp for schedule(dynamic, 1)
    for (size_t task = 0; task < tasks; task++) {
        struct place place = place_of_task(shape, first_kv_head, task);
        attend_block(call, &place, &call->plan->workspaces[omp_get_thread_num()]);
        report_progress(call->plan);
    }
}

void attention_forward(struct attention_plan *plan, const struct attention_mask *mask, float scale,
                       const float *queries, const float *keys, const float *values, float *output,
                       float *log_sum_exp) {
    const struct call call = {.plan = plan,
                              .mask = mask,
                              .kernels = kernels(),
                              .scale = scale,
                              .queries = queries,
                              .keys = keys,
                              .values = values,
                              .output = output,
                              .log_sum_exp = log_sum_exp};
    size_t heads = plan->shape.batch * plan->shape.kv_heads;
    int threads = omp_get_max_threads() < plan->threads ? omp_get_max_threads() : plan->threads;
#pragma omp parallel num_threads(threads)
    for (size_t first = 0; first < heads; first += plan->slots)
        attend_heads(&call, first, heads - first < plan->slots ? heads - first : plan->slots);
}
