#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/basins.h"
#include "analysis/fit.h"
#include "core/base/memory.h"

/* Samples about one half, and the groups of them that share patterns. */
struct window {
    size_t place_count, group_count;
    double places[BASIN_STARTS_MAX];
    const struct basin_sample *samples; /* by repeat */
    size_t *groups;                     /* [group_count + 1]: where each begins */
    double intercept, slope;            /* of the data, where a fit may start */
};

/* --- which starts -----------------------------------------------------------------------------------------
 */

/* Successes and trials by start; samples are ordered by it. */
struct shares {
    size_t count;
    double starts[BASIN_STARTS_MAX], successes[BASIN_STARTS_MAX], trials[BASIN_STARTS_MAX];
    size_t sets[BASIN_STARTS_MAX];
};

static void sum_shares(size_t count, const struct basin_sample *samples, struct shares *shares) {
    shares->count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t place = shares->count - 1;
        if (i == 0 || samples[i].start != samples[i - 1].start) {
            if (shares->count == BASIN_STARTS_MAX) return;
            place = shares->count++;
            shares->starts[place] = samples[i].start;
            shares->successes[place] = shares->trials[place] = 0;
            shares->sets[place] = 0;
        }
        shares->successes[place] += samples[i].set.successes;
        shares->trials[place] += samples[i].set.trials;
        shares->sets[place]++;
    }
}

/* The starts from the last one of which nearly none succeeds to the first one of which nearly all do; those
 * with few sets are no ends. False: half success is not within. */
static bool find_window(const struct shares *shares, size_t *first, size_t *last) {
    const double nearly = 0.1;
    bool below = false, above = false;
    size_t end = shares->count - 1;
    for (size_t i = 0; i < shares->count; i++) {
        double share = shares->successes[i] / shares->trials[i];
        below = below || share < 0.5;
        above = above || (below && share >= 0.5);
        bool sure = shares->sets[i] >= RETRIEVAL_SETS_LEAST;
        if (sure && share < nearly) *first = i;
        if (sure && share > 1 - nearly && i < end) end = i;
        if (end < shares->count - 1) break;
    }
    *last = end;
    return above;
}

/* --- the place of one half
 * ---------------------------------------------------------------------------------- */

/* Between all failures and all successes the data do not say where: any place, the middle for the data
 * themselves. */
static double middle_of_gap(const struct window *window, const double *successes, const double *trials,
                            struct resampler *resampler) {
    double below = NAN, above = NAN;
    for (size_t i = 0; i < window->place_count && isnan(above); i++) {
        if (!(trials[i] > 0)) continue;
        if (successes[i] / trials[i] < 0.5)
            below = window->places[i];
        else
            above = window->places[i];
    }
    const size_t fine = 1 << 16;
    double part = ((double)resample_one(resampler, fine, fine / 2) + 0.5) / (double)fine;
    return below + part * (above - below);
}

static void draw(const struct window *window, struct resampler *resampler, double *successes,
                 double *trials) {
    for (size_t g = 0; g < window->group_count; g++) {
        size_t pick = resample_one(resampler, window->group_count, g);
        for (size_t i = window->groups[pick]; i < window->groups[pick + 1]; i++) {
            const struct basin_sample *sample = &window->samples[i];
            size_t place = 0;
            while (window->places[place] != sample->start)
                place++;
            successes[place] += sample->set.successes;
            trials[place] += sample->set.trials;
        }
    }
}

static void critical_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct window *window = context;
    double successes[BASIN_STARTS_MAX] = {0}, trials[BASIN_STARTS_MAX] = {0};
    double intercept = window->intercept, slope = window->slope;
    draw(window, resampler, successes, trials);
    enum status status =
        fit_probit(window->place_count, window->places, successes, trials, &intercept, &slope);
    if (status == STATUS_OK)
        values[0] = slope > 0 ? -intercept / slope : NAN;
    else
        values[0] = middle_of_gap(window, successes, trials, resampler);
}

/* --- putting it together
 * -------------------------------------------------------------------------------------- */

static int by_repeat(const void *left, const void *right) {
    const struct basin_sample *a = left, *b = right;
    return (a->repeat > b->repeat) - (a->repeat < b->repeat);
}

/* Orders the samples by repeat and notes where each begins. */
static void group_samples(size_t count, struct basin_sample *samples, struct window *window) {
    qsort(samples, count, sizeof *samples, by_repeat);
    window->samples = samples;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || samples[i].repeat != samples[i - 1].repeat) window->groups[window->group_count++] = i;
    window->groups[window->group_count] = count;
}

/* The interval of the replicates, which are left in the order in which they were drawn. */
static enum status bootstrap_window(const struct window *window, size_t n, uint64_t key,
                                    struct interval *overlap, double *replicates) {
    double value, *sorted = memory_allocate(BOOTSTRAP_REPLICATES, sizeof *sorted);
    if (sorted == NULL) return STATUS_NO_MEMORY;
    enum status status =
        bootstrap(critical_statistic, window, 1, key, BOOTSTRAP_REPLICATES, &value, replicates);
    if (status == STATUS_OK) {
        memcpy(sorted, replicates, BOOTSTRAP_REPLICATES * sizeof *sorted);
        *overlap = interval_from_replicates(value, BOOTSTRAP_REPLICATES, sorted, window->group_count, n);
    }
    memory_free(sorted);
    return status;
}

static enum status measure_window(size_t count, struct basin_sample *samples, const struct shares *shares,
                                  size_t first, size_t last, uint64_t key, struct basin_point *point,
                                  double *replicates) {
    struct window window = {.place_count = last + 1 - first, .slope = 0};
    size_t begin = 0, end = count;
    window.groups = memory_allocate(count + 1, sizeof *window.groups);
    if (window.groups == NULL) return STATUS_NO_MEMORY;
    for (size_t i = first; i <= last; i++)
        window.places[i - first] = shares->starts[i];
    while (samples[begin].start < shares->starts[first])
        begin++;
    while (samples[end - 1].start > shares->starts[last])
        end--;
    group_samples(end - begin, samples + begin, &window);
    fit_probit(window.place_count, window.places, shares->successes + first, shares->trials + first,
               &window.intercept, &window.slope);
    point->groups = window.group_count;
    enum status status = bootstrap_window(&window, end - begin, key, &point->overlap, replicates);
    memory_free(window.groups);
    return status;
}

enum status basin_point_measure(size_t count, struct basin_sample *samples, uint64_t key,
                                struct basin_point *point, double *replicates) {
    struct shares shares;
    sum_shares(count, samples, &shares);
    size_t first = 0, last = 0, top = shares.count - 1;
    *point = (struct basin_point){
        .load = samples[0].load,
        .starts = shares.count,
        .sets = count,
        .largest_start = shares.starts[top],
        .largest_share = shares.successes[top] / shares.trials[top],
        .largest_sets = shares.sets[top],
        .overlap = interval_unknown(NAN, count),
    };
    for (size_t i = 0; i < BOOTSTRAP_REPLICATES; i++)
        replicates[i] = NAN;
    if (shares.count < BASIN_STARTS_LEAST || !find_window(&shares, &first, &last)) return STATUS_OK;
    return measure_window(count, samples, &shares, first, last, key, point, replicates);
}
