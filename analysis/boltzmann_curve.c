#include "analysis/boltzmann_curve.h"

#include <math.h>
#include <string.h>

#include "analysis/selection.h"
#include "core/base/memory.h"

const char *const recall_names[RECALL_CRITERIA] = {"no flips", "one random flip", "a random tenth flipped",
                                                   "each single flip"};

static const char *const columns[RECALL_CRITERIA][TIES_COUNT] = {{"recalled", "firm"},
                                                                 {"recalled_one", "firm_one"},
                                                                 {"recalled_tenth", "firm_tenth"},
                                                                 {"recalled_each", "firm_each"}};

/* --- gathering ------------------------------------------------------------------------------------------ */

static struct recall_curve *curve_of(struct recall_curves *curves, const struct record *record) {
    static const char *const names[] = {"neurons", "rule", "expectation", "epochs", "step", "biases", NULL};
    for (size_t i = 0; i < curves->count; i++)
        if (records_agree(curves->curves[i].first, record, names)) return &curves->curves[i];
    if (curves->count == RECALL_CURVES_MAX) return NULL;
    struct recall_curve *curve = &curves->curves[curves->count++];
    *curve = (struct recall_curve){
        .first = record, .neurons = record_real(record, "neurons"), .epochs = record_real(record, "epochs")};
    return curve;
}

/* The cell of that number of patterns, in its place; NULL when there is no room. */
static struct recall_cell *cell_of(struct recall_curve *curve, double patterns) {
    size_t place = 0;
    while (place < curve->count && curve->cells[place].patterns < patterns)
        place++;
    if (place < curve->count && curve->cells[place].patterns == patterns) return &curve->cells[place];
    if (curve->count == RECALL_LOADS_MAX) return NULL;
    memmove(&curve->cells[place + 1], &curve->cells[place],
            (curve->count++ - place) * sizeof curve->cells[0]);
    curve->cells[place] = (struct recall_cell){.patterns = patterns};
    return &curve->cells[place];
}

static void add_record(struct recall_curves *curves, const struct record *record) {
    double patterns = record_real(record, "patterns");
    size_t networks = record_value(record, "recalled") ? record_value(record, "recalled")->count : 0;
    if (!(patterns > 0) || !(record_real(record, "neurons") > 0) || networks == 0) return;
    const int64_t *recalled[RECALL_CRITERIA][TIES_COUNT];
    for (int c = 0; c < RECALL_CRITERIA; c++) {
        for (int t = 0; t < TIES_COUNT; t++) {
            const struct value *value = record_value(record, columns[c][t]);
            if (value == NULL || value->count != networks) return;
            recalled[c][t] = value->integers;
        }
    }
    struct recall_curve *curve = curve_of(curves, record);
    struct recall_cell *cell = curve == NULL ? NULL : cell_of(curve, patterns);
    if (cell == NULL) return;
    curve->records++;
    cell->networks += (double)networks;
    cell->operations = record_real(record, "operations");
    for (int c = 0; c < RECALL_CRITERIA; c++)
        for (int t = 0; t < TIES_COUNT; t++)
            for (size_t i = 0; i < networks; i++)
                cell->successes[c][t] += (double)recalled[c][t][i] == patterns;
}

enum status recall_curves_create(const struct results *results, struct recall_curves **curves) {
    struct selection selection;
    *curves = memory_allocate(1, sizeof **curves);
    if (*curves == NULL) return STATUS_NO_MEMORY;
    enum status status = selection_create(results, "boltzmann_capacity", &selection);
    if (status != STATUS_OK) {
        memory_free(*curves);
        *curves = NULL;
        return status;
    }
    for (size_t i = 0; i < selection.count; i++)
        add_record(*curves, selection.records[i]);
    selection_destroy(&selection);
    return STATUS_OK;
}

const struct recall_curve *recall_curve_find(const struct recall_curves *curves, const char *rule,
                                             const char *biases, double neurons, double epochs_below) {
    const struct recall_curve *best = NULL;
    for (size_t i = 0; i < curves->count; i++) {
        const struct recall_curve *curve = &curves->curves[i];
        if (strcmp(record_string(curve->first, "rule"), rule) != 0 ||
            strcmp(record_string(curve->first, "biases"), biases) != 0)
            continue;
        if ((neurons > 0 && curve->neurons != neurons) || !(curve->epochs < epochs_below)) continue;
        if (best != NULL && (curve->neurons < best->neurons ||
                             (curve->neurons == best->neurons && curve->epochs <= best->epochs)))
            continue;
        best = curve;
    }
    return best;
}

/* --- the threshold -------------------------------------------------------------------------------------- */

struct problem {
    const struct recall_curve *curve;
    enum recall_criterion criterion;
    enum recall_ties ties;
};

/* Share of successes among resampled networks, which are independent of each other. */
static double resampled_share(const struct problem *problem, const struct recall_cell *cell,
                              struct resampler *resampler) {
    size_t networks = (size_t)cell->networks, successes = 0;
    size_t found = (size_t)cell->successes[problem->criterion][problem->ties];
    for (size_t i = 0; i < networks; i++)
        successes += resample_one(resampler, networks, i) < found;
    return (double)successes / (double)networks;
}

static void half_load(const void *context, struct resampler *resampler, double *values) {
    const struct problem *problem = context;
    double share_before = NAN, load_before = NAN, found = NAN;
    for (size_t i = 0; i < problem->curve->count; i++) {
        const struct recall_cell *cell = &problem->curve->cells[i];
        if (cell->networks < RECALL_NETWORKS_LEAST) continue;
        double share = resampled_share(problem, cell, resampler);
        double load = cell->patterns / problem->curve->neurons;
        if (share >= 0.5) found = NAN;
        if (share < 0.5 && share_before >= 0.5)
            found = load_before + (load - load_before) * (share_before - 0.5) / (share_before - share);
        share_before = share, load_before = load;
    }
    values[0] = found;
}

enum status recall_threshold(const struct recall_curve *curve, enum recall_criterion criterion,
                             enum recall_ties ties, uint64_t key, struct interval *threshold) {
    const struct problem problem = {curve, criterion, ties};
    double fewest = INFINITY, all = 0;
    for (size_t i = 0; i < curve->count; i++) {
        if (curve->cells[i].networks < RECALL_NETWORKS_LEAST) continue;
        fewest = fmin(fewest, curve->cells[i].networks);
        all += curve->cells[i].networks;
    }
    *threshold = interval_unknown(NAN, 0);
    if (!(all > 0)) return STATUS_OK;
    return bootstrap_interval(half_load, &problem, key, (size_t)fewest, (size_t)all, threshold);
}
