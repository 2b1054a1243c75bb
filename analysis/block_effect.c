#include "analysis/block_effect.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/retrieval.h"
#include "core/base/memory.h"

enum { EFFECT_KEY = 0x4843 + 0xb };

/* One record. */
struct block_set {
    double neurons, load, trials, repeat, block;
    double overlap, share; /* means over trials */
};

static int compare(double a, double b) {
    return (a > b) - (a < b);
}

/* Blocks last: those of one pattern set stand together, single neurons first. */
static int by_set(const void *left, const void *right) {
    const struct block_set *a = left, *b = right;
    int order = compare(a->neurons, b->neurons);
    if (order == 0) order = compare(a->load, b->load);
    if (order == 0) order = compare(a->trials, b->trials);
    if (order == 0) order = compare(a->repeat, b->repeat);
    return order != 0 ? order : compare(a->block, b->block);
}

static bool is_same_set(const struct block_set *a, const struct block_set *b) {
    return a->neurons == b->neurons && a->load == b->load && a->trials == b->trials && a->repeat == b->repeat;
}

static int by_cell(const void *left, const void *right) {
    const struct block_pair *a = left, *b = right;
    int order = compare(a->neurons, b->neurons);
    if (order == 0) order = compare(a->load, b->load);
    return order != 0 ? order : compare(a->block, b->block);
}

static int by_size_and_load(const void *left, const void *right) {
    const struct block_network *a = left, *b = right;
    int order = compare(a->neurons, b->neurons);
    return order != 0 ? order : compare(a->load, b->load);
}

/* --- reading -------------------------------------------------------------------------------------------- */

/* The mean of the overlaps of trials that succeed, which stand first. */
static struct interval network_overlap(size_t count, const double *overlaps) {
    double mean = statistics_mean(count, overlaps), squares = 0;
    struct interval interval = interval_unknown(mean, count);
    if (count < 2) return interval;
    for (size_t t = 0; t < count; t++)
        squares += (overlaps[t] - mean) * (overlaps[t] - mean);
    double error = sqrt(squares / (double)(count - 1) / (double)count);
    interval.low = mean - 1.96 * error, interval.high = mean + 1.96 * error;
    interval.low_999 = mean - 3.29 * error, interval.high_999 = mean + 3.29 * error;
    return interval;
}

/* Adds up a record's trials, and moves those that succeed to the front; returns how many they are. */
static size_t sum_trials(size_t count, double *overlaps, double *sum) {
    size_t successes = 0;
    *sum = 0;
    for (size_t t = 0; t < count; t++) {
        *sum += overlaps[t];
        if (overlaps[t] > RETRIEVAL_SUCCESS_OVERLAP) overlaps[successes++] = overlaps[t];
    }
    return successes;
}

/* *usable false when the record holds no trials. */
static enum status read_set(const struct record *record, struct block_set *set, struct block_effect *effect,
                            bool *usable) {
    size_t count;
    double sum, *overlaps = record_numbers(record, "overlap", &count);
    if (overlaps == NULL) return STATUS_NO_MEMORY;
    size_t successes = sum_trials(count, overlaps, &sum);
    *set = (struct block_set){.neurons = record_real(record, "neurons"),
                              .load = record_real(record, "load"),
                              .trials = (double)count,
                              .repeat = record_real(record, "repeat"),
                              .block = record_real(record, "block"),
                              .overlap = sum / (double)count,
                              .share = (double)successes / (double)count};
    *usable = count > 0 && isfinite(sum) && set->neurons > 0 && set->block > 0;
    if (*usable && set->neurons >= LARGE_NETWORK && successes > 0)
        effect->networks[effect->network_count++] =
            (struct block_network){set->neurons, set->load, network_overlap(successes, overlaps)};
    memory_free(overlaps);
    return STATUS_OK;
}

/* Trials that ended otherwise than at a fixed point. */
static void count_ends(const struct record *record, const struct block_set *set,
                       struct block_effect *effect) {
    double cycles = record_real(record, "cycles"), capped = record_real(record, "capped");
    if (capped > 0) effect->capped += capped;
    if (set->block < set->neurons || !(cycles >= 0)) return;
    effect->whole_trials += set->trials;
    effect->whole_cycles += cycles;
}

