/* HF3: images of clothes are correlated patterns. They break the Hebbian rule far below the load that random
 * patterns bear; the projection rule copes. Noise is definition 0 of the damage, occlusion definition 1. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/selection.h"
#include "analysis/theory.h"
#include "core/base/memory.h"

/* "Far below": at no more than half the capacity for random patterns. */
#define FAR_BELOW 0.5
/* "Copes": mean final overlap. */
#define RECALL_OVERLAP 0.9

enum { IMAGES_KEY = 0x4846 + 3, CELLS_MAX = 64, COLUMNS_MAX = 10, RULES = 2 };

static const char *const rules[RULES] = {"hebb", "pseudo_inverse"};
static const char *const rule_names[RULES] = {"Hebb", "projection"};
static const char *const corruptions[] = {"noise", "occlusion"};

/* Everything measured under one rule with one number of patterns; a record is one choice of patterns. */
struct image_cell {
    double patterns, load;
    size_t count;
    struct record_mean {
        const struct record *record;
        double overlap; /* mean over its trials */
    } * means;
};

/* One rule's cells under one kind and amount of damage, rising in load. */
struct image_curve {
    double amount;
    size_t count, records;
    struct image_cell cells[CELLS_MAX];
};

static double load_of(const struct record *record) {
    return record_real(record, "patterns") /
           (record_real(record, "image_width") * record_real(record, "image_height"));
}

static enum status mean_of_trials(const struct record *record, double *mean) {
    size_t count, kept = 0;
    double *overlaps = record_numbers(record, "overlap", &count);
    if (overlaps == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(overlaps[i])) overlaps[kept++] = overlaps[i];
    }
    *mean = statistics_mean(kept, overlaps);
    memory_free(overlaps);
    return STATUS_OK;
}

/* The cell of that many patterns, made at its place if it is new; NULL: no room. */
static struct image_cell *cell_at(struct image_curve *curve, double patterns) {
    size_t place = 0;
    while (place < curve->count && curve->cells[place].patterns < patterns)
        place++;
    if (place < curve->count && curve->cells[place].patterns == patterns) return &curve->cells[place];
    if (curve->count == CELLS_MAX) return NULL;
    memmove(&curve->cells[place + 1], &curve->cells[place], (curve->count - place) * sizeof curve->cells[0]);
    curve->count++;
    curve->cells[place] = (struct image_cell){.patterns = patterns};
    return &curve->cells[place];
}

static enum status add_record(const struct record *record, size_t most, struct image_curve *curve) {
    double mean, load = load_of(record);
    CHECK(mean_of_trials(record, &mean));
    if (!isfinite(mean) || !(load > 0) || isinf(load)) return STATUS_OK;
    struct image_cell *cell = cell_at(curve, record_real(record, "patterns"));
    if (cell == NULL) return STATUS_OK;
    if (cell->means == NULL) cell->means = memory_allocate(most, sizeof *cell->means);
    if (cell->means == NULL) return STATUS_NO_MEMORY;
    cell->load = load;
    cell->means[cell->count].record = record;
    cell->means[cell->count++].overlap = mean;
    curve->records++;
    return STATUS_OK;
}

static void curve_clear(struct image_curve *curve) {
    for (size_t i = 0; i < curve->count; i++)
        memory_free(curve->cells[i].means);
    *curve = (struct image_curve){0};
}

/* The records of a rule under the smallest amount of that damage. */
static enum status curve_create(const struct results *results, const char *rule, const char *corruption,
                                struct image_curve *curve) {
    struct selection selection;
    *curve = (struct image_curve){.amount = INFINITY};
    CHECK(selection_create(results, "hopfield_images", &selection));
    selection_keep_text(&selection, "rule", rule);
    selection_keep_text(&selection, "corruption", corruption);
    selection_keep_text(&selection, "dynamics", "asynchronous");
    for (size_t i = 0; i < selection.count; i++) {
        curve->amount = fmin(curve->amount, record_real(selection.records[i], "amount"));
    }
    selection_keep_number(&selection, "amount", curve->amount);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < selection.count && status == STATUS_OK; i++) {
        status = add_record(selection.records[i], selection.count, curve);
    }
    selection_destroy(&selection);
    if (status != STATUS_OK) curve_clear(curve);
    return status;
}

static void cell_overlap(const void *context, struct resampler *resampler, double *values) {
    const struct image_cell *cell = context;
    double sum = 0;
    for (size_t i = 0; i < cell->count; i++)
        sum += cell->means[resample_one(resampler, cell->count, i)].overlap;
    values[0] = sum / (double)cell->count;
}

