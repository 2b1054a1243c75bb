/* HF3: images of clothes are correlated patterns. They break the Hebbian rule far below the load that random
 * patterns bear; the projection rule copes. Noise is definition 0 of the damage, occlusion definition 1. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/image_grid.h"
#include "analysis/theory.h"
#include "core/base/memory.h"

/* "Far below": at no more than half the capacity for random patterns. */
#define FAR_BELOW 0.5
/* "Copes": mean final overlap. */
#define RECALL_OVERLAP 0.9

static const char *const corruptions[IMAGE_DAMAGES] = {"noise", "occlusion"};
static const char *const heads[IMAGE_DAMAGES] = {"from noise", "from occlusion"};

/* All that is measured. */
struct recalls {
    struct image_curve of[IMAGE_MEMORIES][IMAGE_DAMAGES];
    struct image_curve random; /* Hebb's, of random patterns from noise */
    double patterns;           /* at which the row is decided; 0: nowhere */
};

static enum status recalls_fill(const struct results *results, struct recalls *recalls) {
    for (size_t m = 0; m < IMAGE_MEMORIES; m++)
        for (size_t d = 0; d < IMAGE_DAMAGES; d++)
            CHECK(image_curve_create(results, &image_memories[m], "images", corruptions[d],
                                     &recalls->of[m][d]));
    return image_curve_create(results, &image_memories[IMAGE_HEBB], "random", corruptions[0],
                              &recalls->random);
}

static void recalls_clear(struct recalls *recalls) {
    for (size_t m = 0; m < IMAGE_MEMORIES; m++)
        for (size_t d = 0; d < IMAGE_DAMAGES; d++)
            image_curve_clear(&recalls->of[m][d]);
    image_curve_clear(&recalls->random);
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

/* Points of a curve: final overlap against load, or against a column's mean. NULL plot: none. */
static enum status plot_curve_of(const struct image_curve *curve, const char *column, const char *label,
                                 enum plot_style style, int colour, struct plot *plot) {
    double x[IMAGE_CELLS_MAX], y[IMAGE_CELLS_MAX], low[IMAGE_CELLS_MAX], high[IMAGE_CELLS_MAX];
    for (size_t i = 0; i < curve->count; i++) {
        struct interval overlap, place = {.value = curve->cells[i].load};
        CHECK(image_cell_overlap(&curve->cells[i], &overlap));
        if (column != NULL) CHECK(image_cell_column(&curve->cells[i], column, &place));
        x[i] = place.value, y[i] = overlap.value;
        low[i] = fmax(overlap.low, -1), high[i] = fmin(overlap.high, 1);
    }
    return plot_series(plot, label, style, colour, curve->count, x, y, low, high);
}

static enum status plot_capacity(struct plot *plot) {
    double capacity[2] = {theory_capacity(NULL), theory_capacity(NULL)}, ends[2] = {0, 1};
    return plot_series(plot, "0.138", PLOT_DASHED, 7, 2, capacity, ends, NULL, NULL);
}

/* Against the load, of memories that show all there is to see: more would hide each other. */
static enum status plot_loads(size_t damage, const struct recalls *recalls, struct finding *finding) {
    static const char *const drawn[] = {"hebb",       "pseudo_inverse",           "storkey",
                                        "perceptron", "minimum_probability_flow", "modern"};
    char name[48], title[120];
    snprintf(name, sizeof name, "hf3_%s", corruptions[damage]);
    snprintf(title, sizeof title, "Recall of images from %s", corruptions[damage]);
    if (recalls->of[IMAGE_HEBB][damage].count + recalls->of[IMAGE_PROJECTION][damage].count == 0)
        return STATUS_OK;
    struct plot *plot = finding_plot(finding, name, title, "load P/N", "mean final overlap");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Mean over images with 95 %% intervals over choices of images; damage %.2g. Dashed line at 0.138: "
        "capacity for random patterns under the Hebbian rule.",
        fmin(recalls->of[IMAGE_HEBB][damage].amount, recalls->of[IMAGE_PROJECTION][damage].amount));
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++) {
        size_t m = 0; /* of the modern ones the first, with attention's beta */
        while (m < IMAGE_MEMORIES && strcmp(image_memories[m].rule, drawn[i]) != 0)
            m++;
        CHECK(plot_curve_of(&recalls->of[m][damage], NULL, image_memories[m].label, PLOT_POINTS_LINES, (int)i,
                            plot));
    }
    return plot_capacity(plot);
}

