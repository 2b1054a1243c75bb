#include "analysis/rule_memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "analysis/least_squares.h"
#include "analysis/selection.h"
#include "analysis/share_half.h"
#include "core/base/memory.h"

enum { RULE_KEY = 0x4843 + 5, CELLS_MAX = SHARE_PLACES_MAX };

/* One record: a set of patterns. */
struct sample {
    double neurons, place; /* load as realised, or initial overlap */
    double load;           /* as asked for, of basins */
    double successes, trials, perfect;
    double operations;
};

/* Sets at one place; count 0: a place where nothing is stored, known without a measurement. */
struct cell {
    double place;
    size_t count;
    const struct sample *samples;
};

/* Shares over places, which fall or rise through one half. */
struct share_curve {
    bool rising;
    enum rule_criterion criterion;
    size_t count, fewest;
    struct cell cells[CELLS_MAX];
};

static int by_place(const void *left, const void *right) {
    const struct sample *a = left, *b = right;
    if (a->neurons != b->neurons) return a->neurons < b->neurons ? -1 : 1;
    if (a->load != b->load) return a->load < b->load ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* --- where a share is one half ------------------------------------------------------------------------ */

/* The cells of samples that lie side by side; the fewest sets of any. */
static void curve_fill(size_t count, const struct sample *samples, struct share_curve *curve) {
    curve->count = 0;
    for (size_t i = 0; i < count; i++) {
        bool next = i == 0 || samples[i].place != samples[i - 1].place;
        if (next && curve->count == CELLS_MAX - 1) break;
        if (next) curve->cells[curve->count++] = (struct cell){samples[i].place, 0, samples + i};
        curve->cells[curve->count - 1].count++;
    }
    curve->fewest = curve->count == 0 ? 0 : SIZE_MAX;
    for (size_t i = 0; i < curve->count; i++)
        if (curve->cells[i].count < curve->fewest) curve->fewest = curve->cells[i].count;
}

static double cell_share(const struct share_curve *curve, const struct cell *cell,
                         struct resampler *resampler) {
    double successes = 0, trials = 0;
    for (size_t i = 0; i < cell->count; i++) {
        const struct sample *sample = &cell->samples[resample_one(resampler, cell->count, i)];
        successes += curve->criterion == RULE_PERFECT ? sample->perfect : sample->successes;
        trials += curve->criterion == RULE_PERFECT ? 1 : sample->trials;
    }
    return trials > 0 ? successes / trials : 0;
}

/* NaN: not within the cells. */
static double crossing(const struct share_curve *curve, struct resampler *resampler) {
    double places[CELLS_MAX], shares[CELLS_MAX];
    for (size_t i = 0; i < curve->count; i++) {
        places[i] = curve->cells[i].place;
        shares[i] = cell_share(curve, &curve->cells[i], resampler);
    }
    return share_half_place(curve->count, places, shares, curve->rising, resampler);
}

/* --- capacities of all sizes, and how they grow --------------------------------------------------------- */

struct growth {
    size_t size_count;
    double neurons[RULE_SIZES_MAX];
    struct share_curve curves[RULE_SIZES_MAX];
};

/* Slope of ln P = ln(load N) against ln N by least squares; NaN for fewer sizes than are needed. */
static double slope_of(size_t count, const double *neurons, const double *loads) {
    double x = 0, y = 0, xx = 0, xy = 0, n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(loads[i] > 0)) continue;
        double a = log(neurons[i]), b = log(loads[i] * neurons[i]);
        x += a, y += b, xx += a * a, xy += a * b, n++;
    }
    return n < RULE_SIZES_LEAST ? NAN : (n * xy - x * y) / (n * xx - x * x);
}

/* The load of each size, then the exponent. */
static void growth_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct growth *growth = context;
    for (size_t i = 0; i < growth->size_count; i++)
        values[i] = crossing(&growth->curves[i], resampler);
    values[growth->size_count] = slope_of(growth->size_count, growth->neurons, values);
}

/* Mean square of the logarithms of a size's replicates about that of the value; NaN without any. */
static double squared_error(double value, const double *replicates) {
    double squares = 0, count = 0;
    for (size_t i = 0; i < BOOTSTRAP_REPLICATES; i++) {
        if (!(replicates[i] > 0)) continue;
        double deviation = log(replicates[i] / value);
        squares += deviation * deviation, count++;
    }
    /* Far below what whole patterns resolve, so that sizes without scatter do not divide by 0. */
    return count > 0 ? fmax(squares / count, 1e-8) : NAN;
}

/* By how much sizes miss the power law that fits them best, over their errors, root mean square; at least 1.
 */
