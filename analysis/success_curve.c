#include "analysis/success_curve.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "analysis/fit.h"

enum { CELLS_MAX = 256, BENT_LOADS_LEAST = 6 };

/* A needless square term lowers chi-square by more than this in one of 100 cases. */
static const double BEND_GAIN = 6.63;

/* Below so many expected successes or failures a cell's deviation is no normal one. */
static const double EXPECTED_LEAST = 5;

/* What a probit is fitted to. */
struct curve_data {
    size_t count;
    double load[CELLS_MAX], successes[CELLS_MAX], trials[CELLS_MAX];
};

/* --- sets and strata ---------------------------------------------------------------------------------- */

/* The end of the stratum that begins with cell `first`: cells until there are enough sets, and what would be
 * too few for another. */
static size_t stratum_end(const struct size_group *size, size_t first, size_t *sets) {
    size_t end = first, left = 0;
    *sets = 0;
    while (end < size->count && *sets < RETRIEVAL_SETS_LEAST)
        *sets += size->cells[end++].count;
    for (size_t i = end; i < size->count && left < RETRIEVAL_SETS_LEAST; i++)
        left += size->cells[i].count;
    if (left >= RETRIEVAL_SETS_LEAST) return end;
    *sets += left;
    return size->count;
}

/* Adds a stratum's resampled sets up, each at its own load. Its sets lie one behind the other. */
static void add_stratum(const struct size_group *size, size_t first, size_t end, size_t sets,
                        struct resampler *resampler, struct curve_data *data) {
    const struct pattern_set *all = size->cells[first].sets;
    for (size_t i = 0; i < sets; i++) {
        const struct pattern_set *set = &all[resample_one(resampler, sets, i)];
        size_t cell = first;
        while (cell + 1 < end && size->cells[cell].patterns != set->patterns)
            cell++;
        data->successes[cell] += set->successes;
        data->trials[cell] += set->trials;
    }
}

static void gather(const struct success_curve *curve, struct resampler *resampler, struct curve_data *data) {
    const struct size_group *size = curve->size;
    data->count = size->count < CELLS_MAX ? size->count : CELLS_MAX;
    for (size_t i = 0; i < data->count; i++) {
        data->load[i] = (size->cells[i].load - curve->centre) / curve->width;
        data->successes[i] = data->trials[i] = 0;
    }
    for (size_t first = 0, sets; first < data->count;) {
        size_t end = stratum_end(size, first, &sets);
        add_stratum(size, first, end, sets, resampler, data);
        first = end;
    }
}

static bool fit_resampled(const struct success_curve *curve, struct resampler *resampler, double *c) {
    struct curve_data data;
    gather(curve, resampler, &data);
    return fit_probit_terms(data.count, data.load, data.successes, data.trials, curve->terms, c) == STATUS_OK;
}

/* --- one size's curve --------------------------------------------------------------------------------- */

/* Centre and width of the loads, and what the strata hold. */
static void describe(struct success_curve *curve) {
    const struct size_group *size = curve->size;
    double low = size->cells[0].load, high = size->cells[size->count - 1].load;
    curve->centre = (low + high) / 2;
    curve->width = (high - low) / 2;
    curve->fewest_sets = SIZE_MAX;
    for (size_t first = 0, sets; first < size->count;) {
        first = stratum_end(size, first, &sets);
        curve->sets += sets;
        if (sets < curve->fewest_sets) curve->fewest_sets = sets;
    }
}

/* Whether at least that share succeeds at some load and less at another: no extrapolating in the load. */
static bool passes(const struct curve_data *data, double share) {
    bool more = false, fewer = false;
    for (size_t i = 0; i < data->count; i++) {
        if (data->successes[i] >= share * data->trials[i])
            more = true;
        else
            fewer = true;
    }
    return more && fewer;
}

static double chance_at(const struct success_curve *curve, const double *c, double load) {
    double u = (load - curve->centre) / curve->width;
    return gsl_cdf_ugaussian_P(c[0] + u * (c[1] + u * (curve->terms == 3 ? c[2] : 0)));
}

/* Squared deviations of a cell's sets from its share, in units of independent trials' variance. */
static double cell_scatter(const struct load_cell *cell, double share) {
    double sum = 0;
    for (size_t i = 0; i < cell->count; i++) {
        double deviation = cell->sets[i].successes - share * cell->sets[i].trials;
        sum += deviation * deviation / (cell->sets[i].trials * share * (1 - share));
    }
    return sum;
}

/* Scatter: over sets of equal load, all loads together. Misfit: the shares' deviations from the curve in
 * units of their scatter, root mean square. Returns the sum of the squares. */
