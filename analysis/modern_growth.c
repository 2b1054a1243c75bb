#include "analysis/modern_growth.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/selection.h"
#include "core/base/memory.h"

/* Exponents within which the best is sought, and how finely. */
static const double EXPONENT_LOW = 0.05, EXPONENT_HIGH = 2.5, EXPONENT_WIDTH = 1e-4;

enum { CELLS_MAX = 512, SETS_MAX = 256, BESIDE = 2 };

/* One trial of a set. */
struct trial {
    double error;
    size_t set;
};

/* All records of one dimension and number of patterns. */
struct cell {
    double dimension, patterns;
    size_t count, trial_count;
    const struct record *sets[SETS_MAX];
    size_t trials_of[SETS_MAX];
    struct trial *trials; /* [trial_count] of all sets, by rising error */
};

/* The cells of one dimension around where half of the trials succeed. */
struct size {
    double dimension;
    size_t first, count; /* cells */
};

struct problem {
    size_t cell_count, size_count;
    struct cell *cells; /* by dimension, then by patterns */
    struct size sizes[MODERN_SIZES_MAX];
};

/* --- where half of the trials succeed ------------------------------------------------------------------ */

/* The error below which `rank` trials lie, where every set counts as often as it was drawn. */
static double error_at(const struct cell *cell, const size_t drawn[SETS_MAX], size_t rank) {
    size_t passed = 0;
    for (size_t i = 0; i < cell->trial_count; i++) {
        passed += drawn[cell->trials[i].set];
        if (passed > rank) return cell->trials[i].error;
    }
    return NAN;
}

/* Median of the errors of all trials of the resampled sets: the geometric mean of the two in the middle. */
static double median_error(const struct cell *cell, struct resampler *resampler) {
    size_t drawn[SETS_MAX] = {0}, pooled = 0;
    for (size_t i = 0; i < cell->count; i++) {
        size_t set = resample_one(resampler, cell->count, i);
        drawn[set]++;
        pooled += cell->trials_of[set];
    }
    double upper = error_at(cell, drawn, pooled / 2), lower = error_at(cell, drawn, (pooled - 1) / 2);
    return fmax(sqrt(upper * lower), 1e-300);
}

/* ln P between the last number of patterns with a median below that of success and the next; *at is that
 * cell. NaN without numbers on both sides. */
static double half_success(const struct problem *problem, const struct size *size,
                           struct resampler *resampler, size_t *at) {
    double asked = log(MODERN_SUCCESS_ERROR), found = NAN, x_before = NAN, y_before = NAN;
    *at = 0;
    for (size_t i = 0; i < size->count; i++) {
        const struct cell *cell = &problem->cells[size->first + i];
        double x = log(cell->patterns), y = log(median_error(cell, resampler));
        if (y_before <= asked && y > asked) {
            found = x_before + (x - x_before) * (asked - y_before) / (y - y_before);
            *at = i - 1;
        }
        if (y <= asked) found = NAN;
        x_before = x, y_before = y;
    }
    return found;
}

/* --- fits ----------------------------------------------------------------------------------------------- */

/* Least squares y = a + b x^power; gives the residual sum of squares. */
static double fit_line(size_t count, const double *x, const double *y, double power, double *intercept,
                       double *slope) {
    double mx = 0, my = 0, xx = 0, xy = 0, residual = 0;
    for (size_t i = 0; i < count; i++)
        mx += pow(x[i], power) / (double)count, my += y[i] / (double)count;
    for (size_t i = 0; i < count; i++) {
        double dx = pow(x[i], power) - mx;
        xx += dx * dx, xy += dx * (y[i] - my);
    }
    *slope = xy / xx;
    *intercept = my - *slope * mx;
    for (size_t i = 0; i < count; i++) {
        double miss = y[i] - *intercept - *slope * pow(x[i], power);
        residual += miss * miss;
    }
    return residual;
}

/* The power that fits best, by golden section. */
static double best_power(size_t count, const double *x, const double *y) {
    const double golden = (sqrt(5) - 1) / 2;
    double low = EXPONENT_LOW, high = EXPONENT_HIGH, a, b;
    while (high - low > EXPONENT_WIDTH) {
        double left = high - golden * (high - low), right = low + golden * (high - low);
        if (fit_line(count, x, y, left, &a, &b) < fit_line(count, x, y, right, &a, &b))
            high = right;
        else
            low = left;
    }
    return (low + high) / 2;
}

/* Outputs of a replicate: ln P of every dimension, then these. */
enum output { EXPONENT, SLOPE, ROOT_SLOPE, MISFIT_RATIO, OUTPUT_COUNT };

