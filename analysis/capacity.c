#include "analysis/capacity.h"

#include <math.h>

#include "analysis/fit.h"
#include "core/base/memory.h"

/* --- outputs of one bootstrap replicate: a half-success load per curve, then a crossing per pair ------ */

static void curve_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct capacity *capacity = context;
    double c[CAPACITY_SIZES_MAX][CURVE_TERMS_MAX];
    for (size_t i = 0; i < capacity->curve_count; i++) {
        const struct success_curve *curve = &capacity->curves[i];
        if (!success_curve_resample(curve, resampler, c[i])) c[i][0] = NAN;
        values[i] = success_curve_load(curve, c[i]);
    }
    for (size_t i = 0; i < capacity->pair_count; i++) {
        size_t a = capacity->pairs[i].smaller, b = capacity->pairs[i].larger;
        values[capacity->curve_count + i] = success_curve_crossing(
            &capacity->curves[a], c[a], &capacity->curves[b], c[b], !resampler->identity);
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

/* How one kind is extrapolated: with this exponent, alone (1) or with the next order (2), or with the
 * exponent in [low, high] that fits best. */
struct correction {
    double exponent;
    size_t orders;
    double low, high;
};

static const struct correction half_leading = {.exponent = CAPACITY_HALF_EXPONENT, .orders = 1},
                               half_theory = {.exponent = CAPACITY_HALF_EXPONENT, .orders = 2},
                               half_fitted = {.low = CAPACITY_HALF_EXPONENT_LOW,
                                              .high = CAPACITY_EXPONENT_HIGH},
                               crossing_theory = {.exponent = CAPACITY_CROSSING_EXPONENT, .orders = 1},
                               crossing_fitted = {.low = CAPACITY_HALF_EXPONENT,
                                                  .high = CAPACITY_EXPONENT_HIGH};

static double limit_of(const struct column_set *columns, const double *values,
                       const struct correction *correction, struct extrapolation *out) {
    double limit = NAN;
    enum status status;
    out->exponent = correction->exponent;
    out->allowed[0] = correction->low;
    out->allowed[1] = correction->high;
    if (correction->orders == 2)
        status = fit_limit_orders(columns->count, columns->sizes, values, columns->weights,
                                  correction->exponent, &limit, out->amplitudes);
    else if (correction->orders == 1)
        status = fit_limit(columns->count, columns->sizes, values, columns->weights, correction->exponent,
                           &limit, out->amplitudes);
    else
        status = fit_limit_free(columns->count, columns->sizes, values, columns->weights, correction->low,
                                correction->high, &limit, out->amplitudes, &out->exponent);
    return status == STATUS_OK ? limit : NAN;
}

bool extrapolation_is_at_limit(const struct extrapolation *made) {
    double rounding = 1e-9 * made->allowed[1];
    return made->allowed[1] > made->allowed[0] &&
           (made->exponent <= made->allowed[0] + rounding || made->exponent >= made->allowed[1] - rounding);
}

double extrapolation_at(const struct extrapolation *made, double neurons) {
    double power = pow(neurons, -made->exponent);
    return made->limit.value + power * (made->amplitudes[0] + power * made->amplitudes[1]);
}

/* Deviations of the sizes from the extrapolation over their errors, root mean square; at least 1. */
static double misfit_of(const struct column_set *columns, const struct extrapolation *made,
                        size_t parameters) {
    double squares = 0;
    for (size_t i = 0; i < columns->count; i++) {
        double deviation = columns->values[i] - extrapolation_at(made, columns->sizes[i]);
        squares += columns->weights[i] * deviation * deviation;
    }
    if (columns->count <= parameters) return 1;
    return sqrt(fmax(1, squares / (double)(columns->count - parameters)));
}

/* Extrapolates the data and every replicate. A power of the size is a model: where the sizes miss it by more
 * than their errors, the limit may be off by as much more. */
static enum status extrapolate(const struct column_set *columns, const struct correction *correction,
                               size_t groups, size_t n, struct extrapolation *out) {
    *out = (struct extrapolation){.limit = interval_unknown(NAN, n), .misfit = 1};
    double *limits = memory_allocate(BOOTSTRAP_REPLICATES, sizeof *limits);
    if (limits == NULL) return STATUS_NO_MEMORY;
    double value = limit_of(columns, columns->values, correction, out);
    out->limit.value = value;
    if (isfinite(value)) out->misfit = misfit_of(columns, out, correction->orders == 1 ? 2 : 3);
    for (size_t replicate = 0; replicate < BOOTSTRAP_REPLICATES && isfinite(value); replicate++) {
        double row[CAPACITY_SIZES_MAX];
        for (size_t i = 0; i < columns->count; i++) {
            row[i] = columns->replicates[i * BOOTSTRAP_REPLICATES + replicate];
        }
        struct extrapolation unused;
        limits[replicate] = value + out->misfit * (limit_of(columns, row, correction, &unused) - value);
    }
    if (isfinite(value)) {
        out->limit = interval_from_replicates(value, BOOTSTRAP_REPLICATES, limits, groups, n);
    }
    memory_free(limits);
    return STATUS_OK;
}

/* --- putting it together ------------------------------------------------------------------------------ */

static void choose_curves(const struct retrieval *retrieval, struct capacity *capacity) {
    capacity->fewest_sets = SIZE_MAX;
    for (size_t i = 0; i < retrieval->size_count; i++) {
        struct success_curve curve;
        if (retrieval->sizes[i].count < CURVE_LOADS_LEAST) continue;
        if (capacity->curve_count == CAPACITY_SIZES_MAX ||
            !success_curve_fit(&retrieval->sizes[i], 0.5, &curve)) {
            capacity->left_out++;
            continue;
        }
        capacity->curves[capacity->curve_count++] = curve;
        capacity->largest_misfit = fmax(capacity->largest_misfit, curve.misfit);
        capacity->largest_scatter = fmax(capacity->largest_scatter, curve.scatter);
        capacity->used_sets += curve.sets;
        if (curve.fewest_sets < capacity->fewest_sets) capacity->fewest_sets = curve.fewest_sets;
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
    bool enough = crossings.count >= CAPACITY_SIZES_LEAST;
    if (halves.count >= CAPACITY_SIZES_LEAST) {
        CHECK(extrapolate(&halves, &half_leading, sets, n, &capacity->half_leading));
        CHECK(extrapolate(&halves, &half_theory, sets, n, &capacity->half_theory));
        CHECK(extrapolate(&halves, &half_fitted, sets, n, &capacity->half_fitted));
    }
    if (crossings.count >= CAPACITY_SIZES_LEAST - 1)
        CHECK(extrapolate(&crossings, &crossing_theory, sets, n, &capacity->crossing_theory));
    if (enough) CHECK(extrapolate(&crossings, &crossing_fitted, sets, n, &capacity->crossing_fitted));
    capacity->by_half = interval_union(capacity->half_theory.limit, capacity->half_fitted.limit);
    capacity->by_crossing =
        enough ? interval_union(capacity->crossing_theory.limit, capacity->crossing_fitted.limit)
               : capacity->crossing_theory.limit;
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
    capacity->half_leading.limit = capacity->half_theory.limit = capacity->half_fitted.limit = unknown;
    capacity->crossing_theory.limit = capacity->crossing_fitted.limit = unknown;
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