static double misfit_of(const struct growth *growth, const double *loads, const double *replicates) {
    struct least_squares problem = {.terms = 2};
    double terms[RULE_SIZES_MAX][2], y[RULE_SIZES_MAX], weights[RULE_SIZES_MAX], fit[2], squares = 0;
    size_t count = 0;
    for (size_t i = 0; i < growth->size_count; i++) {
        if (!(loads[i] > 0)) continue;
        terms[count][0] = 1, terms[count][1] = log(growth->neurons[i]);
        y[count] = log(loads[i] * growth->neurons[i]);
        weights[count] = 1 / squared_error(loads[i], replicates + i * BOOTSTRAP_REPLICATES);
        least_squares_add(&problem, terms[count], y[count], weights[count]);
        count++;
    }
    if (count < RULE_SIZES_LEAST || !least_squares_solve(&problem, fit)) return 1;
    for (size_t i = 0; i < count; i++) {
        double deviation = y[i] - fit[0] - fit[1] * terms[i][1];
        squares += weights[i] * deviation * deviation;
    }
    return sqrt(fmax(1, squares / (double)(count - 2)));
}

/* Drawing sets says nothing of how sizes scatter about a power law: where they miss it by more than their
 * errors the exponent may be off by as much more. Fewer sizes than refute leave the 99.9 % interval open. */
static struct interval exponent_interval(const struct growth *growth, const double *values,
                                         double *replicates, size_t fewest, size_t n) {
    double value = values[growth->size_count], misfit = misfit_of(growth, values, replicates);
    double *exponents = replicates + growth->size_count * BOOTSTRAP_REPLICATES;
    size_t sizes = 0;
    for (size_t i = 0; i < BOOTSTRAP_REPLICATES; i++)
        exponents[i] = value + misfit * (exponents[i] - value);
    for (size_t i = 0; i < growth->size_count; i++)
        sizes += values[i] > 0;
    struct interval interval = interval_from_replicates(value, BOOTSTRAP_REPLICATES, exponents, fewest, n);
    if (sizes < RULE_SIZES_REFUTE) interval.low_999 = -INFINITY, interval.high_999 = INFINITY;
    return interval;
}

static enum status measure_growth(struct growth *growth, enum rule_criterion criterion,
                                  struct rule_memory *memory) {
    size_t outputs = growth->size_count + 1, fewest = SIZE_MAX;
    double values[RULE_SIZES_MAX + 1];
    double *replicates = memory_allocate(outputs * BOOTSTRAP_REPLICATES, sizeof *replicates);
    if (replicates == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < growth->size_count; i++) {
        growth->curves[i].criterion = criterion;
        if (growth->curves[i].fewest < fewest) fewest = growth->curves[i].fewest;
    }
    enum status status =
        bootstrap(growth_statistic, growth, outputs, RULE_KEY, BOOTSTRAP_REPLICATES, values, replicates);
    memory->exponent[criterion] = interval_unknown(NAN, memory->sets);
    /* First: an interval drops the replicates that failed. */
    if (status == STATUS_OK && isfinite(values[growth->size_count]))
        memory->exponent[criterion] = exponent_interval(growth, values, replicates, fewest, memory->sets);
    for (size_t i = 0; i < growth->size_count && status == STATUS_OK; i++) {
        struct interval *capacity = &memory->sizes[i].capacity[criterion];
        *capacity = interval_unknown(NAN, memory->sets);
        if (isfinite(values[i]))
            *capacity = interval_from_replicates(values[i], BOOTSTRAP_REPLICATES,
                                                 replicates + i * BOOTSTRAP_REPLICATES,
                                                 growth->curves[i].fewest, memory->sets);
    }
    memory_free(replicates);
    return status;
}

/* Curves of all sizes that have enough sets. */
static void gather_sizes(size_t count, const struct sample *samples, double refused_at, struct growth *growth,
                         struct rule_memory *memory) {
    for (size_t first = 0, last; first < count && growth->size_count < RULE_SIZES_MAX; first = last) {
        for (last = first; last < count && samples[last].neurons == samples[first].neurons;)
            last++;
        struct share_curve *curve = &growth->curves[growth->size_count];
        *curve = (struct share_curve){0};
        curve_fill(last - first, samples + first, curve);
        if (curve->fewest < RULE_SETS_LEAST) continue;
        if (refused_at > 0 && curve->cells[curve->count - 1].place < refused_at)
            curve->cells[curve->count++] = (struct cell){.place = refused_at};
        growth->neurons[growth->size_count++] = samples[first].neurons;
        memory->sizes[memory->size_count++] =
            (struct rule_size){.neurons = samples[first].neurons, .fewest_sets = curve->fewest};
    }
}

static enum status measure_sizes(size_t count, const struct sample *samples, double refused_at,
                                 struct rule_memory *memory) {
    struct growth *growth = memory_allocate(1, sizeof *growth);
    if (growth == NULL) return STATUS_NO_MEMORY;
    gather_sizes(count, samples, refused_at, growth, memory);
    enum status status = measure_growth(growth, RULE_RETRIEVED, memory);
    if (status == STATUS_OK) status = measure_growth(growth, RULE_PERFECT, memory);
    memory_free(growth);
    return status;
}