static void growth_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct problem *problem = context;
    size_t count = problem->size_count, picks[MODERN_SIZES_MAX], at;
    double x[MODERN_SIZES_MAX], y[MODERN_SIZES_MAX], intercept;
    double *fits = values + count;
    bool whole = count >= MODERN_SIZES_LEAST;
    for (size_t i = 0; i < count; i++) {
        values[i] = half_success(problem, &problem->sizes[i], resampler, &at);
        whole = whole && isfinite(values[i]);
    }
    for (int output = 0; output < OUTPUT_COUNT; output++)
        fits[output] = NAN;
    if (!whole) return;
    resample_distinct(resampler, count, MODERN_SIZES_LEAST - 1, picks);
    for (size_t i = 0; i < count; i++)
        x[i] = problem->sizes[picks[i]].dimension, y[i] = values[picks[i]];
    double linear = fit_line(count, x, y, 1, &intercept, &fits[SLOPE]);
    double root = fit_line(count, x, y, 0.5, &intercept, &fits[ROOT_SLOPE]);
    fits[MISFIT_RATIO] = linear / (linear + root);
    fits[EXPONENT] = best_power(count, x, y);
}

/* --- which records ------------------------------------------------------------------------------------- */

static int by_place(const void *left, const void *right) {
    const struct cell *a = left, *b = right;
    if (a->dimension != b->dimension) return a->dimension > b->dimension ? 1 : -1;
    return (a->patterns > b->patterns) - (a->patterns < b->patterns);
}

static void add_record(const struct record *record, struct problem *problem) {
    double dimension = record_real(record, "dimension"), patterns = record_real(record, "patterns");
    const struct value *errors = record_value(record, "relative_error");
    if (!(dimension > 0) || !(patterns > 0) || errors == NULL || errors->count == 0) return;
    for (size_t t = 0; t < errors->count; t++)
        if (!(errors->reals[t] >= 0)) return;
    size_t place = 0;
    while (place < problem->cell_count &&
           (problem->cells[place].dimension != dimension || problem->cells[place].patterns != patterns))
        place++;
    if (place == CELLS_MAX) return;
    struct cell *cell = &problem->cells[place];
    if (place == problem->cell_count)
        problem->cells[problem->cell_count++] = (struct cell){.dimension = dimension, .patterns = patterns};
    if (cell->count < SETS_MAX) cell->sets[cell->count++] = record;
}

static int by_error(const void *left, const void *right) {
    const struct trial *a = left, *b = right;
    return (a->error > b->error) - (a->error < b->error);
}

/* Brings a cell's trials into order once, so that no replicate has to. */
static enum status order_trials(struct cell *cell) {
    for (size_t set = 0; set < cell->count; set++)
        cell->trial_count += cell->trials_of[set] = record_value(cell->sets[set], "relative_error")->count;
    cell->trials = memory_allocate(cell->trial_count, sizeof *cell->trials);
    if (cell->trials == NULL) return STATUS_NO_MEMORY;
    size_t place = 0;
    for (size_t set = 0; set < cell->count; set++) {
        const struct value *errors = record_value(cell->sets[set], "relative_error");
        for (size_t t = 0; t < errors->count; t++)
            cell->trials[place++] = (struct trial){errors->reals[t], set};
    }
    qsort(cell->trials, cell->trial_count, sizeof *cell->trials, by_error);
    return STATUS_OK;
}

static void drop_small_cells(struct problem *problem) {
    size_t kept = 0;
    for (size_t i = 0; i < problem->cell_count; i++)
        if (problem->cells[i].count >= MODERN_SETS_LEAST) problem->cells[kept++] = problem->cells[i];
    problem->cell_count = kept;
}

/* The dimensions whose cells lie on both sides, each with a few cells there. */
static void find_sizes(struct problem *problem) {
    struct resampler themselves = {.identity = 1};
    for (size_t i = 0, next; i < problem->cell_count; i = next) {
        struct size size = {.dimension = problem->cells[i].dimension, .first = i};
        size_t at;
        for (next = i; next < problem->cell_count && problem->cells[next].dimension == size.dimension; next++)
            size.count++;
        if (!isfinite(half_success(problem, &size, &themselves, &at))) continue;
        size_t from = at < BESIDE ? 0 : at - BESIDE;
        size_t to = at + 2 + BESIDE < size.count ? at + 2 + BESIDE : size.count;
        size.first += from, size.count = to - from;
        if (problem->size_count < MODERN_SIZES_MAX) problem->sizes[problem->size_count++] = size;
    }
}

