#include "analysis/capacity.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "analysis/fit.h"
#include "core/base/memory.h"

enum { CELLS_MAX = 256 };

/* The fewest sets among the cells of a size that are used, 0: none is; and all their sets. */
static size_t fewest_sets(const struct size_group *size, size_t *all) {
    size_t fewest = 0;
    *all = 0;
    for (size_t i = 0; i < size->count; i++) {
        size_t sets = size->cells[i].count;
        if (sets < RETRIEVAL_SETS_LEAST) continue;
        *all += sets;
        if (fewest == 0 || sets < fewest) fewest = sets;
    }
    return fewest;
}

/* Fits one size's success curve on resampled sets, from the given start; false where the data do not
 * determine it. */
static bool fit_curve(const struct size_group *size, struct resampler *resampler, double *intercept,
                      double *slope) {
    double load[CELLS_MAX], successes[CELLS_MAX], trials[CELLS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < size->count && count < CELLS_MAX; i++) {
        if (size->cells[i].count < RETRIEVAL_SETS_LEAST) continue;
        struct pattern_set total = cell_total(&size->cells[i], resampler);
        load[count] = size->cells[i].load;
        successes[count] = total.successes;
        trials[count++] = total.trials;
    }
    return fit_probit(count, load, successes, trials, intercept, slope) == STATUS_OK && *slope < 0;
}

/* Whether at least half succeed at some load and fewer than half at another: no extrapolating in the load. */
static bool brackets_half(const struct size_group *size) {
    struct resampler themselves = {.identity = 1};
    bool more = false, fewer = false;
    for (size_t i = 0; i < size->count; i++) {
        if (size->cells[i].count < RETRIEVAL_SETS_LEAST) continue;
        struct pattern_set total = cell_total(&size->cells[i], &themselves);
        if (2 * total.successes >= total.trials)
            more = true;
        else
            fewer = true;
    }
    return more && fewer;
}

/* The variance of a cell's share of successes: over its sets, and no less than trials scatter at that chance.
 */
static double share_variance(const struct load_cell *cell, double share, double chance, double trials) {
    double squares = 0;
    for (size_t i = 0; i < cell->count; i++) {
        const struct pattern_set *set = &cell->sets[i];
        double deviation = set->successes - share * set->trials;
        squares += deviation * deviation;
    }
    double sets = (double)cell->count;
    return fmax(squares * sets / (sets - 1) / (trials * trials), chance * (1 - chance) / trials);
}

/* By how much the shares deviate from the fitted curve, in units of their scatter, root mean square; at least
 * 1. */
static double misfit_of(const struct success_curve *curve) {
    struct resampler themselves = {.identity = 1};
    double squares = 0, cells = 0;
    for (size_t i = 0; i < curve->size->count; i++) {
        const struct load_cell *cell = &curve->size->cells[i];
        if (cell->count < RETRIEVAL_SETS_LEAST) continue;
        struct pattern_set total = cell_total(cell, &themselves);
        double share = total.successes / total.trials;
        double chance = gsl_cdf_ugaussian_P(curve->intercept + curve->slope * cell->load);
        double variance = share_variance(cell, share, chance, total.trials);
        if (!(variance > 0)) continue;
        squares += (share - chance) * (share - chance) / variance;
        cells++;
    }
    return cells > 2 ? sqrt(fmax(1, squares / (cells - 2))) : 1;
}

/* --- outputs of one bootstrap replicate: a half-success load per curve, then a crossing per pair ------ */

static void curve_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct capacity *capacity = context;
    double intercept[CAPACITY_SIZES_MAX], slope[CAPACITY_SIZES_MAX];
    for (size_t i = 0; i < capacity->curve_count; i++) {
        intercept[i] = capacity->curves[i].intercept;
        slope[i] = capacity->curves[i].slope;
        bool fitted = fit_curve(capacity->curves[i].size, resampler, &intercept[i], &slope[i]);
        /* A probit is a model: where it misses by more than the sets scatter, so may what it says. */
        const struct success_curve *curve = &capacity->curves[i];
        intercept[i] = curve->intercept + curve->misfit * (intercept[i] - curve->intercept);
        slope[i] = curve->slope + curve->misfit * (slope[i] - curve->slope);
        if (!fitted || !(slope[i] < 0)) intercept[i] = slope[i] = NAN;
        values[i] = -intercept[i] / slope[i];
    }
    for (size_t i = 0; i < capacity->pair_count; i++) {
        size_t a = capacity->pairs[i].smaller, b = capacity->pairs[i].larger;
        /* Without the larger size being the steeper one there is no crossing to speak of. */
        bool crosses = slope[b] < slope[a];
        values[capacity->curve_count + i] =
            crosses ? (intercept[a] - intercept[b]) / (slope[b] - slope[a]) : NAN;
    }
}

