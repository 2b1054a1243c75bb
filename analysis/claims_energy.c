/* HF1: asynchronous updates with symmetric weights never raise the energy; synchronous ones end in a fixed
 * point or a 2-cycle; the same with symmetric dilution. Counted, so equality is exact. How often runs end in
 * neither where dilution is asymmetric is reported. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/dilution_ends.h"
#include "analysis/finding.h"
#include "analysis/selection.h"
#include "core/base/memory.h"

enum { SIZES_MAX = 6, LOADS_MAX = 64 };

/* Sums over the records of one kind of dynamics. */
struct tally {
    size_t records;
    double checks, rises;          /* of the energy */
    double trials, cycles, capped; /* retrievals; ended in a 2-cycle; cut off */
    double smallest, largest;      /* neurons */
};

static double counted(const struct record *record, const char *field) {
    double value = record_real(record, field);
    return value > 0 ? value : 0;
}

static struct tally tally_of(const struct selection *selection) {
    struct tally tally = {.smallest = INFINITY};
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        const struct value *overlap = record_value(record, "overlap");
        tally.records++;
        tally.checks += counted(record, "energy_checks");
        tally.rises += counted(record, "energy_rises");
        tally.trials += overlap == NULL ? 0 : (double)overlap->count;
        tally.cycles += counted(record, "cycles");
        tally.capped += counted(record, "capped");
        tally.smallest = fmin(tally.smallest, record_real(record, "neurons"));
        tally.largest = fmax(tally.largest, record_real(record, "neurons"));
    }
    return tally;
}

static void report_asynchronous(const struct tally *tally, struct finding *finding) {
    struct measurement *m = finding_measurement(finding, "1", "asynchronous: sweeps that raised the energy");
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    if (tally->checks > 0) {
        struct interval rises = interval_exact(tally->rises, (size_t)tally->checks);
        measurement_set(m, &rises);
    }
    finding_say(finding, "Of %.0f asynchronous sweeps whose energy was compared, %.0f raised it; ",
                tally->checks, tally->rises);
}

static void report_synchronous(const struct tally *tally, struct finding *finding) {
    struct measurement *m =
        finding_measurement(finding, "1", "synchronous: runs ending in neither fixed point nor 2-cycle");
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    if (tally->trials > 0) {
        /* A run that was cut off might have gone on to either end: it bounds the count, it is not one of
         * them. */
        struct interval others = {0, 0, tally->capped, 0, tally->capped, (size_t)tally->trials};
        measurement_set(m, &others);
        m = finding_measurement(finding, "1", "synchronous: sweeps that raised -sum |h|, which should fall");
        struct interval rises = interval_exact(tally->rises, (size_t)tally->checks);
        measurement_set(m, &rises);
        m = finding_measurement(finding, "1", "synchronous: share of these runs ending in a 2-cycle");
        /* Of this mixture of sizes and loads: a count, nothing to resample. */
        struct interval share = interval_exact(tally->cycles / tally->trials, (size_t)tally->trials);
        measurement_set(m, &share);
    }
    finding_say(
        finding,
        "of %.0f synchronous runs %.0f ended in a 2-cycle, %.0f were cut off before an end, all others reached a "
        "fixed point.",
        tally->trials, tally->cycles, tally->capped);
}

/* --- plot: share of 2-cycles against load, a series per size ------------------------------------------ */

struct cycle_curve {
    double neurons;
    size_t count;
    double load[LOADS_MAX], trials[LOADS_MAX], cycles[LOADS_MAX];
};

static void add_to_curve(const struct record *record, struct cycle_curve *curve) {
    double load = record_real(record, "patterns") / record_real(record, "neurons");
    const struct value *overlap = record_value(record, "overlap");
    if (!isfinite(load) || overlap == NULL || overlap->count == 0) return;
    size_t place = 0;
    while (place < curve->count && curve->load[place] != load)
        place++;
    if (place == LOADS_MAX) return;
    if (place == curve->count) {
        curve->load[curve->count] = load;
        curve->trials[curve->count] = curve->cycles[curve->count] = 0;
        curve->count++;
    }
    curve->trials[place] += (double)overlap->count;
    curve->cycles[place] += counted(record, "cycles");
}

