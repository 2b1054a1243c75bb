/* Weights that are packed for core/kernels/panel.h. Internal to this folder. */
#ifndef CORE_SEQUENCE_PANELS_H
#define CORE_SEQUENCE_PANELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/random.h"
#include "core/base/status.h"
#include "core/kernels/panel.h"

enum { PANELS_ROWS_MAX = 96 }; /* rows that share the work of one panel: their sums are 24 KiB */

/* A matrix [depth][gates][width], one gate for a plain matrix. Column (gate, unit) is packed as number
 * (unit / LANES * gates + gate) * LANES + unit % LANES; what is beyond the last unit is 0. */
struct panels {
    size_t depth, gates, width;
    float *weights;
};

/* One panel: neighbouring units with all their gates. */
struct panel {
    size_t unit, units;   /* the first, and how many */
    size_t vectors;       /* of PANEL_LANES columns */
    size_t column;        /* the first of all packed ones */
    const float *weights; /* [depth][vectors][PANEL_LANES] */
};

/* Allocates and zeroes the weights. STATUS_NO_MEMORY. */
enum status panels_create(size_t depth, size_t gates, size_t width, struct panels *panels);
void panels_destroy(struct panels *panels);

/* Numbers of all columns, the padding included, and of the panels. */
size_t panels_columns(const struct panels *panels);
size_t panels_count(const struct panels *panels);
struct panel panels_at(const struct panels *panels, size_t index);

/* Where a weight is packed. */
float *panels_weight(const struct panels *panels, size_t depth, size_t gate, size_t unit);

/* Fills all weights with normal deviates times `deviation`, in the order [depth][gates][width], from deviate
 * `first` on. *next is the deviate after the last. STATUS_NO_MEMORY. */
enum status panels_draw(const struct panels *panels, struct random_source source, uint64_t first,
                        float deviation, uint64_t *next);

/* The same where the matrix is some units of a wider one, first_unit .. first_unit + width - 1 of `width`,
 * whose deviates these are. */
struct panels_among {
    size_t width, first_unit;
};
enum status panels_draw_among(const struct panels *panels, struct panels_among among,
                              struct random_source source, uint64_t first, float deviation, uint64_t *next);

/* sums[gates][width] += row[depth] times weights first .. first + depth - 1, in float64. */
void panels_add_product_f64(const struct panels *panels, size_t first, size_t depth, const double *row,
                            double *sums);

/* The pieces into which a product of `rows` rows is cut, panel by panel; a piece has at most PANELS_ROWS_MAX
 * rows, and all but the last of a panel whole tiles. Depends on the shape alone, so that no sum depends on
 * who does which piece. */
struct pieces {
    size_t panels, blocks, rows;
};
struct pieces panels_pieces(const struct panels *panels, size_t rows);

/* At most so many rows has each piece. */
size_t pieces_rows_most(struct pieces pieces);

struct piece {
    size_t panel, row, rows;
};
struct piece pieces_at(struct pieces pieces, size_t index);
static inline size_t pieces_count(struct pieces pieces) {
    return pieces.panels * pieces.blocks;
}

#endif
