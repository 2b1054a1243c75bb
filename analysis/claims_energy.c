/* HF1: asynchronous updates with symmetric weights never raise the energy; synchronous ones end in a fixed
 * point or a 2-cycle; the same with symmetric dilution. Counted, so equality is exact. How often runs end in
 * neither where dilution is asymmetric is reported. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/dilution_ends.h"
#include "analysis/finding.h"
#include "analysis/selection.h"
#include "analysis/set_share.h"
#include "core/base/memory.h"

enum { SIZES_MAX = 6, LOADS_MAX = 64, CYCLES_KEY = 0x4846 + 0x11 };

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

/* The runs of one pattern set at one load, from whatever start. */
struct cycle_set {
    double neurons, load, repeat;
    struct set_share cycles;
};

static int by_size_load_set(const void *left, const void *right) {
    const struct cycle_set *a = left, *b = right;
    if (a->neurons != b->neurons) return a->neurons < b->neurons ? -1 : 1;
    if (a->load != b->load) return a->load < b->load ? -1 : 1;
    return (a->repeat > b->repeat) - (a->repeat < b->repeat);
}

/* In order, records of one set together; returns how many sets there are. */
static size_t gather_sets(const struct selection *synchronous, struct cycle_set *sets) {
    size_t records = 0, count = 0;
    for (size_t i = 0; i < synchronous->count; i++) {
        const struct record *record = synchronous->records[i];
        const struct value *overlap = record_value(record, "overlap");
        double neurons = record_real(record, "neurons"), load = record_real(record, "patterns") / neurons;
        if (strcmp(record_string(record, "rule"), "hebb") != 0) continue;
        if (!isfinite(load) || overlap == NULL || overlap->count == 0) continue;
        sets[records++] = (struct cycle_set){neurons,
                                             load,
                                             record_real(record, "repeat"),
                                             {counted(record, "cycles"), (double)overlap->count}};
    }
    qsort(sets, records, sizeof *sets, by_size_load_set);
    for (size_t i = 0; i < records; i++) {
        bool same = count > 0 && by_size_load_set(&sets[count - 1], &sets[i]) == 0;
        if (!same) sets[count++] = sets[i];
        if (same) sets[count - 1].cycles.successes += sets[i].cycles.successes;
        if (same) sets[count - 1].cycles.trials += sets[i].cycles.trials;
    }
    return count;
}

/* The sets of one size and load, which stand first of `count`. */
static enum status measure_cycles(size_t count, const struct cycle_set *sets, size_t *same,
                                  struct interval *share) {
    struct set_share *shares = memory_allocate(count, sizeof *shares);
    if (shares == NULL) return STATUS_NO_MEMORY;
    for (*same = 0; *same < count && sets[*same].neurons == sets->neurons && sets[*same].load == sets->load;
         ++*same)
        shares[*same] = sets[*same].cycles;
    enum status status = set_share_interval(*same, shares, CYCLES_KEY, share);
    memory_free(shares);
    return status;
}

/* The size of the first of `count` sets; *passed: how many are of it. */
static enum status plot_size(size_t count, const struct cycle_set *sets, int colour, struct plot *plot,
                             size_t *passed) {
    double load[LOADS_MAX], share[LOADS_MAX], low[LOADS_MAX], high[LOADS_MAX];
    size_t places = 0, same;
    for (*passed = 0; *passed < count && sets[*passed].neurons == sets->neurons; *passed += same) {
        struct interval p;
        CHECK(measure_cycles(count - *passed, sets + *passed, &same, &p));
        if (places == LOADS_MAX) continue;
        bool bounded = isfinite(p.low);
        load[places] = sets[*passed].load, share[places] = p.value;
        low[places] = bounded ? p.low : p.value, high[places++] = bounded ? p.high : p.value;
    }
    char label[64];
    snprintf(label, sizeof label, "N = %.0f", sets->neurons);
    return plot_series(plot, label, PLOT_POINTS, colour, places, load, share, low, high);
}

static enum status plot_cycles(const struct selection *synchronous, struct finding *finding) {
    struct cycle_set *sets = memory_allocate(synchronous->count, sizeof *sets);
    if (sets == NULL) return STATUS_NO_MEMORY;
    size_t count = gather_sets(synchronous, sets), passed;
    struct plot *plot = count == 0
                            ? NULL
                            : finding_plot(finding, "hf1_cycles", "Synchronous updates end in 2-cycles",
                                           "load P/N", "share of runs ending in a 2-cycle");
    enum status status = STATUS_OK;
    if (plot != NULL) {
        snprintf(
            plot->caption, sizeof plot->caption,
            "Hebbian weights; 95 %% intervals over pattern sets, of a single set none. All other runs reached a fixed "
            "point or were cut off.");
    }
    int colour = 0;
    for (size_t first = 0; first < count && colour < SIZES_MAX && status == STATUS_OK; first += passed)
        status = plot_size(count - first, sets + first, colour++, plot, &passed);
    memory_free(sets);
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
                 "neurons rule dynamics patterns overlap energy_checks energy_rises cycles capped repeat"},
                {"hopfield_dilution", DILUTION_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_energy,
};