/* --- basins --------------------------------------------------------------------------------------------- */

static void basin_statistic(const void *context, struct resampler *resampler, double *values) {
    values[0] = crossing(context, resampler);
}

/* Of the largest size whose starts differ. */
static enum status measure_basins(size_t count, const struct sample *samples, struct rule_memory *memory) {
    memory->basin_neurons = count == 0 ? 0 : samples[count - 1].neurons;
    for (size_t first = 0, last; first < count; first = last) {
        double operations = 0;
        for (last = first; last < count && samples[last].neurons == samples[first].neurons &&
                           samples[last].load == samples[first].load;)
            operations += samples[last++].operations;
        if (samples[first].neurons != memory->basin_neurons || memory->basin_count == RULE_LOADS_MAX)
            continue;
        struct share_curve curve = {.rising = true, .criterion = RULE_RETRIEVED};
        curve_fill(last - first, samples + first, &curve);
        if (curve.fewest < RULE_SETS_LEAST || curve.count < 3) continue;
        struct rule_basin *basin = &memory->basins[memory->basin_count];
        *basin = (struct rule_basin){.load = samples[first].load,
                                     .operations = operations / (double)(last - first)};
        CHECK(bootstrap_interval(basin_statistic, &curve, RULE_KEY, curve.fewest, last - first,
                                 &basin->overlap));
        memory->basin_count += isfinite(basin->overlap.value);
    }
    return STATUS_OK;
}

/* --- putting it together -------------------------------------------------------------------------------- */

/* Samples of capacities: starts at the pattern, by realised load. Of basins: loads that have other starts. */
static size_t collect(const struct selection *selection, bool basins, struct sample *samples) {
    size_t count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        double neurons = record_real(record, "neurons"), start = record_real(record, "initial_overlap");
        struct sample sample = {
            .neurons = neurons,
            .place = basins ? start : record_real(record, "patterns") / neurons,
            .load = basins ? record_real(record, "load") : 0,
            .successes = record_real(record, "successes"),
            .trials = record_real(record, "trials"),
            .perfect = record_real(record, "perfect"),
            .operations = record_real(record, "learning_operations"),
        };
        bool usable = isfinite(sample.place) && sample.successes >= 0 && sample.trials > 0 &&
                      sample.perfect >= 0 && neurons > 0;
        if (usable && (basins || start == 1)) samples[count++] = sample;
    }
    qsort(samples, count, sizeof *samples, by_place);
    return count;
}

/* Sizes without other starts than the pattern say nothing of basins. */
static size_t drop_sizes_without_starts(size_t count, struct sample *samples) {
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        if (samples[i].place < 1) largest = fmax(largest, samples[i].neurons);
    while (count > 0 && samples[count - 1].neurons > largest)
        count--;
    return count;
}

enum status rule_memory_measure(const struct results *results, const char *rule, double refused_at,
                                struct rule_memory *memory) {
    struct interval unknown = interval_unknown(NAN, 0);
    *memory = (struct rule_memory){.rule = rule, .exponent = {unknown, unknown}};
    struct selection selection;
    CHECK(selection_create(results, "rule_capacity", &selection));
    selection_keep_text(&selection, "rule", rule);
    struct sample *samples = memory_allocate(selection.count, sizeof *samples);
    enum status status = samples == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        memory->sets = selection.count;
        size_t count = collect(&selection, false, samples);
        status = measure_sizes(count, samples, refused_at, memory);
    }
    if (status == STATUS_OK) {
        size_t count = drop_sizes_without_starts(collect(&selection, true, samples), samples);
        status = measure_basins(count, samples, memory);
    }
    memory_free(samples);
    selection_destroy(&selection);
    return status;
}

/* Of P patterns in n dimensions the share 2^(1-P) sum_{k<n} C(P-1, k) of all answers can be learned. */
static double all_separable(double patterns, double neurons) {
    unsigned most = (unsigned)neurons - 2;
    return neurons * log(gsl_cdf_binomial_P(most, 0.5, (unsigned)patterns - 1));
}

double rule_separable_load(double neurons) {
    const double most = 1e5; /* whose load is 2 to half a percent; each step of the search takes time */
    if (!(neurons >= 4 && neurons <= most)) return NAN; /* of 3 less than P = N */
    double patterns = floor(neurons);
    while (all_separable(patterns + 1, neurons) > log(0.5))
        patterns++;
    double before = all_separable(patterns, neurons), after = all_separable(patterns + 1, neurons);
    return (patterns + (before - log(0.5)) / (before - after)) / neurons;
}