static size_t gather_curves(const struct selection *synchronous, struct cycle_curve *curves) {
    size_t count = 0;
    for (size_t i = 0; i < synchronous->count; i++) {
        const struct record *record = synchronous->records[i];
        double neurons = record_real(record, "neurons");
        if (strcmp(record_string(record, "rule"), "hebb") != 0) continue;
        size_t place = 0;
        while (place < count && curves[place].neurons != neurons)
            place++;
        if (place == SIZES_MAX) continue;
        if (place == count) curves[count++] = (struct cycle_curve){.neurons = neurons};
        add_to_curve(record, &curves[place]);
    }
    return count;
}

static enum status plot_cycles(const struct selection *synchronous, struct finding *finding) {
    struct cycle_curve *curves = memory_allocate(SIZES_MAX, sizeof *curves);
    if (curves == NULL) return STATUS_NO_MEMORY;
    size_t count = gather_curves(synchronous, curves);
    struct plot *plot = count == 0
                            ? NULL
                            : finding_plot(finding, "hf1_cycles", "Synchronous updates end in 2-cycles",
                                           "load P/N", "share of runs ending in a 2-cycle");
    enum status status = STATUS_OK;
    if (plot != NULL) {
        snprintf(
            plot->caption, sizeof plot->caption,
            "Hebbian weights; 95 %% Wilson intervals over runs. All other runs reached a fixed point or were cut off.");
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        double share[LOADS_MAX], low[LOADS_MAX], high[LOADS_MAX];
        for (size_t k = 0; k < curves[i].count; k++) {
            struct interval p =
                interval_of_proportion((size_t)curves[i].cycles[k], (size_t)curves[i].trials[k]);
            share[k] = p.value, low[k] = p.low, high[k] = p.high;
        }
        char label[64];
        snprintf(label, sizeof label, "N = %.0f", curves[i].neurons);
        status =
            plot_series(plot, label, PLOT_POINTS, (int)i, curves[i].count, curves[i].load, share, low, high);
    }
    memory_free(curves);
    return status;
}

/* --- dilution ----------------------------------------------------------------------------------------- */

/* What must hold while dilution is symmetric; without data nothing is asked. A run that was cut off might
 * have gone on to an end: it leaves the row open, as above. */
static void decide_dilution(const struct dilution_ends *ends, struct finding *finding) {
    if (!(ends->symmetric_runs > 0)) return;
    struct measurement *m = finding_measurement(
        finding, "1", "symmetric dilution: runs ending in neither fixed point nor 2-cycle");
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    struct interval others = {
        0, 0, ends->symmetric_capped, 0, ends->symmetric_capped, (size_t)ends->symmetric_runs};
    measurement_set(m, &others);
    m = finding_measurement(finding, "1", "symmetric dilution: sweeps that raised the energy");
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    struct interval rises = interval_exact(ends->energy_rises, (size_t)ends->energy_checks);
    if (ends->energy_checks > 0) measurement_set(m, &rises);
    finding_say(finding,
                " With symmetric dilution %.0f of %.0f runs were cut off, and %.0f of %.0f sweeps raised the "
                "energy; the shares with asymmetric dilution, which has no energy, are reported only.",
                ends->symmetric_capped, ends->symmetric_runs, ends->energy_rises, ends->energy_checks);
}

static void report_dilution(const struct dilution_ends *ends, struct finding *finding) {
    for (size_t c = 0; c < ends->count; c++) {
        const struct dilution_curve *curve = &ends->curves[c];
        const struct dilution_place *last = &curve->places[curve->count - 1];
        struct measurement *m = finding_measurement(
            finding, "1", "neither end, %s, N = %.0f, load %.3g, kept %.3g, asymmetry %.3g", curve->dynamics,
            curve->neurons, curve->load, curve->kept, last->asymmetry);
        measurement_set(m, &last->share);
    }
}