/* Values and replicates of one kind (half-success loads or crossings) and what they are extrapolated with. */
struct column_set {
    size_t count;
    double sizes[CAPACITY_SIZES_MAX], values[CAPACITY_SIZES_MAX], weights[CAPACITY_SIZES_MAX];
    const double *replicates; /* [count][BOOTSTRAP_REPLICATES] */
};

static double squared_deviation(const double *replicates) {
    double sum = 0, squares = 0, count = 0;
    for (size_t i = 0; i < BOOTSTRAP_REPLICATES; i++) {
        if (!isfinite(replicates[i])) continue;
        sum += replicates[i];
        squares += replicates[i] * replicates[i];
        count++;
    }
    /* Below 1e-6 in load, rounding to whole patterns is coarser than any size studied can resolve. */
    return count < 2 ? NAN : fmax(squares / count - (sum / count) * (sum / count), 1e-12);
}

static double limit_of(const struct column_set *columns, const double *values, double exponent,
                       struct extrapolation *out) {
    double limit = NAN;
    enum status status;
    if (exponent > 0) {
        out->exponent = exponent;
        status = fit_limit(columns->count, columns->sizes, values, columns->weights, exponent, &limit,
                           &out->amplitude);
    } else {
        status =
            fit_limit_free(columns->count, columns->sizes, values, columns->weights, CAPACITY_EXPONENT_LOW,
                           CAPACITY_EXPONENT_HIGH, &limit, &out->amplitude, &out->exponent);
    }
    return status == STATUS_OK ? limit : NAN;
}

/* Extrapolates the data and every replicate; exponent 0: fitted. */
static enum status extrapolate(const struct column_set *columns, double exponent, size_t groups, size_t n,
                               struct extrapolation *out) {
    *out = (struct extrapolation){.limit = interval_unknown(NAN, n)};
    double *limits = memory_allocate(BOOTSTRAP_REPLICATES, sizeof *limits);
    if (limits == NULL) return STATUS_NO_MEMORY;
    double value = limit_of(columns, columns->values, exponent, out);
    for (size_t replicate = 0; replicate < BOOTSTRAP_REPLICATES && isfinite(value); replicate++) {
        double row[CAPACITY_SIZES_MAX];
        for (size_t i = 0; i < columns->count; i++) {
            row[i] = columns->replicates[i * BOOTSTRAP_REPLICATES + replicate];
        }
        struct extrapolation unused;
        limits[replicate] = limit_of(columns, row, exponent, &unused);
    }
    if (isfinite(value)) {
        out->limit = interval_from_replicates(value, BOOTSTRAP_REPLICATES, limits, groups, n);
    }
    memory_free(limits);
    return STATUS_OK;
}

/* --- putting it together ------------------------------------------------------------------------------ */

static void choose_curves(const struct retrieval *retrieval, struct capacity *capacity) {
    struct resampler themselves = {.identity = 1};
    capacity->fewest_sets = SIZE_MAX;
    capacity->used_sets = 0;
    for (size_t i = 0; i < retrieval->size_count; i++) {
        const struct size_group *size = &retrieval->sizes[i];
        struct success_curve curve = {.size = size};
        size_t sets = fewest_sets(size, &curve.sets);
        bool usable = brackets_half(size) && fit_curve(size, &themselves, &curve.intercept, &curve.slope);
        if (!usable || capacity->curve_count == CAPACITY_SIZES_MAX) {
            capacity->left_out++;
            continue;
        }
        curve.misfit = misfit_of(&curve);
        capacity->largest_misfit = fmax(capacity->largest_misfit, curve.misfit);
        capacity->curves[capacity->curve_count++] = curve;
        capacity->used_sets += curve.sets;
        if (sets < capacity->fewest_sets) capacity->fewest_sets = sets;
    }
    if (capacity->curve_count == 0) capacity->fewest_sets = 0;
}

