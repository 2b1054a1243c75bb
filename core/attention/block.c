/* One block of rows: led over panels of keys, joined with other parts, finished. */
#include <math.h>
#include <string.h>

#include "core/attention/call.h"
#include "core/base/chain.h"
#include "core/base/work.h"

static const double LOG_OF_2 = 0.693147180559945309;

struct place REAL(attention_place)(const struct call *call, size_t kv_head, size_t block) {
    const struct attention_cut *cut = &call->plan->cut;
    size_t row = (cut->blocks - 1 - block % cut->blocks) * cut->block_rows, left = cut->span_rows - row;
    return (struct place){
        .kv_head = kv_head,
        .row = block / cut->blocks * cut->span_rows + row,
        .rows = left < cut->block_rows ? left : cut->block_rows,
    };
}

static size_t batch_of(const struct call *call, size_t kv_head) {
    return kv_head / call->plan->shape.kv_heads;
}

/* The place's first row in queries, output and log_sum_exp seen as [..][width]. */
static size_t first_row(const struct call *call, const struct place *place) {
    return place->kv_head * call->plan->cut.rows + place->row;
}

struct panel_range REAL(attention_seen_panels)(const struct call *call, size_t kv_head) {
    const struct attention_shape *shape = &call->plan->shape;
    size_t batch = batch_of(call, kv_head);
    size_t begin = attention_visible_keys(call->mask, shape->key_length, batch, 0).begin;
    size_t end = attention_visible_keys(call->mask, shape->key_length, batch, shape->query_length - 1).end;
    return (struct panel_range){
        .first = begin / ATTENTION_PANEL_KEYS,
        .last = (end + ATTENTION_PANEL_KEYS - 1) / ATTENTION_PANEL_KEYS,
    };
}

void REAL(attention_begin)(size_t rows, const struct attention_state *state) {
    for (size_t r = 0; r < rows; r++)
        state->maximum[r] = (real)-INFINITY;
}