/* The largest measured load far below the capacity, or NULL. */
static const struct image_cell *deciding_cell(const struct image_curve *curve) {
    const struct image_cell *cell = NULL;
    for (size_t i = 0; i < curve->count; i++) {
        if (curve->cells[i].load <= FAR_BELOW * theory_capacity(NULL)) cell = &curve->cells[i];
    }
    return cell;
}

/* --- plots -------------------------------------------------------------------------------------------- */

static enum status plot_curves(const char *corruption, const struct image_curve curves[RULES],
                               struct finding *finding) {
    char name[48], title[120];
    snprintf(name, sizeof name, "hf3_%s", corruption);
    snprintf(title, sizeof title, "Recall of images from %s", corruption);
    if (curves[0].count + curves[1].count == 0) return STATUS_OK;
    struct plot *plot = finding_plot(finding, name, title, "load P/N", "mean final overlap");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Mean over patterns with 95 %% intervals over choices of patterns; damage %.2g. Dashed: capacity for random "
        "patterns under the Hebbian rule.",
        fmin(curves[0].amount, curves[1].amount));
    for (size_t r = 0; r < RULES; r++) {
        double x[CELLS_MAX], y[CELLS_MAX], low[CELLS_MAX], high[CELLS_MAX];
        for (size_t i = 0; i < curves[r].count; i++) {
            const struct image_cell *cell = &curves[r].cells[i];
            struct interval interval;
            CHECK(bootstrap_interval(cell_overlap, cell, IMAGES_KEY, cell->count, cell->count, &interval));
            x[i] = cell->load, y[i] = interval.value;
            low[i] = fmax(interval.low, -1), high[i] = fmin(interval.high, 1);
        }
        CHECK(plot_series(plot, rule_names[r], PLOT_POINTS_LINES, (int)r, curves[r].count, x, y, low, high));
    }
    double capacity[2] = {theory_capacity(NULL), theory_capacity(NULL)}, ends[2] = {0, 1};
    return plot_series(plot, "random patterns", PLOT_DASHED, (int)RULES, 2, capacity, ends, NULL, NULL);
}

/* The same repeat under the other rule, or NULL. */
static const struct record *same_repeat(const struct image_cell *cell, const struct record *record) {
    for (size_t i = 0; cell != NULL && i < cell->count; i++) {
        if (record_real(cell->means[i].record, "repeat") == record_real(record, "repeat"))
            return cell->means[i].record;
    }
    return NULL;
}

/* Copies the first `columns` images of a column into one row of the plot; false when there are fewer. */
static bool copy_row(const struct record *record, const char *field, size_t row, size_t columns,
                     struct plot *plot) {
    size_t area = plot->image_height * plot->image_width, count;
    double *pixels = record_numbers(record, field, &count);
    bool enough = pixels != NULL && count >= columns * area;
    if (enough) memcpy(plot->pixels + row * columns * area, pixels, columns * area * sizeof *pixels);
    memory_free(pixels);
    return enough;
}

static bool fill_images(const struct record *hebb, const struct record *projection, struct plot *plot) {
    static const char *const labels[] = {"stored", "damaged", "recalled, Hebb", "recalled, projection"};
    const struct record *sources[] = {hebb, hebb, hebb, projection};
    static const char *const fields[] = {"image_original", "image_corrupted", "image_recalled",
                                         "image_recalled"};
    for (size_t row = 0; row < 4; row++) {
        snprintf(plot->image_row_labels[row], sizeof plot->image_row_labels[row], "%s", labels[row]);
        if (!copy_row(sources[row], fields[row], row, plot->image_columns, plot)) return false;
    }
    return true;
}

static enum status plot_images(const char *corruption, const struct image_cell *hebb,
                               const struct image_cell *projection, struct finding *finding) {
    if (hebb == NULL || hebb->count == 0) return STATUS_OK;
    const struct record *first = hebb->means[0].record, *second = same_repeat(projection, first);
    double columns = fmin(record_real(first, "image_count"), COLUMNS_MAX);
    if (second == NULL || !(columns >= 1) || record_real(second, "image_count") < columns) return STATUS_OK;
    char name[48], title[120];
    snprintf(name, sizeof name, "hf3_images_%s", corruption);
    snprintf(title, sizeof title, "Recalled from %s, %.0f stored images", corruption, hebb->patterns);
    struct plot *plot = finding_plot(finding, name, title, "", "");
    if (plot == NULL) return STATUS_OK;
    plot->image_rows = 4;
    plot->image_columns = (size_t)columns;
    plot->image_height = (size_t)record_real(first, "image_height");
    plot->image_width = (size_t)record_real(first, "image_width");
    plot->pixels =
        memory_allocate(4 * plot->image_columns * plot->image_height * plot->image_width, sizeof(double));
    if (plot->pixels == NULL) return STATUS_NO_MEMORY;
    if (!fill_images(first, second, plot)) {
        plot_clear(plot);
        finding->plot_count--;
        return STATUS_OK;
    }
    return plot_series(plot, "", PLOT_IMAGE, 0, 1, &(double){0}, &(double){0}, NULL, NULL);
}

