/* Recall of images (claims.md HF3) by one associative memory under one kind of damage, against the number of
 * images stored. */
#ifndef ANALYSIS_IMAGE_MEMORY_H
#define ANALYSIS_IMAGE_MEMORY_H

#include <stdbool.h>

#include "analysis/statistics.h"
#include "results/store.h"

enum { IMAGE_CELLS_MAX = 64 };

/* The columns that are read of the table hopfield_images. */
#define IMAGE_COLUMNS                                                                                        \
    "content rule beta patterns corruption amount dynamics repeat overlap pattern_correlation "              \
    "largest_correlation crosstalk activity image_original image_corrupted image_recalled image_width "      \
    "image_height image_count"

/* The memories that are compared; Hebb's and the projection rule decide the row. */
enum image_memory_index { IMAGE_HEBB, IMAGE_PROJECTION, IMAGE_MEMORIES = 13 };
struct image_memory {
    const char *rule, *label;
    double beta; /* of modern networks; else 0 */
};
extern const struct image_memory image_memories[IMAGE_MEMORIES];

/* Everything measured with one number of patterns; a record is one choice of patterns. */
struct image_cell {
    double patterns, load;
    size_t count;
    struct image_set {
        const struct record *record;
        double overlap; /* mean over its trials */
    } * sets;
};

/* One memory's cells under one kind of damage, its smallest amount, rising in load. */
struct image_curve {
    double amount;
    size_t count, records;
    struct image_cell cells[IMAGE_CELLS_MAX];
};

/* Gathers the asynchronous records of a memory of these contents ("images", "random") under that damage
 * ("noise", "occlusion"). Clear it. STATUS_NO_MEMORY. */
enum status image_curve_create(const struct results *results, const struct image_memory *memory,
                               const char *content, const char *corruption, struct image_curve *curve);
void image_curve_clear(struct image_curve *curve);

/* The cell of that many patterns, or NULL. */
const struct image_cell *image_curve_at(const struct image_curve *curve, double patterns);

/* The final overlap, or the mean of a real column, by bootstrap over choices of patterns. STATUS_NO_MEMORY.
 */
enum status image_cell_overlap(const struct image_cell *cell, struct interval *interval);
enum status image_cell_column(const struct image_cell *cell, const char *column, struct interval *interval);

/* The record of that repeat, or NULL; also for no cell. */
const struct record *image_cell_repeat(const struct image_cell *cell, double repeat);

#endif
