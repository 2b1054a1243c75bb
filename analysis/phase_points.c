#include "analysis/phase_points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/share_half.h"
#include "analysis/theory.h"
#include "analysis/theory_phase.h"
#include "core/base/memory.h"

enum { PHASE_KEY = 0x4846 + 4 };

/* Of patterns per neuron: what the experiment takes. Theory far beyond would take for ever. */
#define PHASE_LOAD_MOST 4

/* --- records ------------------------------------------------------------------------------------------ */

/* What the finite numbers of a column add up to, and those above a limit. */
struct column_sums {
    double count, sum, count_above, sum_above;
};

static enum status sum_column(const struct record *record, const char *column, double limit,
                              struct column_sums *sums) {
    size_t count;
    double *numbers = record_numbers(record, column, &count);
    *sums = (struct column_sums){0};
    if (numbers == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(numbers[i])) continue;
        bool above = numbers[i] > limit;
        sums->count++;
        sums->sum += numbers[i];
        sums->count_above += above;
        sums->sum_above += above ? numbers[i] : 0;
    }
    memory_free(numbers);
    return STATUS_OK;
}

/* Sums over the trials; all columns must have as many. */
static enum status sum_trials(double limit, struct phase_set *set, bool *usable) {
    struct column_sums overlap, order, energy, largest;
    CHECK(sum_column(set->record, "overlap", limit, &overlap));
    CHECK(sum_column(set->record, "order", limit, &order));
    CHECK(sum_column(set->record, "energy", limit, &energy));
    CHECK(sum_column(set->record, "largest_overlap", limit, &largest));
    set->trials = overlap.count;
    set->overlap = overlap.sum, set->order = order.sum, set->energy = energy.sum;
    set->kept = overlap.count_above, set->kept_overlap = overlap.sum_above;
    set->found = largest.count_above;
    *usable = overlap.count > 0 && order.count == overlap.count && energy.count == overlap.count &&
              largest.count == overlap.count;
    return STATUS_OK;
}

static int by_place(const void *left, const void *right) {
    const struct phase_set *a = left, *b = right;
    if (a->random != b->random) return a->random ? 1 : -1;
    if (a->neurons != b->neurons) return a->neurons < b->neurons ? -1 : 1;
    if (a->load != b->load) return a->load < b->load ? -1 : 1;
    if (a->temperature != b->temperature) return a->temperature < b->temperature ? -1 : 1;
    return (a->repeat > b->repeat) - (a->repeat < b->repeat);
}

/* The sets without their trials, in order. */
static void collect(const struct selection *selection, struct phase_points *points) {
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        const char *start = record_string(record, "start");
        struct phase_set set = {
            .record = record,
            .random = start != NULL && strcmp(start, "random") == 0,
            .neurons = record_real(record, "neurons"),
            .load = record_real(record, "load"),
            .temperature = record_real(record, "temperature"),
            .repeat = record_integer(record, "repeat"),
        };
        set.realised = record_real(record, "patterns") / set.neurons;
        if (start != NULL && set.neurons > 0 && set.realised > 0 && set.realised <= PHASE_LOAD_MOST &&
            set.load >= 0 && set.temperature >= 0)
            points->sets[points->set_count++] = set;
    }
    qsort(points->sets, points->set_count, sizeof *points->sets, by_place);
}

/* --- groups ------------------------------------------------------------------------------------------- */

static bool same_curve(const struct phase_set *a, const struct phase_set *b) {
    return a->random == b->random && a->neurons == b->neurons && a->load == b->load;
}

static struct phase_curve curve_of(const struct phase_set *set) {
    struct phase_curve curve = {.random = set->random,
                                .neurons = set->neurons,
                                .load = set->load,
                                .realised = set->realised,
                                .fewest = SIZE_MAX};
    curve.end = theory_phase_retrieval_temperature(set->realised, &curve.end_overlap);
    if (!isfinite(curve.end)) theory_capacity(&curve.end_overlap);
    return curve;
}

/* Adds the set to the last cell, or to a new one of the last curve. */
static void group(const struct phase_set *set, bool new_curve, struct phase_points *points) {
    struct phase_curve *curve = &points->curves[points->curve_count - 1];
    if (new_curve) curve->cells = &points->cells[points->cell_count];
    if (curve->count == 0 || curve->cells[curve->count - 1].temperature != set->temperature) {
        points->cells[points->cell_count++] = (struct phase_cell){
            set->random, set->neurons, set->load, set->realised, set->temperature, 0, set};
        curve->count++;
    }
    points->cells[points->cell_count - 1].count++;
}

static void count_fewest(struct phase_points *points) {
    for (size_t i = 0; i < points->curve_count; i++) {
        struct phase_curve *curve = &points->curves[i];
        for (size_t k = 0; k < curve->count; k++) {
            bool counts = curve->random || curve->cells[k].temperature <= 1;
            if (counts && curve->cells[k].count < curve->fewest) curve->fewest = curve->cells[k].count;
        }
        if (curve->fewest == SIZE_MAX) curve->fewest = 0;
    }
}

