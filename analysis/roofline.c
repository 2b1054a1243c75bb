#include "analysis/roofline.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/published.h"
#include "analysis/rank_scaling.h"
#include "core/base/memory.h"

enum { ROOFS_MAX = 3, POINTS_MAX = 512 };

#define GIGA 1e9

/* What the machine does at best with this many threads on one rank: the best of its records. */
struct roof {
    double threads, peak, product, bandwidth; /* operations/s, operations/s, bytes/s */
};

struct point {
    const struct record *record;
    double intensity, rate; /* operations a byte, operations a second */
};

/* Everything the picture shows. */
struct roofline {
    size_t roofs, points;
    struct roof roof[ROOFS_MAX];
    struct point point[POINTS_MAX];
};

static void add_roof(const struct record *record, struct roofline *all) {
    double threads = record_real(record, "threads"), peak = record_real(record, "fma_f32");
    double product = record_real(record, "blas_f32"), bandwidth = record_real(record, "bandwidth");
    if (record_real(record, "ranks") != 1 || !(peak > 0) || !isfinite(peak)) return;
    if (!(bandwidth > 0) || !isfinite(bandwidth)) return;
    size_t place = 0;
    while (place < all->roofs && all->roof[place].threads != threads)
        place++;
    if (place == ROOFS_MAX) return;
    if (place == all->roofs) all->roof[all->roofs++] = (struct roof){.threads = threads};
    struct roof *roof = &all->roof[place];
    roof->peak = fmax(roof->peak, peak);
    roof->product = fmax(roof->product, product);
    roof->bandwidth = fmax(roof->bandwidth, bandwidth);
}

static enum status add_point(const struct record *record, struct roofline *all) {
    if (record_real(record, "ranks") != 1 || all->points == POINTS_MAX) return STATUS_OK;
    double seconds, flops = record_real(record, "flops_core");
    CHECK(scaling_seconds(record, "seconds_core", &seconds));
    double heads = record_real(record, "heads") + record_real(record, "kv_heads");
    double bytes = 4 * record_real(record, "batch") * record_real(record, "length") *
                   record_real(record, "head_width") * 2 * heads;
    struct point point = {.record = record, .intensity = flops / bytes, .rate = flops / seconds};
    bool usable = point.intensity > 0 && isfinite(point.intensity) && point.rate > 0 && isfinite(point.rate);
    if (usable) all->point[all->points++] = point;
    return STATUS_OK;
}

static enum status gather(const struct results *results, struct roofline *all) {
    struct selection machine = {0}, attention = {0};
    enum status status = selection_create(results, "machine", &machine);
    if (status == STATUS_OK) status = selection_create(results, "attention", &attention);
    if (status == STATUS_OK) selection_keep(&attention, record_is_undisturbed);
    for (size_t i = 0; i < machine.count && status == STATUS_OK; i++)
        add_roof(machine.records[i], all);
    for (size_t i = 0; i < attention.count && status == STATUS_OK; i++)
        status = add_point(attention.records[i], all);
    selection_destroy(&machine);
    selection_destroy(&attention);
    return status;
}

/* --- the picture -------------------------------------------------------------------------------------- */

static bool is_shape(const struct record *record, const struct published_shape *shape) {
    return record_real(record, "length") == shape->length && record_real(record, "heads") == shape->heads &&
           record_real(record, "kv_heads") == shape->kv_heads &&
           record_real(record, "head_width") == shape->head_width &&
           strcmp(record_string(record, "mask"), shape->causal ? "causal" : "full") == 0;
}

/* The published shape of a record, or the entry behind those of attention. */
static const struct published_shape *shape_of(const struct record *record) {
    const struct published_shape *shape = published_shapes, *end = published_shapes + PUBLISHED_ATTENTION;
    while (shape < end && !is_shape(record, shape))
        shape++;
    return shape;
}

/* Draws the points of one shape (or those of none) measured with as many threads as the roof; their number.
 */