static void choose_pairs(struct capacity *capacity) {
    for (size_t a = 0; a < capacity->curve_count; a++) {
        for (size_t b = a + 1; b < capacity->curve_count; b++) {
            double ratio = capacity->curves[b].size->neurons / capacity->curves[a].size->neurons;
            if (ratio == 2)
                capacity->pairs[capacity->pair_count++] = (struct curve_pair){.smaller = a, .larger = b};
        }
    }
}

/* Sizes, values and weights of the half-success loads, or of the crossings, from the replicates. */
static struct column_set columns_of(const struct capacity *capacity, bool crossings, const double *values,
                                    const double *replicates) {
    size_t first = crossings ? capacity->curve_count : 0;
    struct column_set columns = {.count = crossings ? capacity->pair_count : capacity->curve_count,
                                 .replicates = replicates + first * BOOTSTRAP_REPLICATES};
    for (size_t i = 0; i < columns.count; i++) {
        size_t curve = crossings ? capacity->pairs[i].smaller : i;
        columns.sizes[i] = capacity->curves[curve].size->neurons;
        columns.values[i] = values[first + i];
        columns.weights[i] = 1 / squared_deviation(columns.replicates + i * BOOTSTRAP_REPLICATES);
    }
    return columns;
}

static enum status extrapolate_all(const double *values, const double *replicates, size_t n,
                                   struct capacity *capacity) {
    size_t sets = capacity->fewest_sets;
    struct column_set halves = columns_of(capacity, false, values, replicates);
    struct column_set crossings = columns_of(capacity, true, values, replicates);
    if (halves.count >= CAPACITY_SIZES_LEAST) {
        CHECK(extrapolate(&halves, 0.5, sets, n, &capacity->half_square_root));
        CHECK(extrapolate(&halves, 0, sets, n, &capacity->half_fitted));
    }
    if (crossings.count >= CAPACITY_SIZES_LEAST - 1) {
        CHECK(extrapolate(&crossings, 0.5, sets, n, &capacity->crossing));
    }
    capacity->by_half = interval_union(capacity->half_square_root.limit, capacity->half_fitted.limit);
    capacity->by_crossing = capacity->crossing.limit;
    capacity->estimate = interval_union(capacity->by_half, capacity->by_crossing);
    return STATUS_OK;
}

/* Intervals of every curve and pair; reorders the replicates. */
static void curve_intervals(const double *values, double *replicates, struct capacity *capacity) {
    for (size_t i = 0; i < capacity->curve_count + capacity->pair_count; i++) {
        struct interval interval =
            interval_from_replicates(values[i], BOOTSTRAP_REPLICATES, replicates + i * BOOTSTRAP_REPLICATES,
                                     capacity->fewest_sets, capacity->used_sets);
        if (i < capacity->curve_count) {
            interval.n = capacity->curves[i].sets;
            capacity->curves[i].half = interval;
        } else {
            capacity->pairs[i - capacity->curve_count].crossing = interval;
        }
    }
}

enum status capacity_measure(const struct retrieval *retrieval, uint64_t key, struct capacity *capacity) {
    *capacity = (struct capacity){0};
    choose_curves(retrieval, capacity);
    choose_pairs(capacity);
    struct interval unknown = interval_unknown(NAN, capacity->used_sets);
    capacity->half_square_root.limit = capacity->half_fitted.limit = capacity->crossing.limit = unknown;
    size_t outputs = capacity->curve_count + capacity->pair_count;
    double values[2 * CAPACITY_SIZES_MAX];
    double *replicates = memory_allocate(outputs * BOOTSTRAP_REPLICATES, sizeof *replicates);
    if (replicates == NULL) return STATUS_NO_MEMORY;
    enum status status =
        bootstrap(curve_statistic, capacity, outputs, key, BOOTSTRAP_REPLICATES, values, replicates);
    if (status == STATUS_OK) status = extrapolate_all(values, replicates, capacity->used_sets, capacity);
    if (status == STATUS_OK) curve_intervals(values, replicates, capacity);
    memory_free(replicates);
    return status;
}
