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
static const float LOG_OF_2 = 0.693147181F;

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
    size_t batch, head, kv_head; /* kv_head counts over the batch */
    size_t row, rows;
    size_t first; /* of the rows, in queries, output and log_sum_exp as [..][width] */
};

static struct place place_of_task(const struct attention_shape *shape, size_t blocks, size_t task) {
    size_t head_of_batch = task / blocks;
    /* Under a causal mask late rows see most: the largest tasks of a head come first. */
    size_t row = (blocks - 1 - task % blocks) * ATTENTION_BLOCK_ROWS, left = shape->query_length - row;
    size_t head = head_of_batch % shape->heads, batch = head_of_batch / shape->heads;
    return (struct place){
        .batch = batch,
        .head = head,
        .kv_head = batch * shape->kv_heads + head / (shape->heads / shape->kv_heads),
        .row = row,
        .rows = left < ATTENTION_BLOCK_ROWS ? left : ATTENTION_BLOCK_ROWS,
        .first = head_of_batch * shape->query_length + row,
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

static void attend_panels(const struct call *call, const struct place *place,
                          const struct attention_workspace *space, struct attention_done *done) {
    const struct attention_plan *plan = call->plan;
    struct key_range all = find_seen(call, place, space->seen);
    for (size_t first = all.begin / ATTENTION_PANEL_KEYS * ATTENTION_PANEL_KEYS; first < all.end;
         first += ATTENTION_PANEL_KEYS) {
        size_t left = plan->shape.key_length - first;
        size_t keys = left < ATTENTION_PANEL_KEYS ? left : ATTENTION_PANEL_KEYS;
        for (size_t r = 0; r < place->rows; r++) {
            space->visible[r].begin = within_panel(space->seen[r].begin, first, keys);
            space->visible[r].end = within_panel(space->seen[r].end, first, keys);
        }
        struct attention_block block = {
            .rows = place->rows,
            .keys = keys,
            .width = plan->shape.head_width,
            .queries = space->queries,
            .packed_keys =
                plan->packed_keys + place->kv_head * plan->keys_per_head + first * plan->shape.head_width,
            .packed_values = plan->packed_values + place->kv_head * plan->values_per_head +
                             first * attention_padded_width(plan->shape.head_width),
            .visible = space->visible,
            .maximum = space->maximum,
            .sums = space->sums,
            .output = space->output,
            .done = done,
        };
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
            call->log_sum_exp[place->first + r] = -INFINITY;
            continue;
        }
        for (size_t lane = 0; lane < ATTENTION_SLICE; lane++)
            sum += space->sums[r * ATTENTION_SLICE + lane];
        float inverse = 1.0F / sum;
        for (size_t k = 0; k < width; k++)
            output[k] = space->output[r * padded + k] * inverse;
        call->log_sum_exp[place->first + r] = (space->maximum[r] + log2f(sum)) * LOG_OF_2;
    }
}

static void attend_block(const struct call *call, const struct place *place,
                         const struct attention_workspace *space) {
    size_t width = call->plan->shape.head_width, padded = attention_padded_width(width);
    attention_pack_queries(place->rows, width, call->scale * LOG2_OF_E, call->queries + place->first * width,
                           space->queries);
    for (size_t r = 0; r < place->rows; r++)
        space->maximum[r] = -INFINITY;
    memset(space->sums, 0, place->rows * ATTENTION_SLICE * sizeof *space->sums);
    memset(space->output, 0, ATTENTION_BLOCK_ROWS * padded * sizeof *space->output);
    /* Scaling of the queries before, of the output after. */
    struct attention_done done = {.elementwise = 2 * place->rows * width, .transcendental = place->rows};
    attend_panels(call, place, space, &done);
    finish_rows(call, place, space);
    work_add((struct work){
        .product = done.product, .elementwise = done.elementwise, .transcendental = done.transcendental});
}

static void pack_panel(const struct call *call, size_t task) {
    const struct attention_plan *plan = call->plan;
    size_t length = plan->shape.key_length, width = plan->shape.head_width;
    size_t panels = attention_panels(length), head = task / panels, panel = task % panels;
    attention_pack_keys(length, width, panel, call->keys + head * length * width,
                        plan->packed_keys + head * plan->keys_per_head +
                            panel * ATTENTION_PANEL_KEYS * width);
    attention_pack_values(length, width, panel, call->values + head * length * width,
                          plan->packed_values + head * plan->values_per_head +
                              panel * ATTENTION_PANEL_KEYS * attention_padded_width(width));
}

void attention_forward(struct attention_plan *plan, const struct attention_mask *mask, float scale,
                       const float *queries, const float *keys, const float *values, float *output,
                       float *log_sum_exp) {
    const struct attention_shape *shape = &plan->shape;
    const struct call call = {.plan = plan,
                              .mask = mask,
                              .kernels = kernels(),
                              .scale = scale,
                              .queries = queries,
                              .keys = keys,
                              .values = values,
                              .output = output,
                              .log_sum_exp = log_sum_exp};
    size_t blocks = (shape->query_length + ATTENTION_BLOCK_ROWS - 1) / ATTENTION_BLOCK_ROWS;
    size_t tasks = shape->batch * shape->heads * blocks;
    size_t panels = shape->batch * shape->kv_heads * attention_panels(shape->key_length);
    int threads = omp_get_max_threads() < plan->threads ? omp_get_max_threads() : plan->threads;
#pragma omp parallel num_threads(threads)
    {
#pragma omp for schedule(static)
        for (size_t task = 0; task < panels; task++)
            pack_panel(&call, task);
#pragma omp for schedule(dynamic, 1)
        for (size_t task = 0; task < tasks; task++) {
            struct place place = place_of_task(shape, blocks, task);
            attend_block(&call, &place, &plan->workspaces[omp_get_thread_num()]);
        }
    }
}
