#include <math.h>

#include "analysis/basins.h"
#include "core/base/memory.h"

enum { BASIN_KEY = 0x4846 + 2, SLOPE_LOADS_LEAST = 3 };

/* Keys of loads differ: where the data leave a gap its places are drawn, which must not agree. */
static uint64_t key_of(size_t load) {
    return BASIN_KEY + ((uint64_t)load << 16);
}

/* --- the loads ---------------------------------------------------------------------------------------- */

/* The samples that have the same load as the first one. */
static size_t count_load(size_t count, const struct basin_sample *samples) {
    size_t same = 0;
    while (same < count && samples[same].load == samples[0].load)
        same++;
    return same;
}

static bool has_starts(size_t count, const struct basin_sample *samples) {
    size_t starts = 1;
    for (size_t i = 1; i < count; i++)
        starts += samples[i].start != samples[i - 1].start;
    return starts >= BASIN_STARTS_LEAST;
}

/* replicates[BASIN_LOADS_MAX][BOOTSTRAP_REPLICATES]. Loads with few starts belong to other questions. */
static enum status measure_points(size_t count, struct basin_sample *samples, struct basin_line *line,
                                  double *replicates) {
    for (size_t first = 0, same; first < count; first += same) {
        same = count_load(count - first, samples + first);
        if (line->count == BASIN_LOADS_MAX || !has_starts(same, samples + first)) continue;
        CHECK(basin_point_measure(same, samples + first, key_of(line->count), &line->points[line->count],
                                  replicates + line->count * BOOTSTRAP_REPLICATES));
        line->count++;
    }
    return STATUS_OK;
}

/* --- how the critical overlap goes with the load ------------------------------------------------------ */

/* The points with bounds. */
struct known {
    size_t count, fewest, samples; /* fewest: pattern sets of any */
    double loads[BASIN_LOADS_MAX], values[BASIN_LOADS_MAX];
    const double *replicates[BASIN_LOADS_MAX];
};

static struct known known_points(const struct basin_line *line, const double *replicates) {
    struct known known = {.fewest = SIZE_MAX};
    for (size_t k = 0; k < line->count; k++) {
        const struct basin_point *point = &line->points[k];
        if (!(isfinite(point->overlap.low) && isfinite(point->overlap.high))) continue;
        known.loads[known.count] = point->load;
        known.values[known.count] = point->overlap.value;
        known.replicates[known.count++] = replicates + k * BOOTSTRAP_REPLICATES;
        known.samples += point->overlap.n;
        if (point->groups < known.fewest) known.fewest = point->groups;
    }
    return known;
}

/* Least squares; NaN if any overlap is. */
static double slope_of(size_t count, const double *loads, const double *overlaps) {
    double mean = 0, squares = 0, products = 0;
    for (size_t k = 0; k < count; k++)
        mean += loads[k] / (double)count;
    for (size_t k = 0; k < count; k++) {
        squares += (loads[k] - mean) * (loads[k] - mean);
        products += (loads[k] - mean) * overlaps[k];
    }
    return products / squares;
}

/* Sets of different loads are drawn apart, so that any pairing of their replicates is one of all loads. */
static struct interval measure_slope(const struct known *known, double *scratch) {
    for (size_t i = 0; i < BOOTSTRAP_REPLICATES; i++) {
        double overlaps[BASIN_LOADS_MAX];
        for (size_t k = 0; k < known->count; k++)
            overlaps[k] = known->replicates[k][i];
        scratch[i] = slope_of(known->count, known->loads, overlaps);
    }
    return interval_from_replicates(slope_of(known->count, known->loads, known->values), BOOTSTRAP_REPLICATES,
                                    scratch, known->fewest, known->samples);
}

static size_t count_falls(const struct known *known, double *scratch) {
    size_t falls = 0;
    for (size_t k = 1; k < known->count; k++) {
        for (size_t i = 0; i < BOOTSTRAP_REPLICATES; i++)
            scratch[i] = known->replicates[k][i] - known->replicates[k - 1][i];
        struct interval step = interval_from_replicates(known->values[k] - known->values[k - 1],
                                                        BOOTSTRAP_REPLICATES, scratch, known->fewest, 0);
        falls += step.high_999 < 0;
    }
    return falls;
}

enum status basin_line_measure(size_t count, struct basin_sample *samples, struct basin_line *line) {
    size_t rows = BASIN_LOADS_MAX + 1;
    double *replicates = memory_allocate(rows * BOOTSTRAP_REPLICATES, sizeof *replicates);
    if (replicates == NULL) return STATUS_NO_MEMORY;
    double *scratch = replicates + BASIN_LOADS_MAX * BOOTSTRAP_REPLICATES;
    *line = (struct basin_line){.neurons = samples[0].set.neurons, .slope = interval_unknown(NAN, 0)};
    enum status status = measure_points(count, samples, line, replicates);
    if (status == STATUS_OK) {
        struct known known = known_points(line, replicates);
        line->known = known.count;
        line->falls = count_falls(&known, scratch);
        if (known.count >= SLOPE_LOADS_LEAST) line->slope = measure_slope(&known, scratch);
    }
    memory_free(replicates);
    return status;
}
