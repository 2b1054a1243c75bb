#include "analysis/crossover.h"

#include <stdio.h>
#include <string.h>

static const char *const attention_fixed[] = {"batch", "head_width", "heads",    "kv_heads", "mask",
                                              "ranks", "threads",    "schedule", NULL};
static const char *const convolution_fixed[] = {"batch", "width",    "kernel_size", "dilation",
                                                "reads", "channels", "threads",     NULL};
static const char *const recurrent_fixed[] = {"batch",      "width",   "cell", "layers",
                                              "directions", "threads", NULL};

static double width_of(const struct record *record) {
    return record_real(record, "heads") * record_real(record, "head_width");
}

static bool is_plain_attention(const struct record *record) {
    return strcmp(record_string(record, "mask"), "full") == 0 && record_real(record, "ranks") == 1 &&
           record_real(record, "kv_heads") == record_real(record, "heads");
}

/* The rival's records at the comparison's width. */
static enum status select_rival(const struct results *results, const struct comparison *comparison,
                                const struct rival *rival, struct selection *selection) {
    bool convolution = rival->kind == RIVAL_CONVOLUTION;
    CHECK(selection_create(results, convolution ? "convolution" : "recurrent", selection));
    selection_keep(selection, record_is_on_one_rank);
    selection_keep_number(selection, "width", comparison->width);
    selection_keep_number(selection, "batch", comparison->batch);
    selection_keep_number(selection, "threads", comparison->threads);
    if (convolution) {
        selection_keep_number(selection, "dilation", 1);
        if (rival->kernel_size > 0) selection_keep_number(selection, "kernel_size", rival->kernel_size);
    } else {
        selection_keep_text(selection, "cell", theory_rival_name(rival->kind));
    }
    return STATUS_OK;
}

static void add_rival(struct comparison *comparison, enum theory_rival kind, double kernel_size) {
    for (size_t i = 0; i < comparison->rival_count; i++) {
        const struct rival *known = &comparison->rivals[i];
        if (known->kind == kind && known->kernel_size == kernel_size) return;
    }
    if (comparison->rival_count == RIVALS_MAX) return;
    struct rival *rival = &comparison->rivals[comparison->rival_count++];
    *rival = (struct rival){.kind = kind, .kernel_size = kernel_size};
    if (kind == RIVAL_CONVOLUTION)
        snprintf(rival->name, sizeof rival->name, "convolution k=%.0f", kernel_size);
    else
        snprintf(rival->name, sizeof rival->name, "%s", theory_rival_name(kind));
}

/* Fills in the rivals that have records at the comparison's width. */
static enum status find_rivals(const struct results *results, struct comparison *comparison) {
    for (enum theory_rival kind = 0; kind < RIVAL_COUNT; kind++) {
        struct rival any = {.kind = kind};
        struct selection selection;
        CHECK(select_rival(results, comparison, &any, &selection));
        for (size_t i = 0; i < selection.count; i++) {
            double kernel_size =
                kind == RIVAL_CONVOLUTION ? record_real(selection.records[i], "kernel_size") : 0;
            if (kernel_size >= 0) add_rival(comparison, kind, kernel_size);
        }
        selection_destroy(&selection);
    }
    return STATUS_OK;
}

static size_t lengths_of(const struct selection *selection, const struct record *first) {
    size_t count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        count += records_agree(first, selection->records[i], attention_fixed);
    }
    return count;
}

const struct aspect crossover_aspects[CROSSOVER_ASPECTS] = {
    [CROSSOVER_CORE_WORK] = {false, false, {"flops_core", "flops_softmax"}, {"flops"}},
    [CROSSOVER_LAYER_WORK] = {true, false, {"flops_core", "flops_softmax", "flops_projections"}, {"flops"}},
    [CROSSOVER_CORE_TIME] = {false, true, {"seconds_core"}, {"seconds"}},
    [CROSSOVER_LAYER_TIME] = {true, true, {"seconds_core", "seconds_projections"}, {"seconds"}},
};

/* --- groups ------------------------------------------------------------------------------------------- */

static bool is_better(const struct comparison *candidate, const struct comparison *best) {
    if (best == NULL || candidate->rival_count != best->rival_count)
        return best == NULL || candidate->rival_count > best->rival_count;
    return candidate->lengths > best->lengths;
}

/* The group of record `index`, unless an earlier record stands for it or it has too little to compare. */
static enum status add_comparison(const struct results *results, const struct selection *attention,
                                  size_t index, struct comparisons *comparisons) {
    const struct record *first = attention->records[index];
    size_t earlier = 0;
    while (earlier < index && !records_agree(attention->records[earlier], first, attention_fixed))
        earlier++;
    if (earlier < index || comparisons->count == COMPARISONS_MAX) return STATUS_OK;
    struct comparison *made = &comparisons->at[comparisons->count];
    *made = (struct comparison){.attention = first,
                                .width = width_of(first),
                                .batch = record_real(first, "batch"),
                                .threads = record_real(first, "threads"),
                                .lengths = lengths_of(attention, first)};
    if (made->lengths < SWEEP_POINTS_LEAST) return STATUS_OK;
    CHECK(find_rivals(results, made));
    if (made->rival_count == 0) return STATUS_OK;
    comparisons->count++;
    if (is_better(made, comparisons->best)) comparisons->best = made;
    return STATUS_OK;
}

enum status crossover_find(const struct results *results, struct comparisons *comparisons) {
    struct selection attention;
    *comparisons = (struct comparisons){0};
    CHECK(selection_create(results, "attention", &attention));
    selection_keep(&attention, is_plain_attention);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < attention.count && status == STATUS_OK; i++)
        status = add_comparison(results, &attention, i, comparisons);
    selection_destroy(&attention);
    return status;
}

/* --- curves ------------------------------------------------------------------------------------------- */

enum status crossover_attention(const struct results *results, const struct comparison *comparison,
                                const struct aspect *aspect, struct sweep *sweep) {
    struct selection own;
    CHECK(selection_create(results, "attention", &own));
    selection_keep(&own, is_plain_attention);
    if (aspect->time) selection_keep(&own, record_is_undisturbed);
    size_t kept = 0;
    for (size_t i = 0; i < own.count; i++) {
        if (records_agree(comparison->attention, own.records[i], attention_fixed))
            own.records[kept++] = own.records[i];
    }
    own.count = kept;
    enum status status = sweep_find(&own, "length", attention_fixed, aspect->attention, sweep);
    selection_destroy(&own);
    return status;
}

enum status crossover_rival(const struct results *results, const struct comparison *comparison,
                            const struct rival *rival, const struct aspect *aspect, struct sweep *sweep) {
    const char *const *fixed = rival->kind == RIVAL_CONVOLUTION ? convolution_fixed : recurrent_fixed;
    struct selection selection;
    CHECK(select_rival(results, comparison, rival, &selection));
    if (aspect->time) selection_keep(&selection, record_is_undisturbed);
    enum status status = sweep_find(&selection, "length", fixed, aspect->rival, sweep);
    selection_destroy(&selection);
    return status;
}