static enum status read_sets(const struct selection *selection, struct block_set *sets, size_t *count,
                             struct block_effect *effect) {
    *count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        bool usable;
        CHECK(read_set(selection->records[i], &sets[*count], effect, &usable));
        if (!usable) continue;
        count_ends(selection->records[i], &sets[*count], effect);
        ++*count;
    }
    qsort(sets, *count, sizeof *sets, by_set);
    return STATUS_OK;
}

/* --- pairs ---------------------------------------------------------------------------------------------- */

static void pair_sets(const struct block_set *sets, size_t count, struct block_effect *effect) {
    const struct block_set *single = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct block_set *set = &sets[i];
        if (set->block == 1) single = set;
        /* A unit on other numbers of ranks is the same unit once more. */
        bool again = i > 0 && by_set(set - 1, set) == 0;
        if (set->block == 1 || again || single == NULL || !is_same_set(single, set)) continue;
        effect->pairs[effect->pair_count++] = (struct block_pair){set->neurons,
                                                                  set->load,
                                                                  set->block,
                                                                  set->trials,
                                                                  set->overlap - single->overlap,
                                                                  set->share - single->share};
    }
    qsort(effect->pairs, effect->pair_count, sizeof *effect->pairs, by_cell);
}

static void group_pairs(struct block_effect *effect) {
    for (size_t i = 0; i < effect->pair_count; i++) {
        const struct block_pair *pair = &effect->pairs[i];
        if (i == 0 || by_cell(pair - 1, pair) != 0)
            effect->cells[effect->cell_count++] =
                (struct block_cell){pair->neurons, pair->load, pair->block, 0, 0, pair};
        effect->cells[effect->cell_count - 1].count++;
        effect->cells[effect->cell_count - 1].trials += pair->trials;
    }
}

static enum status gather(const struct selection *selection, struct block_effect *effect) {
    struct block_set *sets = memory_allocate(selection->count, sizeof *sets);
    effect->pairs = memory_allocate(selection->count, sizeof *effect->pairs);
    effect->cells = memory_allocate(selection->count, sizeof *effect->cells);
    effect->networks = memory_allocate(selection->count, sizeof *effect->networks);
    enum status status =
        sets && effect->pairs && effect->cells && effect->networks ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK) status = read_sets(selection, sets, &effect->records, effect);
    if (status == STATUS_OK) {
        pair_sets(sets, effect->records, effect);
        group_pairs(effect);
        qsort(effect->networks, effect->network_count, sizeof *effect->networks, by_size_and_load);
    }
    memory_free(sets);
    return status;
}

enum status block_effect_create(const struct results *results, struct block_effect **effect) {
    *effect = memory_allocate(1, sizeof **effect);
    if (*effect == NULL) return STATUS_NO_MEMORY;
    struct selection selection;
    enum status status = selection_create(results, "hopfield_blocks", &selection);
    if (status == STATUS_OK) {
        selection_keep_number(&selection, "initial_overlap", 1);
        status = gather(&selection, *effect);
        selection_destroy(&selection);
    }
    if (status != STATUS_OK) block_effect_destroy(effect);
    return status;
}

void block_effect_destroy(struct block_effect **effect) {
    if (*effect == NULL) return;
    memory_free((*effect)->pairs);
    memory_free((*effect)->cells);
    memory_free((*effect)->networks);
    memory_free(*effect);
    *effect = NULL;
}

/* --- means ---------------------------------------------------------------------------------------------- */

static void mean_overlap(const void *context, struct resampler *resampler, double *values) {
    const struct block_cell *cell = context;
    values[0] = 0;
    for (size_t i = 0; i < cell->count; i++)
        values[0] += cell->pairs[resample_one(resampler, cell->count, i)].overlap / (double)cell->count;
}

static void mean_success(const void *context, struct resampler *resampler, double *values) {
    const struct block_cell *cell = context;
    values[0] = 0;
    for (size_t i = 0; i < cell->count; i++)
        values[0] += cell->pairs[resample_one(resampler, cell->count, i)].success / (double)cell->count;
}

enum status block_cell_overlap(const struct block_cell *cell, struct interval *interval) {
    return bootstrap_interval(mean_overlap, cell, EFFECT_KEY, cell->count, cell->count, interval);
}

enum status block_cell_success(const struct block_cell *cell, struct interval *interval) {
    return bootstrap_interval(mean_success, cell, EFFECT_KEY, cell->count, cell->count, interval);
}
