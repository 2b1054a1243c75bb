#include "analysis/block_effect.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/retrieval.h"
#include "core/base/memory.h"

enum { EFFECT_KEY = 0x4843 + 0xb };

/* One record. */
struct block_set {
    double neurons, load, trials, repeat, block;
    double overlap, share;             /* means over trials */
    double successes, success_overlap; /* of the trials that succeed: how many, and their sum */
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

/* --- reading -------------------------------------------------------------------------------------------- */

/* *usable false when the record holds no trials. */
static enum status read_set(const struct record *record, struct block_set *set, bool *usable) {
    size_t count;
    double sum = 0, successes = 0, success_overlap = 0, *overlaps = record_numbers(record, "overlap", &count);
    if (overlaps == NULL) return STATUS_NO_MEMORY;
    for (size_t t = 0; t < count; t++) {
        bool success = overlaps[t] > RETRIEVAL_SUCCESS_OVERLAP;
        sum += overlaps[t];
        successes += success, success_overlap += success ? overlaps[t] : 0;
    }
    *set = (struct block_set){.neurons = record_real(record, "neurons"),
                              .load = record_real(record, "load"),
                              .trials = (double)count,
                              .repeat = record_real(record, "repeat"),
                              .block = record_real(record, "block"),
                              .overlap = sum / (double)count,
                              .share = successes / (double)count,
                              .successes = successes,
                              .success_overlap = success_overlap};
    *usable = count > 0 && isfinite(sum) && set->neurons > 0 && set->block > 0;
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
        CHECK(read_set(selection->records[i], &sets[*count], &usable));
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

/* --- large networks ------------------------------------------------------------------------------------- */

/* The trials that succeed of one pattern set of a large network, in blocks of whatever size. */
struct block_large {
    double neurons, load, trials, repeat;
    double overlap, successes; /* the sum over them, and how many they are */
};

struct large_sets {
    size_t count;
    const struct block_large *sets;
};

static void mean_of_successes(const void *context, struct resampler *resampler, double *values) {
    const struct large_sets *large = context;
    double overlap = 0, successes = 0;
    for (size_t i = 0; i < large->count; i++) {
        const struct block_large *set = &large->sets[resample_one(resampler, large->count, i)];
        overlap += set->overlap;
        successes += set->successes;
    }
    values[0] = overlap / successes;
}

/* Those of `count` ordered records whose trials succeed, a set's records together; returns how many. */
static size_t gather_large(const struct block_set *sets, size_t count, struct block_large *large) {
    const struct block_set *before = NULL;
    size_t gathered = 0;
    for (size_t i = 0; i < count; i++) {
        const struct block_set *set = &sets[i];
        bool again = i > 0 && by_set(set - 1, set) == 0; /* on other numbers of ranks */
        if (again || set->neurons < LARGE_NETWORK || !(set->successes > 0)) continue;
        if (before == NULL || !is_same_set(before, set))
            large[gathered++] = (struct block_large){set->neurons, set->load, set->trials, set->repeat, 0, 0};
        large[gathered - 1].overlap += set->success_overlap;
        large[gathered - 1].successes += set->successes;
        before = set;
    }
    return gathered;
}

static enum status measure_large(const struct block_set *sets, size_t count, struct block_effect *effect) {
    struct block_large *large = memory_allocate(count, sizeof *large);
    if (large == NULL) return STATUS_NO_MEMORY;
    size_t all = gather_large(sets, count, large);
    enum status status = STATUS_OK;
    for (size_t first = 0, last; first < all && status == STATUS_OK; first = last) {
        double n = 0;
        for (last = first; last < all && large[last].neurons == large[first].neurons &&
                           large[last].load == large[first].load;)
            n += large[last++].successes;
        struct large_sets same = {last - first, large + first};
        struct block_network *network = &effect->networks[effect->network_count++];
        *network = (struct block_network){large[first].neurons, large[first].load, same.count,
                                          interval_unknown(NAN, 0)};
        status = bootstrap_interval(mean_of_successes, &same, EFFECT_KEY, same.count, (size_t)n,
                                    &network->overlap);
    }
    memory_free(large);
    return status;
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
        status = measure_large(sets, effect->records, effect);
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
