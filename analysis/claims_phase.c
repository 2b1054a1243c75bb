/* HF4: the phases of a Hopfield network at a temperature. */
#include <math.h>
#include <stdio.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/phase_energy.h"
#include "analysis/phase_plots.h"
#include "analysis/phase_points.h"
#include "analysis/set_share.h"
#include "analysis/theory.h"
#include "analysis/theory_phase.h"
#include "core/base/memory.h"

/* Of the temperature at which retrieval ends: the distance of measured temperatures. */
#define END_TOLERANCE 0.05
/* Of the overlap inside, up to this share of T_M: nearer to the line networks of thousands of neurons deviate
 * by more. */
#define OVERLAP_TOLERANCE 0.01
#define INSIDE            0.8
/* Loads that decide: below, little is left of the overlap to lose; above, of the temperatures. */
#define LOAD_LEAST 0.0199
#define LOAD_MOST  0.1201
/* q falls to zero smoothly and networks of finite size round it off: where it falls below this is reported.
 */
#define MELTED 0.1

enum { SETS_LEAST = 8, LOADS_LEAST = 4, NEURONS_LEAST = 2000, FOUND_KEY = 0x4846 + 0x14 };

static bool decides(const struct phase_curve *curve) {
    return !curve->random && curve->neurons >= NEURONS_LEAST && curve->fewest >= SETS_LEAST &&
           curve->count >= 2 && curve->load >= LOAD_LEAST && curve->load <= LOAD_MOST && isfinite(curve->end);
}

/* The largest size with enough loads that decide, 0 if there is none. */
static double deciding_size(const struct phase_points *points) {
    double largest = 0;
    for (size_t i = 0; i < points->curve_count; i++) {
        size_t loads = 0;
        for (size_t k = 0; k < points->curve_count; k++)
            loads += decides(&points->curves[k]) && points->curves[k].neurons == points->curves[i].neurons;
        if (loads >= LOADS_LEAST) largest = fmax(largest, points->curves[i].neurons);
    }
    return largest;
}

static double largest_size(const struct phase_points *points) {
    double largest = 0;
    for (size_t i = 0; i < points->curve_count; i++)
        if (!points->curves[i].random) largest = fmax(largest, points->curves[i].neurons);
    return largest;
}

/* --- what decides ------------------------------------------------------------------------------------- */

static enum status measure_end(const struct phase_curve *curve, struct finding *finding) {
    struct interval end;
    CHECK(phase_curve_end(curve, &end));
    struct measurement *m =
        finding_measurement(finding, "T", "temperature at which retrieval ends, load %.3g", curve->load);
    measurement_set(m, &end);
    measurement_decides(m, CRITERION_NEAR, curve->end, END_TOLERANCE);
    if (m != NULL) m->precision = END_TOLERANCE;
    return STATUS_OK;
}

static double theory_at(const struct phase_cell *cell) {
    struct phase_state state;
    if (cell->temperature < 0.01) return theory_overlap(cell->realised);
    theory_phase_retrieval(cell->realised, cell->temperature, &state);
    return state.overlap;
}

/* The overlap of the trials that keep their pattern, as in HC2, at the temperature inside at which it
 * deviates most; at one where none does, that. */
static enum status measure_overlap(const struct phase_curve *curve, struct finding *finding) {
    struct resampler all = {.identity = 1};
    const struct phase_cell *worst = NULL;
    double deviation = -1;
    for (size_t i = 0; i < curve->count; i++) {
        const struct phase_cell *cell = &curve->cells[i];
        if (cell->temperature > INSIDE * curve->end) break;
        double here = fabs(phase_cell_means(cell, &all).kept_overlap - theory_at(cell));
        if (isnan(here) || here > deviation) deviation = here, worst = cell;
        if (isnan(here)) break;
    }
    struct interval overlap = interval_unknown(NAN, 0);
    if (worst != NULL) CHECK(phase_cell_interval(worst, PHASE_KEPT_OVERLAP, &overlap));
    struct measurement *m =
        finding_measurement(finding, "1", "overlap at load %.3g, T = %.3g, where it deviates most",
                            curve->load, worst == NULL ? NAN : worst->temperature);
    measurement_set(m, &overlap);
    measurement_decides(m, CRITERION_NEAR, worst == NULL ? NAN : theory_at(worst), OVERLAP_TOLERANCE);
    if (m != NULL && worst == NULL) m->prediction = 1;
    if (m != NULL) m->precision = OVERLAP_TOLERANCE;
    return STATUS_OK;
}

static enum status measure_retrieval(const struct phase_points *points, double neurons,
                                     struct finding *finding) {
    size_t loads = 0, fewest = SIZE_MAX;
    for (size_t i = 0; i < points->curve_count; i++) {
        const struct phase_curve *curve = &points->curves[i];
        if (!decides(curve) || curve->neurons != neurons) continue;
        CHECK(measure_end(curve, finding));
        CHECK(measure_overlap(curve, finding));
        if (curve->fewest < fewest) fewest = curve->fewest;
        loads++;
    }
    finding_sizes(finding, "N = %.0f, %zu loads, at least %zu pattern sets each", neurons, loads, fewest);
    finding_say(
        finding,
        "Glauber dynamics from stored patterns at N = %.0f, %zu loads: the temperature at which half of the trials "
        "keep three quarters of the overlap that theory loses there, compared with T_M to +-%.2f, and the overlap "
        "of the trials that keep it, up to %.1f T_M, to +-%.2f. The other lines of the diagram, T_c and T_g, are shown "
        "beside and do not decide.",
        neurons, loads, END_TOLERANCE, INSIDE, OVERLAP_TOLERANCE);
    return STATUS_OK;
}