static enum status gather(const struct results *results, const char *scaling, struct problem *problem) {
    struct selection selection;
    CHECK(selection_create(results, "modern_capacity", &selection));
    selection_keep_text(&selection, "scaling", scaling);
    selection_keep_number(&selection, "initial_error", 0);
    for (size_t i = 0; i < selection.count; i++)
        add_record(selection.records[i], problem);
    selection_destroy(&selection);
    qsort(problem->cells, problem->cell_count, sizeof *problem->cells, by_place);
    drop_small_cells(problem);
    for (size_t i = 0; i < problem->cell_count; i++)
        CHECK(order_trials(&problem->cells[i]));
    find_sizes(problem);
    return STATUS_OK;
}

/* --- the measurement ----------------------------------------------------------------------------------- */

static struct interval exponentiated(struct interval ln) {
    return (struct interval){exp(ln.value),   exp(ln.low),      exp(ln.high),
                             exp(ln.low_999), exp(ln.high_999), ln.n};
}

static void count_sets(const struct problem *problem, struct modern_growth *growth) {
    growth->fewest_sets = problem->size_count > 0 ? SIZE_MAX : 0;
    for (size_t i = 0; i < problem->size_count; i++) {
        for (size_t k = 0; k < problem->sizes[i].count; k++) {
            size_t sets = problem->cells[problem->sizes[i].first + k].count;
            growth->records += sets;
            if (sets < growth->fewest_sets) growth->fewest_sets = sets;
        }
    }
}

static void take_intervals(const struct problem *problem, const double *values, double *replicates,
                           struct modern_growth *growth) {
    size_t count = growth->count = problem->size_count;
    double ignored;
    for (size_t i = 0; i < count; i++) {
        growth->dimensions[i] = problem->sizes[i].dimension;
        growth->patterns[i] = exponentiated(interval_from_replicates(values[i], BOOTSTRAP_REPLICATES,
                                                                     replicates + i * BOOTSTRAP_REPLICATES,
                                                                     growth->fewest_sets, growth->records));
    }
    if (count < MODERN_SIZES_LEAST ||
        sqrt(growth->dimensions[count - 1]) < MODERN_ROOT_RATIO_LEAST * sqrt(growth->dimensions[0]))
        return;
    struct interval *const fits[OUTPUT_COUNT] = {&growth->exponent, &growth->slope, &growth->root_slope,
                                                 &growth->misfit_ratio};
    /* Dimensions are the groups; a fit takes more of them than a mean would. */
    for (size_t k = 0; k < OUTPUT_COUNT; k++)
        *fits[k] = interval_from_replicates(values[count + k], BOOTSTRAP_REPLICATES,
                                            replicates + (count + k) * BOOTSTRAP_REPLICATES,
                                            k == EXPONENT ? count - 2 : count - 1, growth->records);
    fit_line(count, growth->dimensions, values, 1, &growth->intercept, &ignored);
    fit_line(count, growth->dimensions, values, 0.5, &growth->root_intercept, &ignored);
}

static enum status measure(const struct results *results, const char *scaling, uint64_t key,
                           struct problem *problem, struct modern_growth *growth) {
    CHECK(gather(results, scaling, problem));
    count_sets(problem, growth);
    double values[MODERN_SIZES_MAX + OUTPUT_COUNT];
    size_t outputs = problem->size_count + OUTPUT_COUNT;
    double *replicates = memory_allocate(outputs * BOOTSTRAP_REPLICATES, sizeof *replicates);
    if (replicates == NULL) return STATUS_NO_MEMORY;
    enum status status =
        bootstrap(growth_statistic, problem, outputs, key, BOOTSTRAP_REPLICATES, values, replicates);
    if (status == STATUS_OK) take_intervals(problem, values, replicates, growth);
    memory_free(replicates);
    return status;
}

enum status modern_growth_measure(const struct results *results, const char *scaling, uint64_t key,
                                  struct modern_growth *growth) {
    const struct interval unknown = interval_unknown(NAN, 0);
    *growth = (struct modern_growth){.exponent = unknown,
                                     .slope = unknown,
                                     .root_slope = unknown,
                                     .misfit_ratio = unknown,
                                     .intercept = NAN,
                                     .root_intercept = NAN};
    struct problem problem = {.cells = memory_allocate(CELLS_MAX + 1, sizeof *problem.cells)};
    if (problem.cells == NULL) return STATUS_NO_MEMORY;
    enum status status = measure(results, scaling, key, &problem, growth);
    for (size_t i = 0; i < problem.cell_count; i++)
        memory_free(problem.cells[i].trials);
    memory_free(problem.cells);
    return status;
}