/* Why: the crosstalk of a few images is beyond what random patterns bear. */
static enum status plot_reason(const struct recalls *recalls, struct finding *finding) {
    if (recalls->random.count == 0) return STATUS_OK;
    struct plot *plot =
        finding_plot(finding, "hf3_reason", "Why images are lost: their crosstalk",
                     "crosstalk, sum of squared overlaps with the others", "mean final overlap");
    if (plot == NULL) return STATUS_OK;
    plot->x_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "A pattern's squared overlaps with the other stored ones, summed: the load P/N for random patterns, "
        "many times that for images of the same number. From noise, 95 %% intervals over choices of "
        "patterns. Dashed: capacity for random patterns, 0.138.");
    CHECK(plot_curve_of(&recalls->random, "crosstalk", "Hebb, random patterns", PLOT_POINTS_LINES, 0, plot));
    CHECK(
        plot_curve_of(&recalls->of[IMAGE_HEBB][0], "crosstalk", "Hebb, images", PLOT_POINTS_LINES, 1, plot));
    CHECK(plot_curve_of(&recalls->of[IMAGE_PROJECTION][0], "crosstalk", "projection, images",
                        PLOT_POINTS_LINES, 2, plot));
    return plot_capacity(plot);
}

static enum status plot_grid(const struct recalls *recalls, struct finding *finding) {
    struct image_cells cells;
    for (size_t m = 0; m < IMAGE_MEMORIES; m++)
        for (size_t d = 0; d < IMAGE_DAMAGES; d++)
            cells.of[m][d] = image_curve_at(&recalls->of[m][d], recalls->patterns);
    return image_grid_plot(&cells, heads, finding);
}

/* --- the row ------------------------------------------------------------------------------------------ */

static enum status decide_rule(size_t memory, size_t damage, const struct recalls *recalls,
                               struct finding *finding) {
    const struct image_cell *cell = deciding_cell(&recalls->of[memory][damage]);
    const char *label = image_memories[memory].label;
    struct measurement *m =
        cell == NULL ? finding_measurement(finding, "1", "%s, %s: final overlap", label, corruptions[damage])
                     : finding_measurement(finding, "1", "%s, %s: final overlap at load %.3g", label,
                                           corruptions[damage], cell->load);
    measurement_decides(m, memory == IMAGE_HEBB ? CRITERION_AT_MOST : CRITERION_AT_LEAST, RECALL_OVERLAP, 0);
    if (m != NULL) m->definition = (int)damage;
    const char *mark = memory == IMAGE_HEBB ? "," : ";";
    if (cell == NULL) {
        finding_say(finding, " %s not measured%s", label, mark);
        return STATUS_OK;
    }
    struct interval interval;
    CHECK(image_cell_overlap(cell, &interval));
    measurement_set(m, &interval);
    finding_say(finding, " %s %.3f%s", label, interval.value, mark);
    return STATUS_OK;
}

static enum status decide(const struct recalls *recalls, struct finding *finding) {
    for (size_t d = 0; d < IMAGE_DAMAGES; d++) {
        finding_say(finding, " %s", heads[d]);
        if (isfinite(recalls->of[IMAGE_HEBB][d].amount))
            finding_say(finding, " of %.2g", recalls->of[IMAGE_HEBB][d].amount);
        finding_say(finding, ":");
        CHECK(decide_rule(IMAGE_HEBB, d, recalls, finding));
        CHECK(decide_rule(IMAGE_PROJECTION, d, recalls, finding));
    }
    return STATUS_OK;
}

/* The other memories, of as many patterns. */
static enum status report_others(const struct recalls *recalls, struct finding *finding) {
    for (size_t m = IMAGE_PROJECTION + 1; m < IMAGE_MEMORIES; m++)
        for (size_t d = 0; d < IMAGE_DAMAGES; d++) {
            const struct image_cell *cell = image_curve_at(&recalls->of[m][d], recalls->patterns);
            struct interval interval;
            if (cell == NULL) continue;
            CHECK(image_cell_overlap(cell, &interval));
            measurement_set(finding_measurement(finding, "1", "  %s, %s: final overlap",
                                                image_memories[m].label, corruptions[d]),
                            &interval);
        }
    return STATUS_OK;
}