/* Fills in what each row sees and returns the union. */
static struct key_range find_seen(const struct call *call, const struct place *place,
                                  struct key_range *seen) {
    const struct attention_shape *shape = &call->plan->shape;
    struct key_range all = {.begin = SIZE_MAX, .end = 0};
    for (size_t r = 0; r < place->rows; r++) {
        seen[r] = attention_visible_keys(call->mask, shape->key_length, batch_of(call, place->kv_head),
                                         (place->row + r) % shape->query_length);
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

/* The queries as they are if the keys carry the scale, else scaled. */
static const real *block_queries(const struct call *call, const struct place *place, real *scaled,
                                 struct attention_done *done) {
    size_t width = call->plan->shape.head_width, count = place->rows * width;
    const real *queries = call->queries + first_row(call, place) * width;
    if (call->plan->cut.keys_packed) return queries;
    for (size_t i = 0; i < count; i++)
        scaled[i] = call->scale * queries[i];
    done->elementwise += count;
    return scaled;
}

/* Sets what of a block differs from panel to panel. */
static void set_panel(const struct call *call, const struct place *place, size_t panel, size_t at,
                      const struct attention_panels *packed, real_block *block) {
    const struct attention_shape *shape = &call->plan->shape;
    const struct attention_cut *cut = &call->plan->cut;
    size_t width = shape->head_width, step = at * ATTENTION_PANEL_KEYS;
    size_t first = panel * ATTENTION_PANEL_KEYS, left = shape->key_length - first;
    size_t there = (place->kv_head * shape->key_length + first) * width;
    block->keys = left < ATTENTION_PANEL_KEYS ? left : ATTENTION_PANEL_KEYS;
    block->key_panel = cut->keys_packed ? packed->keys + step * width : call->keys + there;
    block->value_panel =
        cut->values_packed ? packed->values + step * cut->value_columns : call->values + there;
    block->value_step = cut->value_step;
    block->value_group = cut->value_group;
}

size_t REAL(attention_attend)(const struct call *call, const struct place *place, struct panel_range panels,
                              const struct attention_panels *packed, const struct attention_workspace *space,
                              const struct attention_state *state) {
    struct attention_done done = {.product = 0};
    struct key_range all = find_seen(call, place, space->seen);
    real_block block = {
        .rows = place->rows,
        .width = call->plan->shape.head_width,
        .queries = block_queries(call, place, space->queries, &done),
        .keys_packed = call->plan->cut.keys_packed,
        .visible = space->visible,
        .maximum = state->maximum,
        .sums = state->sums,
        .output = state->output,
        .done = &done,
    };
    size_t walked = 0;
    for (size_t panel = panels.first; panel < panels.last; panel++) {
        size_t first = panel * ATTENTION_PANEL_KEYS;
        if (first >= all.end || first + ATTENTION_PANEL_KEYS <= all.begin) continue;
        walked++;
        set_panel(call, place, panel, panel - panels.first, packed, &block);
        for (size_t r = 0; r < place->rows; r++) {
            space->visible[r].begin = within_panel(space->seen[r].begin, first, block.keys);
            space->visible[r].end = within_panel(space->seen[r].end, first, block.keys);
        }
        call->kernels->REAL(attention_block)(&block);
    }
    work_add((struct work){
        .product = done.product, .elementwise = done.elementwise, .transcendental = done.transcendental});
    return walked;
}

void REAL(attention_report_chain)(size_t panels) {
    enum { SCORES = 1, SOFTMAX = 1, VALUES = 1 };
    chain_report((struct chain){.operations = SCORES + SOFTMAX + VALUES, .kernel = panels});
}

/* state = keep * state + add * later, for sums and output of one row. */
static void join_row(size_t padded, real keep, real add, const struct attention_state *later,
                     const struct attention_state *state, size_t row) {
    for (size_t lane = row * ATTENTION_SLICE; lane < (row + 1) * ATTENTION_SLICE; lane++)
        state->sums[lane] = keep * state->sums[lane] + add * later->sums[lane];
    for (size_t k = row * padded; k < (row + 1) * padded; k++)
        state->output[k] = keep * state->output[k] + add * later->output[k];
}

void REAL(attention_join)(size_t rows, size_t head_width, const struct attention_state *later,
                          const struct attention_state *state) {
    size_t padded = REAL(attention_padded_width)(head_width), joined = 0;
    for (size_t row = 0; row < rows; row++) {
        real here = state->maximum[row], there = later->maximum[row];
        if (there == (real)-INFINITY) continue;
        if (here == (real)-INFINITY) { /* what stands in the state was never written */
            memcpy(state->sums + row * ATTENTION_SLICE, later->sums + row * ATTENTION_SLICE,
                   ATTENTION_SLICE * sizeof(real));
            memcpy(state->output + row * padded, later->output + row * padded, padded * sizeof(real));
            state->maximum[row] = there;
            continue;
        }
        real most = here > there ? here : there;
        state->maximum[row] = most;
        join_row(padded, (real)exp2((double)(here - most)), (real)exp2((double)(there - most)), later, state,
                 row);
        joined++;
    }
    work_add((struct work){.elementwise = joined * (3 * head_width + 3), .transcendental = 2 * joined});
}

/* Sum of a slice, by halves, which need not wait for each other. */
static real row_sum(const real *slice) {
    real sums[ATTENTION_SLICE];
    memcpy(sums, slice, sizeof sums);
    for (size_t half = ATTENTION_SLICE / 2; half > 0; half /= 2)
        for (size_t lane = 0; lane < half; lane++)
            sums[lane] += sums[lane + half];
    return sums[0];
}

void REAL(attention_finish)(const struct call *call, const struct place *place,
                            const struct attention_state *state) {
    size_t width = call->plan->shape.head_width, padded = REAL(attention_padded_width)(width);
    for (size_t r = 0; r < place->rows; r++) {
        size_t row = first_row(call, place) + r;
        real *output = call->output + row * width, sum = row_sum(state->sums + r * ATTENTION_SLICE);
        if (state->maximum[r] == (real)-INFINITY) {
            memset(output, 0, width * sizeof *output);
            if (call->log_sum_exp) call->log_sum_exp[row] = (real)-INFINITY;
            continue;
        }
        real inverse = 1 / sum;
        for (size_t k = 0; k < width; k++)
            output[k] = state->output[r * padded + k] * inverse;
        /* In float64, since a merge exponentiates it again. */
        if (call->log_sum_exp)
            call->log_sum_exp[row] = (real)(((double)state->maximum[r] + log2((double)sum)) * LOG_OF_2);
    }
    /* The division of the output by the sum, and the logarithm of the sum. */
    work_add((struct work){.elementwise = place->rows * width, .transcendental = place->rows});
}