/* --- what is reported --------------------------------------------------------------------------------- */

/* The temperature at which theory's q falls below the same value. */
static double theory_melting(double load) {
    double low = 0.02, high = theory_phase_glass_temperature(load);
    while (high - low > 1e-6) {
        double middle = 0.5 * (low + high);
        struct phase_state state;
        theory_phase_glass(load, middle, &state);
        *(state.order > MELTED ? &low : &high) = middle;
    }
    return low;
}

static enum status report_glass(const struct phase_curve *curve, struct finding *finding) {
    struct interval melting;
    CHECK(phase_curve_melting(curve, MELTED, &melting));
    measurement_set(finding_measurement(finding, "T",
                                        "q of random starts falls to %.1f, load %.3g (theory %.3f)", MELTED,
                                        curve->load, theory_melting(curve->realised)),
                    &melting);
    return STATUS_OK;
}

/* Adds the runs of one pattern set at one temperature. */
static void add_found(const struct phase_set *set, size_t *count, int64_t *repeats,
                      struct set_share *shares) {
    size_t place = 0;
    while (place < *count && repeats[place] != set->repeat)
        place++;
    if (place == *count) repeats[(*count)++] = set->repeat;
    shares[place].successes += set->found;
    shares[place].trials += set->trials;
}

/* How many random starts end at a pattern, at all temperatures together, where the patterns are the same. */
static enum status report_found(const struct phase_curve *curve, struct finding *finding) {
    size_t most = 0, count = 0;
    for (size_t i = 0; i < curve->count; i++)
        most += curve->cells[i].count;
    int64_t *repeats = memory_allocate(most, sizeof *repeats);
    struct set_share *shares = memory_allocate(most, sizeof *shares);
    enum status status = repeats == NULL || shares == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < curve->count && status == STATUS_OK; i++)
        for (size_t k = 0; k < curve->cells[i].count; k++)
            add_found(&curve->cells[i].sets[k], &count, repeats, shares);
    struct interval share;
    if (status == STATUS_OK) status = set_share_interval(count, shares, FOUND_KEY, &share);
    if (status == STATUS_OK)
        measurement_set(
            finding_measurement(finding, "1", "random starts that find a pattern, load %.3g", curve->load),
            &share);
    memory_free(repeats);
    memory_free(shares);
    return status;
}

static enum status report_random_starts(const struct phase_points *points, struct finding *finding) {
    double neurons = 0;
    for (size_t i = 0; i < points->curve_count; i++)
        if (points->curves[i].random) neurons = fmax(neurons, points->curves[i].neurons);
    for (size_t i = 0; i < points->curve_count; i++) {
        const struct phase_curve *curve = &points->curves[i];
        if (!curve->random || curve->neurons != neurons) continue;
        CHECK(report_glass(curve, finding));
        CHECK(report_found(curve, finding));
    }
    if (neurons > 0)
        finding_say(finding,
                    " From random starts (N = %.0f) the spin glass is reported only: q vanishes smoothly "
                    "at T_g and theory's replica symmetry is broken.",
                    neurons);
    return STATUS_OK;
}

/* Below T_c the retrieval state is the lower one. Random starts do not reach the lowest glass, so that what
 * they come to lies higher, and the measured load is too large. */
static enum status report_energies(const struct phase_points *points, struct finding *finding) {
    struct phase_energy energy;
    CHECK(phase_energy_compare(points, &energy));
    if (!isfinite(energy.load.value)) return STATUS_OK;
    bool known = energy.temperature >= 0.01 && energy.temperature < 1;
    measurement_set(
        finding_measurement(finding, "1", "load of equal energy from both starts, T = %.3g (T_c: %.3f)",
                            energy.temperature, known ? theory_phase_global_load(energy.temperature) : NAN),
        &energy.load);
    return STATUS_OK;
}

/* --- the row ------------------------------------------------------------------------------------------ */

static enum status measure(const struct phase_points *points, struct finding *finding) {
    double neurons = deciding_size(points);
    finding->records = points->set_count;
    if (neurons > 0) {
        CHECK(measure_retrieval(points, neurons, finding));
    } else {
        finding_say(finding,
                    "No size of %d neurons or more has %d loads between %.2f and %.2f with %d pattern sets.",
                    NEURONS_LEAST, LOADS_LEAST, LOAD_LEAST, LOAD_MOST, SETS_LEAST);
    }
    CHECK(report_random_starts(points, finding));
    CHECK(report_energies(points, finding));
    if (points->curve_count == 0) return STATUS_OK;
    return phase_plots(points, neurons > 0 ? neurons : largest_size(points), finding);
}

static enum status find_phases(const struct results *results, struct finding *finding) {
    struct phase_points *points;
    CHECK(phase_points_create(results, &points));
    enum status status = measure(points, finding);
    phase_points_destroy(&points);
    return status;
}

const struct claim claim_phase_diagram = {
    .id = "HF4",
    .statement =
        "At a temperature, retrieval ends at T_M and has theory's overlap inside; T_c and T_g are shown beside",
    .source = "Amit, Gutfreund & Sompolinsky 1987",
    .prediction = "retrieval ends at T_M(load) +- 0.05; overlap inside +- 0.01",
    .sources = {{"hopfield_phases", PHASE_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_phases,
};