static enum status gather(const struct selection *selection, struct phase_points *points) {
    points->sets = memory_allocate(selection->count, sizeof *points->sets);
    points->cells = memory_allocate(selection->count, sizeof *points->cells);
    points->curves = memory_allocate(selection->count, sizeof *points->curves);
    if (points->sets == NULL || points->cells == NULL || points->curves == NULL) return STATUS_NO_MEMORY;
    collect(selection, points);
    size_t used = 0;
    for (size_t i = 0; i < points->set_count; i++) {
        struct phase_set set = points->sets[i];
        bool usable, new_curve = used == 0 || !same_curve(&points->sets[used - 1], &set);
        struct phase_curve curve = new_curve ? curve_of(&set) : points->curves[points->curve_count - 1];
        CHECK(sum_trials(PHASE_KEPT_SHARE * curve.end_overlap, &set, &usable));
        if (!usable) continue;
        if (new_curve) points->curves[points->curve_count++] = curve;
        points->sets[used] = set;
        group(&points->sets[used++], new_curve, points);
    }
    points->set_count = used;
    count_fewest(points);
    return STATUS_OK;
}

enum status phase_points_create(const struct results *results, struct phase_points **points) {
    struct selection selection;
    *points = NULL;
    CHECK(selection_create(results, "hopfield_phases", &selection));
    struct phase_points *made = memory_allocate(1, sizeof *made);
    enum status status = made == NULL ? STATUS_NO_MEMORY : gather(&selection, made);
    selection_destroy(&selection);
    if (status != STATUS_OK) phase_points_destroy(&made);
    *points = made;
    return status;
}

void phase_points_destroy(struct phase_points **points) {
    if (*points == NULL) return;
    memory_free((*points)->sets);
    memory_free((*points)->cells);
    memory_free((*points)->curves);
    memory_free(*points);
    *points = NULL;
}

/* --- statistics --------------------------------------------------------------------------------------- */

struct phase_means phase_cell_means(const struct phase_cell *cell, struct resampler *resampler) {
    struct phase_means sums = {0};
    double trials = 0;
    for (size_t i = 0; i < cell->count; i++) {
        const struct phase_set *set = &cell->sets[resample_one(resampler, cell->count, i)];
        trials += set->trials;
        sums.overlap += set->overlap;
        sums.order += set->order;
        sums.energy += set->energy;
        sums.kept += set->kept;
        sums.kept_overlap += set->kept_overlap;
        sums.found += set->found;
    }
    return (struct phase_means){sums.overlap / trials, sums.order / trials,
                                sums.energy / trials,  sums.kept / trials,
                                sums.found / trials,   sums.kept > 0 ? sums.kept_overlap / sums.kept : NAN};
}

static void overlap_statistic(const void *cell, struct resampler *resampler, double *values) {
    values[0] = phase_cell_means(cell, resampler).overlap;
}

static void kept_statistic(const void *cell, struct resampler *resampler, double *values) {
    values[0] = phase_cell_means(cell, resampler).kept_overlap;
}

static void order_statistic(const void *cell, struct resampler *resampler, double *values) {
    values[0] = phase_cell_means(cell, resampler).order;
}

enum status phase_cell_interval(const struct phase_cell *cell, enum phase_quantity quantity,
                                struct interval *interval) {
    static bootstrap_statistic *const statistics[PHASE_QUANTITY_COUNT] = {
        [PHASE_OVERLAP] = overlap_statistic,
        [PHASE_KEPT_OVERLAP] = kept_statistic,
        [PHASE_ORDER] = order_statistic,
    };
    return bootstrap_interval(statistics[quantity], cell, PHASE_KEY, cell->count, cell->count, interval);
}

/* All temperatures with the same draws; returns how many. */
static size_t means_of_curve(const struct phase_curve *curve, struct resampler *resampler,
                             double temperatures[SHARE_PLACES_MAX],
                             struct phase_means means[SHARE_PLACES_MAX]) {
    struct resampler first = *resampler;
    size_t count = curve->count < SHARE_PLACES_MAX ? curve->count : SHARE_PLACES_MAX;
    for (size_t i = 0; i < count; i++) {
        *resampler = first;
        temperatures[i] = curve->cells[i].temperature;
        means[i] = phase_cell_means(&curve->cells[i], resampler);
    }
    return count;
}

static void end_statistic(const void *curve, struct resampler *resampler, double *values) {
    double temperatures[SHARE_PLACES_MAX], shares[SHARE_PLACES_MAX];
    struct phase_means means[SHARE_PLACES_MAX];
    size_t count = means_of_curve(curve, resampler, temperatures, means);
    for (size_t i = 0; i < count; i++)
        shares[i] = means[i].kept;
    values[0] = share_half_place(count, temperatures, shares, false, resampler);
}

enum status phase_curve_end(const struct phase_curve *curve, struct interval *interval) {
    return bootstrap_interval(end_statistic, curve, PHASE_KEY, curve->fewest, curve->fewest, interval);
}

/* A curve, and the order that is looked for. */
struct melting {
    const struct phase_curve *curve;
    double order;
};

/* The highest temperature at which q passes, between its neighbours. */
static void melting_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct melting *melting = context;
    double temperatures[SHARE_PLACES_MAX];
    struct phase_means means[SHARE_PLACES_MAX];
    values[0] = NAN;
    for (size_t i = means_of_curve(melting->curve, resampler, temperatures, means); i-- > 1;) {
        double before = means[i - 1].order - melting->order, after = means[i].order - melting->order;
        if (before < 0 || after >= 0) continue;
        values[0] = temperatures[i - 1] + before / (before - after) * (temperatures[i] - temperatures[i - 1]);
        return;
    }
}

enum status phase_curve_melting(const struct phase_curve *curve, double order, struct interval *interval) {
    struct melting melting = {curve, order};
    return bootstrap_interval(melting_statistic, &melting, PHASE_KEY, curve->fewest, curve->fewest, interval);
}
