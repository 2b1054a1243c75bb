#include "analysis/retrieval.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"

/* A count, 0 where the experiment has none. */
static double counted(const struct record *record, const char *column) {
    double count = record_real(record, column);
    return count > 0 ? count : 0;
}

enum status pattern_set_read(const struct record *record, double success_overlap, struct pattern_set *set,
                             bool *usable) {
    size_t count;
    double *overlaps = record_numbers(record, "overlap", &count);
    if (overlaps == NULL) return STATUS_NO_MEMORY;
    *set = (struct pattern_set){.neurons = record_real(record, "neurons"),
                                .patterns = record_real(record, "patterns"),
                                .first_step_errors = record_real(record, "first_step_errors"),
                                .fixed = counted(record, "fixed_patterns"),
                                .cycles = counted(record, "cycles"),
                                .capped = counted(record, "capped")};
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(overlaps[i])) continue;
        set->trials++;
        set->overlap += overlaps[i];
        if (overlaps[i] > success_overlap) {
            set->successes++;
            set->success_overlap += overlaps[i];
        }
    }
    memory_free(overlaps);
    *usable = set->trials > 0 && set->neurons > 0 && set->patterns > 0;
    return STATUS_OK;
}

static int by_size_and_patterns(const void *left, const void *right) {
    const struct pattern_set *a = left, *b = right;
    if (a->neurons != b->neurons) return a->neurons < b->neurons ? -1 : 1;
    return (a->patterns > b->patterns) - (a->patterns < b->patterns);
}

static void group_sets(struct retrieval *retrieval) {
    for (size_t i = 0; i < retrieval->set_count; i++) {
        const struct pattern_set *set = &retrieval->sets[i];
        if (i == 0 || by_size_and_patterns(set - 1, set) != 0) {
            retrieval->cells[retrieval->cell_count++] =
                (struct load_cell){set->neurons, set->patterns, set->patterns / set->neurons, 0, set};
        }
        retrieval->cells[retrieval->cell_count - 1].count++;
    }
    for (size_t i = 0; i < retrieval->cell_count; i++) {
        const struct load_cell *cell = &retrieval->cells[i];
        if (i == 0 || cell->neurons != cell[-1].neurons) {
            retrieval->sizes[retrieval->size_count++] = (struct size_group){cell->neurons, 0, cell};
        }
        retrieval->sizes[retrieval->size_count - 1].count++;
    }
}

static enum status gather(const struct selection *selection, double success_overlap,
                          struct retrieval *retrieval) {
    size_t count = selection->count;
    retrieval->sets = memory_allocate(count, sizeof *retrieval->sets);
    retrieval->cells = memory_allocate(count, sizeof *retrieval->cells);
    retrieval->sizes = memory_allocate(count, sizeof *retrieval->sizes);
    if (retrieval->sets == NULL || retrieval->cells == NULL || retrieval->sizes == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        bool usable;
        CHECK(pattern_set_read(selection->records[i], success_overlap, &retrieval->sets[retrieval->set_count],
                               &usable));
        if (usable) retrieval->capped += retrieval->sets[retrieval->set_count++].capped;
    }
    qsort(retrieval->sets, retrieval->set_count, sizeof *retrieval->sets, by_size_and_patterns);
    group_sets(retrieval);
    return STATUS_OK;
}

enum status retrieval_gather(const struct selection *selection, double success_overlap,
                             struct retrieval **retrieval) {
    *retrieval = NULL;
    struct retrieval *new = memory_allocate(1, sizeof *new);
    enum status status = new == NULL ? STATUS_NO_MEMORY : gather(selection, success_overlap, new);
    if (status == STATUS_OK)
        *retrieval = new;
    else
        retrieval_destroy(&new);
    return status;
}

enum status retrieval_create(const struct results *results, const char *dynamics, double load_least,
                             struct retrieval **retrieval) {
    *retrieval = NULL;
    struct selection selection;
    CHECK(selection_create(results, "hopfield_capacity", &selection));
    selection_keep_text(&selection, "rule", "hebb");
    selection_keep_text(&selection, "dynamics", dynamics);
    selection_keep_number(&selection, "initial_overlap", 1);
    selection_keep_least(&selection, "load", load_least);
    enum status status = retrieval_gather(&selection, RETRIEVAL_SUCCESS_OVERLAP, retrieval);
    selection_destroy(&selection);
    return status;
}

void retrieval_destroy(struct retrieval **retrieval) {
    if (*retrieval == NULL) return;
    memory_free((*retrieval)->sets);
    memory_free((*retrieval)->cells);
    memory_free((*retrieval)->sizes);
    memory_free(*retrieval);
    *retrieval = NULL;
}

struct pattern_set cell_total(const struct load_cell *cell, struct resampler *resampler) {
    struct pattern_set total = {.neurons = cell->neurons, .patterns = cell->patterns};
    for (size_t i = 0; i < cell->count; i++) {
        const struct pattern_set *set = &cell->sets[resample_one(resampler, cell->count, i)];
        total.trials += set->trials;
        total.successes += set->successes;
        total.overlap += set->overlap;
        total.success_overlap += set->success_overlap;
        total.first_step_errors += set->first_step_errors;
        total.fixed += set->fixed;
        total.cycles += set->cycles;
        total.capped += set->capped;
    }
    return total;
}
