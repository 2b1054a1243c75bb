#include "analysis/shape_costs.h"

#include <string.h>

#include "analysis/theory.h"

const char *const candidate_names[CANDIDATES] = {
    [CORE] = "core", [LAYER] = "attention", [RIVALS] = "rnn", "gru", "lstm", "conv k=3", "conv k=9"};

/* How a candidate's costs are found. */
struct candidate {
    enum theory_rival kind;
    double kernel_size;
    const char *work[4], *time[3]; /* columns to add up, ended by NULL */
};

static const struct candidate candidates[CANDIDATES] = {
    [CORE] = {0, 0, {"flops_core", "flops_softmax"}, {"seconds_core"}},
    [LAYER] = {0,
               0,
               {"flops_core", "flops_softmax", "flops_projections"},
               {"seconds_core", "seconds_projections"}},
    [RIVALS] = {RIVAL_RNN, 0, {"flops"}, {"seconds"}},
    {RIVAL_GRU, 0, {"flops"}, {"seconds"}},
    {RIVAL_LSTM, 0, {"flops"}, {"seconds"}},
    {RIVAL_CONVOLUTION, 3, {"flops"}, {"seconds"}},
    {RIVAL_CONVOLUTION, 9, {"flops"}, {"seconds"}},
};

/* --- one shape's costs --------------------------------------------------------------------------------- */

static double predicted_work(const struct published_shape *shape, size_t candidate) {
    const struct candidate *rival = &candidates[candidate];
    double kv_width = shape->heads > 0 ? shape->kv_heads * shape->head_width : shape->width;
    double core = theory_core_work(shape->length, shape->width, shape->causal);
    if (candidate == CORE) return shape->batch * core;
    if (candidate == LAYER)
        return shape->batch * (core + theory_projection_work(shape->length, shape->width, kv_width));
    return shape->batch * theory_rival_work(rival->kind, shape->length, shape->width, rival->kernel_size);
}

/* Attention as the model has it; as wide as the layer, no mask and keys of its own for each head where the
 * model has none. */
static void keep_attention(const struct published_shape *shape, struct selection *selection) {
    static const char *const alike[] = {"heads", "head_width", "kv_heads", NULL};
    size_t kept = 0;
    selection_keep_text(selection, "mask", shape->causal ? "causal" : "full");
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        double heads = record_real(record, "heads"), head_width = record_real(record, "head_width");
        if (heads * head_width != shape->width) continue;
        if (shape->heads > 0 && heads != shape->heads) continue;
        if (record_real(record, "kv_heads") != (shape->heads > 0 ? shape->kv_heads : heads)) continue;
        if (kept == 0 || records_agree(selection->records[0], record, alike))
            selection->records[kept++] = record;
    }
    selection->count = kept;
}

static void keep_rival(const struct published_shape *shape, const struct candidate *candidate,
                       struct selection *selection) {
    selection_keep_number(selection, "width", shape->width);
    if (candidate->kind == RIVAL_CONVOLUTION) {
        selection_keep_number(selection, "kernel_size", candidate->kernel_size);
        selection_keep_number(selection, "dilation", 1);
        selection_keep_text(selection, "reads", "past");
        selection_keep_text(selection, "channels", "all");
    } else {
        selection_keep_text(selection, "cell", theory_rival_name(candidate->kind));
        selection_keep_number(selection, "layers", 1);
        selection_keep_text(selection, "directions", "forward");
    }
}

static const char *experiment_of(size_t candidate) {
    if (candidate < RIVALS) return "attention";
    return candidates[candidate].kind == RIVAL_CONVOLUTION ? "convolution" : "recurrent";
}

/* The candidate's records at the very shape. */
static enum status read_candidate(const struct results *results, size_t candidate,
                                  struct shape_costs *costs) {
    const struct published_shape *shape = costs->shape;
    struct selection selection;
    struct sweep_point work;
    CHECK(selection_create(results, experiment_of(candidate), &selection));
    selection_keep(&selection, record_is_on_one_rank);
    selection_keep_number(&selection, "threads", 1);
    selection_keep_number(&selection, "length", shape->length);
    selection_keep_number(&selection, "batch", shape->batch);
    if (candidate < RIVALS)
        keep_attention(shape, &selection);
    else
        keep_rival(shape, &candidates[candidate], &selection);
    enum status status = sweep_point_read(&selection, candidates[candidate].work, &work);
    if (status == STATUS_OK) {
        costs->counted[candidate] = work.typical;
        sweep_point_clear(&work);
        selection_keep(&selection, record_is_undisturbed);
        status = sweep_point_read(&selection, candidates[candidate].time, &costs->seconds[candidate]);
    }
    selection_destroy(&selection);
    return status;
}

enum status shape_costs_read(const struct results *results, const struct published_shape *shape,
                             struct shape_costs *costs) {
    *costs = (struct shape_costs){.shape = shape};
    for (size_t i = 0; i < CANDIDATES; i++) {
        costs->work[i] = predicted_work(shape, i);
        CHECK(read_candidate(results, i, costs));
    }
    return STATUS_OK;
}

void shape_costs_clear(struct shape_costs *costs) {
    for (size_t i = 0; i < CANDIDATES; i++)
        sweep_point_clear(&costs->seconds[i]);
}