static enum status plot_points(const struct roofline *all, const struct roof *roof,
                               const struct published_shape *shape, const char *label, int colour,
                               struct plot *plot, size_t *count) {
    double x[POINTS_MAX], y[POINTS_MAX];
    *count = 0;
    for (size_t i = 0; i < all->points; i++) {
        const struct record *record = all->point[i].record;
        if (record_real(record, "threads") != roof->threads || shape_of(record) != shape) continue;
        x[*count] = all->point[i].intensity;
        y[(*count)++] = all->point[i].rate / GIGA;
    }
    return plot_series(plot, label, PLOT_POINTS, colour, *count, x, y, NULL, NULL);
}

static enum status plot_roof(const struct roofline *all, const struct roof *roof, int colour,
                             struct plot *plot) {
    char label[64];
    double ridge = roof->peak / roof->bandwidth, last = ridge;
    for (size_t i = 0; i < all->points; i++)
        last = fmax(last, all->point[i].intensity);
    const double x[] = {ridge / 4, ridge, last * 2};
    const double y[] = {roof->peak / 4 / GIGA, roof->peak / GIGA, roof->peak / GIGA};
    snprintf(label, sizeof label, "roof, threads: %.0f", roof->threads);
    CHECK(plot_series(plot, label, PLOT_LINES, colour, 3, x, y, NULL, NULL));
    const double product[] = {roof->product / GIGA, roof->product / GIGA};
    snprintf(label, sizeof label, "BLAS product, threads: %.0f", roof->threads);
    return plot_series(plot, label, PLOT_DASHED, colour, 2, x + 1, product, NULL, NULL);
}

/* The largest rate of a shape as a share of the roof's peak, for people. */
static void report_shape(const struct roofline *all, const struct roof *roof,
                         const struct published_shape *shape, size_t count, struct finding *finding) {
    double best = 0;
    for (size_t i = 0; i < all->points; i++) {
        const struct record *record = all->point[i].record;
        if (record_real(record, "threads") == roof->threads && shape_of(record) == shape)
            best = fmax(best, all->point[i].rate);
    }
    struct interval share = interval_exact(best / roof->peak, count);
    measurement_set(finding_measurement(finding, "1", "%s, threads: %.0f: share of the measured peak",
                                        shape->name, roof->threads),
                    &share);
}

static enum status draw_roof(const struct roofline *all, const struct roof *roof, int colour,
                             struct plot *plot, struct finding *finding) {
    char label[64];
    size_t count;
    CHECK(plot_roof(all, roof, colour, plot));
    const struct published_shape *shape = published_shapes;
    for (; shape < published_shapes + PUBLISHED_ATTENTION; shape++) {
        snprintf(label, sizeof label, "%s, threads: %.0f", shape->name, roof->threads);
        CHECK(plot_points(all, roof, shape, label, (int)(shape - published_shapes) + 3, plot, &count));
        if (count > 0) report_shape(all, roof, shape, count, finding);
    }
    snprintf(label, sizeof label, "other sizes, threads: %.0f", roof->threads);
    return plot_points(all, roof, shape, label, colour, plot, &count);
}

static bool has_points(const struct roofline *all, const struct roof *roof) {
    for (size_t i = 0; i < all->points; i++)
        if (record_real(all->point[i].record, "threads") == roof->threads) return true;
    return false;
}

static struct plot *start_plot(struct finding *finding) {
    struct plot *plot = finding_plot(finding, "ap5_roofline", "Roofline of attention on one rank",
                                     "intensity (operations per byte that must move)", "rate (GFLOP/s)");
    if (plot == NULL) return NULL;
    plot->x_log = plot->y_log = true;
    snprintf(
        plot->caption, sizeof plot->caption,
        "Executed operations of the two products over the bytes of queries, keys, values and output, each moved "
        "once. Roof: multiply-adds in registers and reading of memory, as measured by the machine experiment.");
    return plot;
}

enum status roofline_report(const struct results *results, struct finding *finding) {
    struct plot *plot = NULL;
    struct roofline *all = memory_allocate(1, sizeof *all);
    if (all == NULL) return STATUS_NO_MEMORY;
    *all = (struct roofline){0};
    enum status status = gather(results, all);
    for (size_t i = 0; i < all->roofs && status == STATUS_OK; i++) {
        if (!has_points(all, &all->roof[i])) continue;
        if (plot == NULL) plot = start_plot(finding);
        status = draw_roof(all, &all->roof[i], (int)i, plot, finding);
    }
    memory_free(all);
    return status;
}
