/* The picture of recalled images: a grid with a row for each memory, damage side by side. */
#ifndef ANALYSIS_IMAGE_GRID_H
#define ANALYSIS_IMAGE_GRID_H

#include "analysis/finding.h"
#include "analysis/image_memory.h"

enum { IMAGE_DAMAGES = 2 };

/* Cells of all memories under each damage, of one number of patterns; NULL where there are none. */
struct image_cells {
    const struct image_cell *of[IMAGE_MEMORIES][IMAGE_DAMAGES];
};

/* Adds the picture to the finding: images as stored, as damaged, and as recalled by every memory that has a
 * record of the same patterns under both kinds of damage; `heads` names these. Nothing without such records
 * of the first memory. STATUS_NO_MEMORY. */
enum status image_grid_plot(const struct image_cells *cells, const char *const heads[IMAGE_DAMAGES],
                            struct finding *finding);

#endif