/* --- the row ------------------------------------------------------------------------------------------ */

static enum status report_rule(const char *corruption, int definition, size_t rule,
                               const struct image_cell *cell, struct finding *finding) {
    struct measurement *m =
        cell == NULL
            ? finding_measurement(finding, "1", "%s, %s: final overlap", rule_names[rule], corruption)
            : finding_measurement(finding, "1", "%s, %s: final overlap at load %.3g", rule_names[rule],
                                  corruption, cell->load);
    measurement_decides(m, rule == 0 ? CRITERION_AT_MOST : CRITERION_AT_LEAST, RECALL_OVERLAP, 0);
    if (m != NULL) m->definition = definition;
    const char *mark = rule + 1 < RULES ? "," : ";";
    if (cell == NULL) {
        finding_say(finding, " %s not measured%s", rule_names[rule], mark);
        return STATUS_OK;
    }
    struct interval interval;
    CHECK(bootstrap_interval(cell_overlap, cell, IMAGES_KEY, cell->count, cell->count, &interval));
    measurement_set(m, &interval);
    finding_say(finding, " %s %.3f%s", rule_names[rule], interval.value, mark);
    return STATUS_OK;
}

static void cell_correlation(const void *context, struct resampler *resampler, double *values) {
    const struct image_cell *cell = context;
    double sum = 0;
    for (size_t i = 0; i < cell->count; i++) {
        const struct record *record = cell->means[resample_one(resampler, cell->count, i)].record;
        sum += record_real(record, "pattern_correlation");
    }
    values[0] = sum / (double)cell->count;
}

static enum status report_correlation(const struct image_cell *cell, struct finding *finding) {
    if (cell == NULL) return STATUS_OK;
    struct interval interval;
    CHECK(bootstrap_interval(cell_correlation, cell, IMAGES_KEY, cell->count, cell->count, &interval));
    measurement_set(finding_measurement(finding, "1", "correlation of the patterns"), &interval);
    return STATUS_OK;
}

static enum status measure_corruption(const struct results *results, int definition,
                                      struct image_curve *curves, struct finding *finding) {
    const char *corruption = corruptions[definition];
    const struct image_cell *cells[RULES];
    for (size_t r = 0; r < RULES; r++) {
        CHECK(curve_create(results, rules[r], corruption, &curves[r]));
        cells[r] = deciding_cell(&curves[r]);
        finding->records += curves[r].records;
    }
    finding_say(finding, " from %s", corruption);
    if (isfinite(curves[0].amount)) finding_say(finding, " of %.2g", curves[0].amount);
    finding_say(finding, ":");
    for (size_t r = 0; r < RULES; r++)
        CHECK(report_rule(corruption, definition, r, cells[r], finding));
    if (definition == 0) {
        CHECK(report_correlation(cells[0], finding));
        if (cells[0] != NULL) {
            finding_sizes(finding, "N = %.0f pixels, %.0f patterns (load %.3f), %zu repeats",
                          cells[0]->patterns / cells[0]->load, cells[0]->patterns, cells[0]->load,
                          cells[0]->count);
        }
    }
    CHECK(plot_curves(corruption, curves, finding));
    return plot_images(corruption, cells[0], cells[1], finding);
}

static enum status find_images(const struct results *results, struct finding *finding) {
    struct image_curve *curves = memory_allocate(RULES, sizeof *curves);
    if (curves == NULL) return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    finding_say(finding,
                "Mean final overlap of recalled images at the largest measured load up to half of %.3f,",
                theory_capacity(NULL));
    for (int definition = 0; definition < 2 && status == STATUS_OK; definition++) {
        status = measure_corruption(results, definition, curves, finding);
        for (size_t r = 0; r < RULES; r++)
            curve_clear(&curves[r]);
    }
    finding_say(finding, " the Hebbian rule is to stay below %.1f, the projection rule above.",
                RECALL_OVERLAP);
    memory_free(curves);
    return status;
}

const struct claim claim_real_patterns = {
    .id = "HF3",
    .statement = "Correlated patterns break the Hebbian rule far below 0.138; the projection rule copes",
    .source = "Kanter & Sompolinsky 1987; images: Xiao, Rasul & Vollgraf 2017",
    .prediction = "overlap below 0.9 (Hebb), above 0.9 (projection), load up to 0.069",
    .sources = {{"hopfield_images",
                 "rule patterns corruption amount dynamics overlap pattern_correlation image_original "
                 "image_corrupted image_recalled image_width image_height image_count"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_images,
};