static double assess(struct success_curve *curve) {
    struct resampler themselves = {.identity = 1};
    double sets = 0, scatter = 0, cells = 0, squares = 0;
    for (size_t i = 0; i < curve->size->count; i++) {
        const struct load_cell *cell = &curve->size->cells[i];
        struct pattern_set total = cell_total(cell, &themselves);
        double share = total.successes / total.trials, chance = chance_at(curve, curve->c, cell->load);
        if (total.trials * fmin(chance, 1 - chance) < EXPECTED_LEAST) continue;
        if (share > 0 && share < 1) {
            scatter += cell_scatter(cell, share);
            sets += (double)cell->count - 1;
        }
        squares += (share - chance) * (share - chance) / (chance * (1 - chance)) * total.trials;
        cells++;
    }
    double freedom = cells - (double)curve->terms;
    curve->scatter = sets > 0 ? fmax(1, scatter / sets) : 1;
    curve->misfit = freedom > 0 ? sqrt(fmax(1, squares / curve->scatter / freedom)) : 1;
    return squares / curve->scatter;
}

/* Takes the square term in if it is worth it. */
static void bend(struct success_curve *curve, double squares) {
    struct resampler themselves = {.identity = 1};
    struct success_curve bent = *curve;
    bent.terms = 3;
    if (curve->size->count < BENT_LOADS_LEAST || !fit_resampled(&bent, &themselves, bent.c)) return;
    if (isfinite(success_curve_load(&bent, bent.c)) && squares - assess(&bent) > BEND_GAIN) *curve = bent;
}

bool success_curve_fit(const struct size_group *size, double share, struct success_curve *curve) {
    struct resampler themselves = {.identity = 1};
    struct curve_data data;
    if (size->count < CURVE_LOADS_LEAST || size->count > CELLS_MAX) return false;
    *curve = (struct success_curve){.size = size, .level = gsl_cdf_ugaussian_Pinv(share), .terms = 2};
    describe(curve);
    if (curve->sets < RETRIEVAL_SETS_LEAST) return false;
    gather(curve, &themselves, &data);
    if (!passes(&data, share) || !fit_resampled(curve, &themselves, curve->c)) return false;
    if (!isfinite(success_curve_load(curve, curve->c))) return false;
    bend(curve, assess(curve));
    return true;
}

bool success_curve_resample(const struct success_curve *curve, struct resampler *resampler, double *c) {
    memcpy(c, curve->c, sizeof curve->c);
    if (!fit_resampled(curve, resampler, c)) return false;
    /* A probit is a model: where it misses by more than the sets scatter, so may what it says. */
    for (size_t k = 0; k < curve->terms; k++)
        c[k] = curve->c[k] + curve->misfit * (c[k] - curve->c[k]);
    return true;
}

double success_curve_at(const struct success_curve *curve, double load) {
    return chance_at(curve, curve->c, load);
}

/* --- where it falls through a share, or below another ------------------------------------------------ */

/* Where q[0] + q[1] t + q[2] t^2 falls through 0. NaN: it does not; `nearest`: then where it comes nearest.
 */
static double falling_root(const double *q, bool nearest) {
    double square = q[1] * q[1] - 4 * q[0] * q[2];
    if (square < 0 && nearest) return -q[1] / (2 * q[2]);
    double root = 2 * q[0] / (sqrt(square) - q[1]);
    return square >= 0 && isfinite(root) && q[1] + 2 * q[2] * root < 0 ? root : NAN;
}

double success_curve_load(const struct success_curve *curve, const double *c) {
    double q[3] = {c[0] - curve->level, c[1], curve->terms == 3 ? c[2] : 0};
    return curve->centre + curve->width * falling_root(q, false);
}

/* The curve's quantile as a polynomial in (load - place). */
static void around(const struct success_curve *curve, const double *c, double place, double *q) {
    double d = (place - curve->centre) / curve->width, square = curve->terms == 3 ? c[2] : 0;
    q[0] = c[0] + d * (c[1] + d * square);
    q[1] = (c[1] + 2 * d * square) / curve->width;
    q[2] = square / (curve->width * curve->width);
}

double success_curve_crossing(const struct success_curve *smaller, const double *c_smaller,
                              const struct success_curve *larger, const double *c_larger, bool nearest) {
    double place = larger->centre, above[3], below[3];
    around(larger, c_larger, place, above);
    around(smaller, c_smaller, place, below);
    for (size_t k = 0; k < 3; k++)
        above[k] -= below[k];
    return place + falling_root(above, nearest);
}
