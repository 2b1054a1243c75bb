#include "core/sequence/panels.h"

#include "core/base/memory.h"

enum { DRAWN_ROWS = 64 }; /* of weights that are drawn at once */

static size_t round_up(size_t count, size_t unit) {
    return (count + unit - 1) / unit * unit;
}

static size_t units_of_panel(const struct panels *panels) {
    return panels->gates == 1 ? (size_t)PANEL_VECTORS_MAX * PANEL_LANES : PANEL_LANES;
}

size_t panels_columns(const struct panels *panels) {
    return round_up(panels->width, PANEL_LANES) * panels->gates;
}

size_t panels_count(const struct panels *panels) {
    return (panels->width + units_of_panel(panels) - 1) / units_of_panel(panels);
}

struct panel panels_at(const struct panels *panels, size_t index) {
    size_t most = units_of_panel(panels), unit = index * most, left = panels->width - unit;
    size_t units = left < most ? left : most;
    return (struct panel){.unit = unit,
                          .units = units,
                          .vectors = round_up(units, PANEL_LANES) / PANEL_LANES * panels->gates,
                          .column = unit * panels->gates,
                          .weights = panels->weights + unit * panels->gates * panels->depth};
}

float *panels_weight(const struct panels *panels, size_t depth, size_t gate, size_t unit) {
    struct panel panel = panels_at(panels, unit / units_of_panel(panels));
    size_t vector = (unit - panel.unit) / PANEL_LANES * panels->gates + gate;
    size_t within = (depth * panel.vectors + vector) * PANEL_LANES + unit % PANEL_LANES;
    return panels->weights + panel.column * panels->depth + within;
}

enum status panels_create(size_t depth, size_t gates, size_t width, struct panels *panels) {
    *panels = (struct panels){.depth = depth, .gates = gates, .width = width};
    panels->weights = memory_allocate(depth * panels_columns(panels), sizeof(float));
    return panels->weights ? STATUS_OK : STATUS_NO_MEMORY;
}

void panels_destroy(struct panels *panels) {
    memory_free(panels->weights);
    panels->weights = NULL;
}

/* Where a row of deviates is drawn: all at once, or each gate's units apart. */
static void draw_rows(const struct panels *panels, struct panels_among among, struct random_source source,
                      uint64_t first, size_t rows, float *drawn) {
    if (among.width == panels->width) {
        random_fill_normal_f32(source, first, rows * panels->gates * panels->width, drawn);
        return;
    }
    for (size_t i = 0; i < rows * panels->gates; i++)
        random_fill_normal_f32(source, first + i * among.width + among.first_unit, panels->width,
                               drawn + i * panels->width);
}

enum status panels_draw_among(const struct panels *panels, struct panels_among among,
                              struct random_source source, uint64_t first, float deviation, uint64_t *next) {
    size_t row_size = panels->gates * panels->width, row_of_all = panels->gates * among.width;
    float *drawn = memory_allocate(DRAWN_ROWS * row_size, sizeof *drawn);
    if (!drawn) return STATUS_NO_MEMORY;
    for (size_t depth = 0; depth < panels->depth; depth += DRAWN_ROWS) {
        size_t left = panels->depth - depth, rows = left < DRAWN_ROWS ? left : DRAWN_ROWS;
        draw_rows(panels, among, source, first + depth * row_of_all, rows, drawn);
        for (size_t i = 0; i < rows * row_size; i++)
            *panels_weight(panels, depth + i / row_size, i % row_size / panels->width, i % panels->width) =
                deviation * drawn[i];
    }
    memory_free(drawn);
    *next = first + panels->depth * row_of_all;
    return STATUS_OK;
}

enum status panels_draw(const struct panels *panels, struct random_source source, uint64_t first,
                        float deviation, uint64_t *next) {
    return panels_draw_among(panels, (struct panels_among){panels->width, 0}, source, first, deviation, next);
}

static void add_panel_product_f64(const struct panels *panels, size_t index, size_t first, size_t depth,
                                  const double *row, double *sums) {
    struct panel panel = panels_at(panels, index);
    for (size_t k = 0; k < depth; k++) {
        const float *weights = panel.weights + (first + k) * panel.vectors * PANEL_LANES;
        for (size_t gate = 0; gate < panels->gates; gate++)
            for (size_t i = 0; i < panel.units; i++) {
                size_t vector = i / PANEL_LANES * panels->gates + gate;
                sums[gate * panels->width + panel.unit + i] +=
                    row[k] * (double)weights[vector * PANEL_LANES + i % PANEL_LANES];
            }
    }
}

void panels_add_product_f64(const struct panels *panels, size_t first, size_t depth, const double *row,
                            double *sums) {
    size_t count = panels_count(panels);
#pragma omp parallel for schedule(static)
    for (size_t index = 0; index < count; index++)
        add_panel_product_f64(panels, index, first, depth, row, sums);
}

struct pieces panels_pieces(const struct panels *panels, size_t rows) {
    return (struct pieces){.panels = panels_count(panels),
                           .blocks = (rows + PANELS_ROWS_MAX - 1) / PANELS_ROWS_MAX,
                           .rows = rows};
}

static size_t tiles_of(struct pieces pieces) {
    return (pieces.rows + PANEL_ROWS - 1) / PANEL_ROWS;
}

size_t pieces_rows_most(struct pieces pieces) {
    size_t most = round_up(tiles_of(pieces), pieces.blocks) / pieces.blocks * PANEL_ROWS;
    return most < pieces.rows ? most : pieces.rows;
}

struct piece pieces_at(struct pieces pieces, size_t index) {
    size_t block = index % pieces.blocks, tiles = tiles_of(pieces);
    size_t first = tiles * block / pieces.blocks * PANEL_ROWS;
    size_t end = tiles * (block + 1) / pieces.blocks * PANEL_ROWS;
    return (struct piece){.panel = index / pieces.blocks,
                          .row = first,
                          .rows = (end < pieces.rows ? end : pieces.rows) - first};
}