/* How alike the stored patterns are, beside random ones of the same number. */
static enum status report_reason(const struct image_cell *images, const struct image_cell *random,
                                 struct finding *finding) {
    static const struct {
        const char *column, *name;
    } columns[] = {{"pattern_correlation", "correlation of the patterns"},
                   {"largest_correlation", "  largest between two"},
                   {"activity", "  mean pixel"},
                   {"crosstalk", "  crosstalk"}};
    struct interval interval, crosstalk;
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        CHECK(image_cell_column(images, columns[c].column, &interval));
        measurement_set(finding_measurement(finding, "1", "%s", columns[c].name), &interval);
    }
    if (random == NULL) return STATUS_OK;
    CHECK(image_cell_column(random, "pattern_correlation", &interval));
    measurement_set(finding_measurement(finding, "1", "random patterns: correlation"), &interval);
    CHECK(image_cell_column(random, "crosstalk", &crosstalk));
    measurement_set(finding_measurement(finding, "1", "  crosstalk, random patterns"), &crosstalk);
    CHECK(image_cell_overlap(random, &interval));
    measurement_set(finding_measurement(finding, "1", "  Hebb, random patterns, noise: final overlap"),
                    &interval);
    CHECK(image_cell_column(images, "crosstalk", &crosstalk));
    finding_say(
        finding,
        " The reason: an image's squared overlaps with the others sum to %.2g, those of as many random "
        "patterns to their load; Hebb recalls these to %.3f.",
        crosstalk.value, interval.value);
    return STATUS_OK;
}

static enum status report(struct recalls *recalls, struct finding *finding) {
    const struct image_cell *cell = deciding_cell(&recalls->of[IMAGE_HEBB][0]);
    finding_say(finding,
                "Mean final overlap of recalled images at the largest measured load up to half of %.3f,",
                theory_capacity(NULL));
    CHECK(decide(recalls, finding));
    finding_say(finding, " the Hebbian rule is to stay below %.1f, the projection rule above.",
                RECALL_OVERLAP);
    if (cell == NULL) return STATUS_OK;
    recalls->patterns = cell->patterns;
    finding_sizes(finding, "N = %.0f pixels, %.0f patterns (load %.3f), %zu repeats",
                  cell->patterns / cell->load, cell->patterns, cell->load, cell->count);
    CHECK(report_others(recalls, finding));
    return report_reason(cell, image_curve_at(&recalls->random, cell->patterns), finding);
}

static enum status find_images(const struct results *results, struct finding *finding) {
    struct recalls *recalls = memory_allocate(1, sizeof *recalls);
    if (recalls == NULL) return STATUS_NO_MEMORY;
    enum status status = recalls_fill(results, recalls);
    for (size_t m = 0; m < IMAGE_MEMORIES; m++)
        for (size_t d = 0; d < IMAGE_DAMAGES; d++)
            finding->records += recalls->of[m][d].records;
    finding->records += recalls->random.records;
    if (status == STATUS_OK) status = report(recalls, finding);
    if (status == STATUS_OK) status = plot_grid(recalls, finding);
    for (size_t d = 0; d < IMAGE_DAMAGES && status == STATUS_OK; d++)
        status = plot_loads(d, recalls, finding);
    if (status == STATUS_OK) status = plot_reason(recalls, finding);
    recalls_clear(recalls);
    memory_free(recalls);
    return status;
}

const struct claim claim_real_patterns = {
    .id = "HF3",
    .statement = "Correlated patterns break the Hebbian rule far below 0.138; the projection rule copes",
    .source = "Kanter & Sompolinsky 1987; images: Xiao, Rasul & Vollgraf 2017",
    .prediction = "overlap below 0.9 (Hebb), above 0.9 (projection), load up to 0.069",
    .sources = {{"hopfield_images", IMAGE_COLUMNS}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_images,
};
