/* Images as patterns: those of a data set, or random ones of the same shape; and how alike they are. */
#ifndef EXPERIMENTS_IMAGE_PATTERNS_H
#define EXPERIMENTS_IMAGE_PATTERNS_H

#include "core/associative/patterns.h"
#include "experiments/idx.h"

/* Images are chosen among the first of the file: compressed files can only be read from their beginning. */
enum { IMAGES_CONSIDERED = 10000 };

/* Where Debian's packages put data sets; the environment variable ENGRAM_DATA_DIR names another place. */
#define IMAGE_DATA_FOLDER "/usr/share/datasets"
#define IMAGE_DATA_FILE   "train-images-idx3-ubyte.gz"

/* The shape of the images that can be chosen among. Errors as for idx_read_shape, a missing data set with the
 * name of its package. */
enum status image_patterns_shape(const char *dataset, struct idx_shape *shape, struct error *error);

/* spins[count][pixels] of that many different images of the data set, those whose random numbers are smallest
 * (key, RANDOM_CHOICE). A pixel is +1 where it is brighter than the median of its image, else -1. Errors as
 * for idx_read_images; STATUS_INVALID: more than there are. */
enum status image_patterns_choose(const char *dataset, uint64_t key, size_t count, int8_t *spins,
                                  struct error *error);

/* How alike patterns are, by their overlaps m = (1/N) sum xi xi'. */
struct pattern_likeness {
    double mean_overlap, largest_overlap; /* of |m|, over pairs; 0 for a single pattern */
    double
        crosstalk;   /* sum of m^2 over the other patterns, mean over patterns: (P - 1) / N for random ones */
    double activity; /* mean of the spins of all patterns */
};

/* STATUS_NO_MEMORY. */
enum status pattern_likeness_measure(const struct patterns *patterns, struct pattern_likeness *likeness);

#endif