static enum status plot_dilution(const struct dilution_ends *ends, const char *dynamics,
                                 struct finding *finding) {
    struct plot *plot = NULL;
    for (size_t c = 0, colour = 0; c < ends->count; c++) {
        const struct dilution_curve *curve = &ends->curves[c];
        if (strcmp(curve->dynamics, dynamics) != 0) continue;
        char text[64];
        snprintf(text, sizeof text, "hf1_dilution_%s", dynamics);
        if (!plot)
            plot = finding_plot(finding, text, "Asymmetric dilution keeps runs from ending",
                                "asymmetry of the dilution", "share of runs without an end");
        if (!plot) return STATUS_OK;
        snprintf(
            plot->caption, sizeof plot->caption,
            "Hebbian weights, %s updates from overlap %.2g; without an end: neither at rest nor in a 2-cycle "
            "within %.0f sweeps. 95 %% intervals over pattern sets. Asymmetry: probability that the two "
            "directions of a pair are kept or cut independently of each other.",
            dynamics, curve->initial_overlap, curve->sweep_cap);
        double x[DILUTION_PLACES_MAX], y[DILUTION_PLACES_MAX], low[DILUTION_PLACES_MAX],
            high[DILUTION_PLACES_MAX];
        for (size_t i = 0; i < curve->count; i++) {
            x[i] = curve->places[i].asymmetry, y[i] = curve->places[i].share.value;
            low[i] = curve->places[i].share.low, high[i] = curve->places[i].share.high;
        }
        snprintf(text, sizeof text, "N = %.0f, load %.3g, kept %.3g", curve->neurons, curve->load,
                 curve->kept);
        CHECK(plot_series(plot, text, PLOT_POINTS_LINES, (int)colour++, curve->count, x, y, low, high));
    }
    return STATUS_OK;
}

static enum status find_dilution(const struct results *results, struct finding *finding) {
    struct dilution_ends *ends = memory_allocate(1, sizeof *ends);
    if (ends == NULL) return STATUS_NO_MEMORY;
    enum status status = dilution_ends_measure(results, ends);
    if (status == STATUS_OK) {
        decide_dilution(ends, finding);
        report_dilution(ends, finding);
        finding->records += ends->records;
        status = plot_dilution(ends, "asynchronous", finding);
    }
    if (status == STATUS_OK) status = plot_dilution(ends, "synchronous", finding);
    memory_free(ends);
    return status;
}

static enum status find_energy(const struct results *results, struct finding *finding) {
    struct selection asynchronous = {0}, synchronous = {0};
    enum status status = selection_create(results, "hopfield_capacity", &asynchronous);
    if (status == STATUS_OK) status = selection_create(results, "hopfield_capacity", &synchronous);
    if (status == STATUS_OK) {
        selection_keep_text(&asynchronous, "dynamics", "asynchronous");
        selection_keep_text(&synchronous, "dynamics", "synchronous");
        struct tally a = tally_of(&asynchronous), s = tally_of(&synchronous);
        report_asynchronous(&a, finding);
        report_synchronous(&s, finding);
        finding->records = a.records + s.records;
        if (finding->records > 0) {
            finding_sizes(finding, "N = %.0f ... %.0f; %.0f checks, %.0f synchronous runs",
                          fmin(a.smallest, s.smallest), fmax(a.largest, s.largest), a.checks, s.trials);
        }
        status = plot_cycles(&synchronous, finding);
    }
    if (status == STATUS_OK) status = find_dilution(results, finding);
    selection_destroy(&asynchronous);
    selection_destroy(&synchronous);
    return status;
}

const struct claim claim_energy = {
    .id = "HF1",
    .statement =
        "Symmetric weights: the energy never rises (asynchronous); fixed points or 2-cycles only (synchronous)",
    .source = "Hopfield 1982; Goles, Fogelman & Pellegrin 1985",
    .prediction = "no rise; no other end",
    .sources = {{"hopfield_capacity",
                 "neurons rule dynamics patterns overlap energy_checks energy_rises cycles capped"},
                {"hopfield_dilution", DILUTION_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_energy,
};
