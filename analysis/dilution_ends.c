#include "analysis/dilution_ends.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/selection.h"
#include "analysis/set_share.h"
#include "core/base/memory.h"

enum { DILUTION_KEY = 0x4846 + 1 };

static const char *const curve_fields[] = {"dynamics",        "neurons",   "load", "kept",
                                           "initial_overlap", "sweep_cap", NULL};

static int by_curve_and_asymmetry(const void *left, const void *right) {
    const struct record *a = *(const struct record *const *)left, *b = *(const struct record *const *)right;
    int order = strcmp(record_string(a, curve_fields[0]), record_string(b, curve_fields[0]));
    for (size_t f = 1; order == 0 && curve_fields[f]; f++) {
        double x = record_real(a, curve_fields[f]), y = record_real(b, curve_fields[f]);
        order = (x > y) - (x < y);
    }
    double x = record_real(a, "asymmetry"), y = record_real(b, "asymmetry");
    return order ? order : (x > y) - (x < y);
}

static bool is_usable(const struct record *record) {
    double capped = record_real(record, "capped"), trials = record_real(record, "trials");
    return trials > 0 && capped >= 0 && capped <= trials && isfinite(record_real(record, "asymmetry"));
}

/* Of `count` records, the sets of one place. */
static enum status measure_place(size_t count, const struct record *const *records,
                                 struct dilution_place *place) {
    struct set_share *sets = memory_allocate(count, sizeof *sets);
    if (sets == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        sets[i] = (struct set_share){record_real(records[i], "capped"), record_real(records[i], "trials")};
    place->asymmetry = record_real(records[0], "asymmetry");
    place->sets = count;
    enum status status = set_share_interval(count, sets, DILUTION_KEY, &place->share);
    memory_free(sets);
    return status;
}

/* The curve that the record belongs to, the last one or a new one; NULL when there are too many. */
static struct dilution_curve *curve_of(const struct record *record, const struct record *before,
                                       struct dilution_ends *ends) {
    if (before && records_agree(record, before, curve_fields)) return &ends->curves[ends->count - 1];
    if (ends->count == DILUTION_CURVES_MAX) return NULL;
    struct dilution_curve *curve = &ends->curves[ends->count++];
    *curve = (struct dilution_curve){
        .dynamics = record_string(record, "dynamics"),
        .neurons = record_real(record, "neurons"),
        .load = record_real(record, "load"),
        .kept = record_real(record, "kept"),
        .initial_overlap = record_real(record, "initial_overlap"),
        .sweep_cap = record_real(record, "sweep_cap"),
    };
    return curve;
}

static enum status measure_curves(const struct selection *selection, struct dilution_ends *ends) {
    for (size_t first = 0, last; first < selection->count; first = last) {
        const struct record **records = selection->records + first;
        for (last = first;
             last < selection->count && by_curve_and_asymmetry(records, &selection->records[last]) == 0;)
            last++;
        struct dilution_curve *curve = curve_of(records[0], first ? records[-1] : NULL, ends);
        if (!curve) return STATUS_OK;
        if (curve->count == DILUTION_PLACES_MAX) continue;
        CHECK(measure_place(last - first, records, &curve->places[curve->count++]));
    }
    return STATUS_OK;
}

static void add_symmetric(const struct selection *selection, struct dilution_ends *ends) {
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        if (record_real(record, "asymmetry") != 0) continue;
        ends->symmetric_runs += record_real(record, "trials");
        ends->symmetric_capped += record_real(record, "capped");
        ends->energy_checks += fmax(0, record_real(record, "energy_checks"));
        ends->energy_rises += fmax(0, record_real(record, "energy_rises"));
    }
}

enum status dilution_ends_measure(const struct results *results, struct dilution_ends *ends) {
    *ends = (struct dilution_ends){0};
    struct selection selection;
    CHECK(selection_create(results, "hopfield_dilution", &selection));
    selection_keep(&selection, is_usable);
    qsort(selection.records, selection.count, sizeof *selection.records, by_curve_and_asymmetry);
    ends->records = selection.count;
    add_symmetric(&selection, ends);
    enum status status = measure_curves(&selection, ends);
    selection_destroy(&selection);
    return status;
}
