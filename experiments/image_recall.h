/* Recall of images from damage, by a learning rule's network or by a modern one: the unit of hopfield_images.
 */
#ifndef EXPERIMENTS_IMAGE_RECALL_H
#define EXPERIMENTS_IMAGE_RECALL_H

#include "core/associative/hopfield.h"
#include "experiments/experiment.h"
#include "experiments/image_patterns.h"

/* Updates of a modern network until its states count as not at rest. */
enum { IMAGE_UPDATES_MAX = 1000 };

/* A trial for each pattern. */
struct image_recall {
    size_t height, width, pixels, trials;
    struct patterns *patterns;
    int8_t *originals, *starts, *finals; /* [trials][pixels] */
    struct outcome *outcomes;            /* [trials]; of modern networks sweeps are updates */
    double *overlaps;                    /* [trials] of finals and originals */
    struct pattern_likeness likeness;
    double learning_operations; /* 0 for modern networks */
    size_t unlearned;           /* neurons, as in struct couplings */
};

/* Memory for so many images of that shape. STATUS_NO_MEMORY; then clear it all the same. */
enum status image_recall_allocate(size_t trials, const struct idx_shape *shape, struct image_recall *recall,
                                  struct error *error);
void image_recall_clear(struct image_recall *recall);

/* The first pixel that damage hides: all from it on are hidden. None: the number of pixels. */
size_t image_recall_hidden_from(const struct point *point, const struct image_recall *recall);

/* Stores what the point says, damages it and recalls it. Errors of the data set, of the rule, of memory. */
enum status image_recall_run(const struct point *point, struct image_recall *recall, struct error *error);

#endif
