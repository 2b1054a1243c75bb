#include "experiments/image_patterns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/associative/rank_queue.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

/* --- the data set -----------------------------------------------------------------------------------------
 */

enum { PATH_LENGTH = 4096 };

static void dataset_path(const char *dataset, char path[PATH_LENGTH]) {
    const char *folder = getenv("ENGRAM_DATA_DIR");
    if (strchr(dataset, '/'))
        snprintf(path, PATH_LENGTH, "%s", dataset);
    else
        snprintf(path, PATH_LENGTH, "%s/%s/%s", folder && *folder ? folder : IMAGE_DATA_FOLDER, dataset,
                 IMAGE_DATA_FILE);
}

/* Says more where a named data set is missing. */
static enum status explain(enum status status, const char *dataset, const char *path, struct error *error) {
    if (status != STATUS_NOT_FOUND || strchr(dataset, '/')) return status;
    return error_set(
        error, status,
        "data set %s: no file %s; on Debian install the package dataset-%s, or set ENGRAM_DATA_DIR to "
        "the folder that has %s",
        dataset, path, dataset, dataset);
}

enum status image_patterns_shape(const char *dataset, struct idx_shape *shape, struct error *error) {
    char path[PATH_LENGTH];
    dataset_path(dataset, path);
    CHECK(explain(idx_read_shape(path, shape, error), dataset, path, error));
    if (shape->count > IMAGES_CONSIDERED) shape->count = IMAGES_CONSIDERED;
    return STATUS_OK;
}

/* --- images to patterns -----------------------------------------------------------------------------------
 */

static uint8_t median_of(size_t count, const uint8_t *pixels) {
    size_t histogram[256] = {0}, below = 0;
    for (size_t i = 0; i < count; i++)
        histogram[pixels[i]]++;
    unsigned value = 0;
    while ((below += histogram[value]) <= (count - 1) / 2)
        value++;
    return (uint8_t)value;
}

static void binarise(size_t count, const uint8_t *pixels, int8_t *spins) {
    uint8_t median = median_of(count, pixels);
    for (size_t i = 0; i < count; i++)
        spins[i] = pixels[i] > median ? 1 : -1;
}

static enum status choose(uint64_t key, const struct idx_images *images, size_t patterns, int8_t *spins,
                          struct error *error) {
    size_t count = images->shape.count, pixels = images->shape.height * images->shape.width;
    if (patterns > count)
        return error_set(error, STATUS_INVALID, "%zu patterns asked for, but only %zu images are there",
                         patterns, count);
    struct rank_queue queue = {.entries = memory_allocate(count, sizeof *queue.entries)};
    if (!queue.entries) return error_set(error, STATUS_NO_MEMORY, "no memory to choose images");
    for (size_t i = 0; i < count; i++)
        queue.entries[i] = (struct rank_entry){.rank = random_bits(random_source(key, RANDOM_CHOICE, 0), i),
                                               .neuron = (uint32_t)i};
    rank_queue_arrange(&queue, count);
    for (size_t p = 0; p < patterns; p++)
        binarise(pixels, images->pixels + rank_queue_pop(&queue).neuron * pixels, spins + p * pixels);
    memory_free(queue.entries);
    return STATUS_OK;
}

enum status image_patterns_choose(const char *dataset, uint64_t key, size_t count, int8_t *spins,
                                  struct error *error) {
    char path[PATH_LENGTH];
    struct idx_images *images;
    dataset_path(dataset, path);
    CHECK(explain(idx_read_images(path, IMAGES_CONSIDERED, &images, error), dataset, path, error));
    enum status status = choose(key, images, count, spins, error);
    idx_images_destroy(&images);
    return status;
}

/* --- likeness ---------------------------------------------------------------------------------------------
 */

/* Adds the overlaps of one pattern with those after it. */
static void add_overlaps(const struct patterns *patterns, size_t index, int32_t *distances,
                         struct pattern_likeness *sums) {
    size_t words = patterns->words_per_pattern, others = patterns->count - 1 - index;
    const uint64_t *row = patterns->by_pattern + index * words;
    kernels()->hamming(words, row, others, row + words, distances);
    for (size_t q = 0; q < others; q++) {
        double overlap = fabs(1 - 2.0 * distances[q] / (double)patterns->neurons);
        sums->mean_overlap += overlap;
        sums->largest_overlap = fmax(sums->largest_overlap, overlap);
        sums->crosstalk += 2 * overlap * overlap; /* for both of the pair */
    }
}

static double activity(const struct patterns *patterns) {
    size_t ones = 0;
    for (size_t w = 0; w < patterns->count * patterns->words_per_pattern; w++)
        ones += (size_t)__builtin_popcountll(patterns->by_pattern[w]);
    return 2 * (double)ones / ((double)patterns->count * (double)patterns->neurons) - 1;
}

enum status pattern_likeness_measure(const struct patterns *patterns, struct pattern_likeness *likeness) {
    int32_t *distances = memory_allocate(patterns->count, sizeof *distances);
    if (!distances) return STATUS_NO_MEMORY;
    *likeness = (struct pattern_likeness){.activity = activity(patterns)};
    for (size_t p = 0; p + 1 < patterns->count; p++)
        add_overlaps(patterns, p, distances, likeness);
    double count = (double)patterns->count, pairs = count * (count - 1) / 2;
    if (pairs > 0) likeness->mean_overlap /= pairs;
    likeness->crosstalk /= count;
    memory_free(distances);
    return STATUS_OK;
}
