#include "analysis/image_grid.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/selection.h"
#include "core/base/memory.h"

enum { SHOWN_MAX = 4, ROWS_MAX = IMAGE_MEMORIES + 2 };

/* A row of the grid: a column of the records of one memory. */
struct grid_row {
    const char *field;
    const struct record *records[IMAGE_DAMAGES];
    char label[48];
};

struct grid {
    size_t shown; /* images of each damage */
    size_t count;
    struct grid_row rows[ROWS_MAX];
};

/* The records of one memory in which the patterns are those of `first`; false: not under each damage. */
static bool find_records(const struct image_cells *cells, size_t memory, const struct record *first,
                         size_t shown, struct grid_row *row) {
    for (size_t d = 0; d < IMAGE_DAMAGES; d++) {
        row->records[d] = image_cell_repeat(cells->of[memory][d], record_real(first, "repeat"));
        if (row->records[d] == NULL || !(record_real(row->records[d], "image_count") >= (double)shown))
            return false;
    }
    return true;
}

static enum status label_recalled(const struct image_cells *cells, size_t memory, struct grid_row *row) {
    struct interval overlaps[IMAGE_DAMAGES];
    for (size_t d = 0; d < IMAGE_DAMAGES; d++)
        CHECK(image_cell_overlap(cells->of[memory][d], &overlaps[d]));
    snprintf(row->label, sizeof row->label, "%s  %.2f, %.2f", image_memories[memory].label, overlaps[0].value,
             overlaps[1].value);
    return STATUS_OK;
}

static enum status arrange(const struct image_cells *cells, const struct record *first, struct grid *grid) {
    static const char *const fields[] = {"image_original", "image_corrupted"};
    static const char *const labels[] = {"stored", "damaged"};
    for (size_t r = 0; r < 2; r++) {
        struct grid_row *row = &grid->rows[grid->count];
        if (!find_records(cells, IMAGE_HEBB, first, grid->shown, row)) return STATUS_OK;
        row->field = fields[r];
        snprintf(row->label, sizeof row->label, "%s", labels[r]);
        grid->count++;
    }
    for (size_t m = 0; m < IMAGE_MEMORIES; m++) {
        struct grid_row *row = &grid->rows[grid->count];
        if (!find_records(cells, m, first, grid->shown, row)) continue;
        row->field = "image_recalled";
        CHECK(label_recalled(cells, m, row));
        grid->count++;
    }
    return STATUS_OK;
}

/* Copies the first images of a record; false when there are fewer. */
static bool copy_images(const struct record *record, const char *field, size_t images, size_t area,
                        double *pixels) {
    size_t count;
    double *numbers = record_numbers(record, field, &count);
    bool enough = numbers != NULL && count >= images * area;
    if (enough) memcpy(pixels, numbers, images * area * sizeof *pixels);
    memory_free(numbers);
    return enough;
}

static bool copy_grid(const struct grid *grid, struct plot *plot) {
    size_t area = plot->image_height * plot->image_width;
    for (size_t r = 0; r < grid->count; r++) {
        snprintf(plot->image_row_labels[r], sizeof plot->image_row_labels[r], "%s", grid->rows[r].label);
        for (size_t d = 0; d < IMAGE_DAMAGES; d++)
            if (!copy_images(grid->rows[r].records[d], grid->rows[r].field, grid->shown, area,
                             plot->pixels + (r * IMAGE_DAMAGES + d) * grid->shown * area))
                return false;
    }
    return true;
}

static enum status draw(const struct grid *grid, const char *const heads[IMAGE_DAMAGES], double patterns,
                        struct finding *finding) {
    const struct record *first = grid->rows[0].records[0];
    struct plot *plot =
        finding_plot(finding, "hf3_images", "What every memory makes of damaged images", "", "");
    if (plot == NULL) return STATUS_OK;
    snprintf(
        plot->caption, sizeof plot->caption,
        "%.0f images of clothes stored, a pixel bright (+1) where it is above its image's median; the same "
        "%zu of them under each damage. Beside each memory its mean final overlap over all images, from "
        "noise and from occlusion (hidden rows are grey and start dark).",
        patterns, grid->shown);
    plot->image_rows = grid->count;
    plot->image_columns = IMAGE_DAMAGES * grid->shown;
    plot->image_groups = IMAGE_DAMAGES;
    for (size_t d = 0; d < IMAGE_DAMAGES; d++)
        snprintf(plot->image_group_labels[d], sizeof plot->image_group_labels[d], "%s", heads[d]);
    plot->image_height = (size_t)record_real(first, "image_height");
    plot->image_width = (size_t)record_real(first, "image_width");
    plot->pixels = memory_allocate(plot->image_rows * plot->image_columns,
                                   plot->image_height * plot->image_width * sizeof(double));
    if (plot->pixels == NULL) return STATUS_NO_MEMORY;
    if (copy_grid(grid, plot))
        return plot_series(plot, "", PLOT_IMAGE, 0, 1, &(double){0}, &(double){0}, NULL, NULL);
    plot_clear(plot);
    finding->plot_count--;
    return STATUS_OK;
}

enum status image_grid_plot(const struct image_cells *cells, const char *const heads[IMAGE_DAMAGES],
                            struct finding *finding) {
    const struct image_cell *cell = cells->of[IMAGE_HEBB][0];
    if (cell == NULL || cell->count == 0) return STATUS_OK;
    const struct record *first = cell->sets[0].record;
    double shown = fmin(record_real(first, "image_count"), SHOWN_MAX);
    if (!(shown >= 1)) return STATUS_OK;
    struct grid *grid = memory_allocate(1, sizeof *grid);
    if (grid == NULL) return STATUS_NO_MEMORY;
    grid->shown = (size_t)shown;
    enum status status = arrange(cells, first, grid);
    if (status == STATUS_OK && grid->count > 2) status = draw(grid, heads, cell->patterns, finding);
    memory_free(grid);
    return status;
}
