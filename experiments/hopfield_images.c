/* Recall of real images by a Hopfield network: correlated patterns, which Hebb's rule does not stand and the
 * projection rule does. A pixel is a neuron. The first rank of a team does the unit, on all its threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"
#include "experiments/experiment.h"
#include "experiments/hopfield_columns.h"
#include "experiments/idx.h"

/* Images are chosen among the first of the file: compressed files can only be read from their beginning. */
enum { IMAGES_CONSIDERED = 10000 };

enum { IMAGES_SHOWN = 6 };

/* Where Debian's packages put data sets; the environment variable ENGRAM_DATA_DIR names another place. */
#define DATA_FOLDER "/usr/share/datasets"
#define DATA_FILE   "train-images-idx3-ubyte.gz"

static const char *const corruptions[] = {"noise", "occlusion", NULL};

static const struct field parameters[] = {
    {"dataset", FIELD_STRING, DIMENSION_SCALAR, "1", "fashion-mnist", 0, 0, NULL, FIELD_DATA,
     "IDX file of images, plain or gzipped: a path with a slash, or NAME for the file "
     "NAME/" DATA_FILE " in the folder $ENGRAM_DATA_DIR or " DATA_FOLDER},
    {"rule", FIELD_CHOICE, DIMENSION_SCALAR, "1", "hebb", 0, 0, hopfield_rules, 0,
     "Learning rule; the diagonal of the couplings is zero"},
    {"dynamics", FIELD_CHOICE, DIMENSION_SCALAR, "1", "asynchronous", 0, 0, hopfield_dynamics, 0,
     "Order of updates; a field of zero keeps the state"},
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, IMAGES_CONSIDERED, NULL, FIELD_DATA,
     "Images stored, chosen at random among the first 10000 of the file; each is recalled once. A pixel is "
     "+1 where it is brighter than the image's median"},
    {"corruption", FIELD_CHOICE, DIMENSION_SCALAR, "1", "noise", 0, 0, corruptions, 0,
     "What recall starts from: random pixels flipped, or the lowest rows hidden (they start dark, -1)"},
    {"amount", FIELD_REAL, DIMENSION_SCALAR, "1", "0.1", 0, 1, NULL, 0,
     "Share of the pixels that are flipped, or of the rows that are hidden"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"exact_recalls", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Trials that end exactly in the wanted image"},
    {"pattern_correlation", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 1, NULL, 0,
     "Mean absolute overlap between two of the stored patterns; 0 for a single one"},
    HOPFIELD_FIELDS,
    {"image_width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Pixels in a row"},
    {"image_height", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Rows of an image"},
    {"image_count", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Images kept for the page, those of the first trials; row by row, one after the other"},
    {"image_original", FIELD_INTEGER, DIMENSION_PIXEL, "1", NULL, -1, 1, NULL, 0, "The stored images"},
    {"image_corrupted", FIELD_INTEGER, DIMENSION_PIXEL, "1", NULL, -1, 1, NULL, 0,
     "Where recall started; 0: hidden"},
    {"image_recalled", FIELD_INTEGER, DIMENSION_PIXEL, "1", NULL, -1, 1, NULL, 0, "Where recall ended"},
    {.name = NULL},
};

/* --- images to patterns ----------------------------------------------------------------------------- */

static void dataset_path(const char *dataset, char *path, size_t size) {
    const char *folder = getenv("ENGRAM_DATA_DIR");
    if (strchr(dataset, '/'))
        snprintf(path, size, "%s", dataset);
    else
        snprintf(path, size, "%s/%s/%s", folder && *folder ? folder : DATA_FOLDER, dataset, DATA_FILE);
}

static enum status read_dataset(const char *dataset, struct idx_images **images, struct error *error) {
    char path[4096];
    dataset_path(dataset, path, sizeof path);
    enum status status = idx_read_images(path, IMAGES_CONSIDERED, images, error);
    if (status != STATUS_NOT_FOUND || strchr(dataset, '/')) return status;
    return error_set(
        error, status,
        "data set %s: no file %s; on Debian install the package dataset-%s, or set ENGRAM_DATA_DIR to "
        "the folder that has %s",
        dataset, path, dataset, dataset);
}

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

/* Draws `patterns` different images: those whose random numbers are smallest. */
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

/* Mean over pairs of |overlap|. */
static double correlation(const struct patterns *patterns, int32_t *distances) {
    double sum = 0;
    size_t words = patterns->words_per_pattern;
    for (size_t p = 0; p + 1 < patterns->count; p++) {
        size_t others = patterns->count - 1 - p;
        const uint64_t *row = patterns->by_pattern + p * words;
        kernels()->hamming(words, row, others, row + words, distances);
        for (size_t q = 0; q < others; q++)
            sum += fabs(1 - 2.0 * distances[q] / (double)patterns->neurons);
    }
    double pairs = (double)patterns->count * (double)(patterns->count - 1) / 2;
    return pairs > 0 ? sum / pairs : 0;
}

/* --- a unit ----------------------------------------------------------------------------------------- */

struct unit_memory {
    size_t height, width, pixels, trials; /* a trial for each pattern */
    struct patterns *patterns;
    struct hopfield *network;
    int8_t *originals, *starts, *finals; /* [trials][pixels] */
    struct outcome *outcomes;
    double *overlaps;
    int32_t *distances;
    int64_t *shown; /* [IMAGES_SHOWN][pixels] */
};

static void unit_clear(struct unit_memory *unit) {
    hopfield_destroy(&unit->network);
    patterns_destroy(&unit->patterns);
    memory_free(unit->originals);
    memory_free(unit->starts);
    memory_free(unit->finals);
    memory_free(unit->outcomes);
    memory_free(unit->overlaps);
    memory_free(unit->distances);
    memory_free(unit->shown);
}

static enum status unit_allocate(size_t trials, const struct idx_shape *shape, struct unit_memory *unit,
                                 struct error *error) {
    unit->height = shape->height;
    unit->width = shape->width;
    unit->pixels = shape->height * shape->width;
    unit->trials = trials;
    enum status status = patterns_create(unit->pixels, trials, &unit->patterns);
    unit->originals = memory_allocate(trials, unit->pixels);
    unit->starts = memory_allocate(trials, unit->pixels);
    unit->finals = memory_allocate(trials, unit->pixels);
    unit->outcomes = memory_allocate(trials, sizeof *unit->outcomes);
    unit->overlaps = memory_allocate(trials, sizeof *unit->overlaps);
    unit->distances = memory_allocate(trials, sizeof *unit->distances);
    unit->shown = memory_allocate(unit->pixels, IMAGES_SHOWN * sizeof *unit->shown);
    if (status == STATUS_OK && unit->originals && unit->starts && unit->finals && unit->outcomes &&
        unit->overlaps && unit->distances && unit->shown)
        return STATUS_OK;
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu images of %zu pixels", trials, unit->pixels);
}

static bool hides(const struct point *point) {
    return strcmp(point_string(point, "corruption"), "occlusion") == 0;
}

/* The first pixel of the hidden rows. */
static size_t first_hidden(const struct point *point, const struct unit_memory *unit) {
    size_t rows = (size_t)llround(point_real(point, "amount") * (double)unit->height);
    return (unit->height - rows) * unit->width;
}

static enum status corrupt(const struct point *point, struct unit_memory *unit, struct error *error) {
    memcpy(unit->starts, unit->originals, unit->trials * unit->pixels);
    size_t flips = (size_t)llround(point_real(point, "amount") * (double)unit->pixels);
    for (size_t t = 0; t < unit->trials; t++) {
        int8_t *start = unit->starts + t * unit->pixels;
        struct random_source source = random_source(point->data_key, RANDOM_NOISE, (uint32_t)t);
        if (hides(point))
            memset(start + first_hidden(point, unit), -1, unit->pixels - first_hidden(point, unit));
        else if (patterns_disturb(unit->pixels, flips, source, start) != STATUS_OK)
            return error_set(error, STATUS_NO_MEMORY, "no memory to choose the pixels to flip");
    }
    memcpy(unit->finals, unit->starts, unit->trials * unit->pixels);
    return STATUS_OK;
}

static enum status recall(const struct point *point, struct unit_memory *unit, struct error *error) {
    for (size_t p = 0; p < unit->trials; p++)
        patterns_set(unit->patterns, p, unit->originals + p * unit->pixels);
    CHECK(hopfield_create(learning_rule_named(point_string(point, "rule")), unit->patterns, unit->trials,
                          &unit->network, error));
    CHECK(corrupt(point, unit, error));
    struct hopfield_settings how = {.key = point->data_key};
    CHECK(hopfield_retrieve(unit->network, dynamics_named(point_string(point, "dynamics")), &how,
                            unit->trials, unit->finals, unit->outcomes, error));
    for (size_t t = 0; t < unit->trials; t++)
        unit->overlaps[t] = (double)patterns_overlap(unit->patterns, t, unit->finals + t * unit->pixels) /
                            (double)unit->pixels;
    return STATUS_OK;
}

/* --- the record ------------------------------------------------------------------------------------- */

/* Shows the first images of `spins`, from pixel `hidden` on of each as 0. */
static enum status fill_images(struct unit_memory *unit, const char *column, const int8_t *spins,
                               size_t hidden, struct record *record) {
    size_t count = unit->trials < IMAGES_SHOWN ? unit->trials : IMAGES_SHOWN;
    for (size_t i = 0; i < count * unit->pixels; i++)
        unit->shown[i] = i % unit->pixels < hidden ? spins[i] : 0;
    CHECK(record_set_integer(record, "image_count", (int64_t)count));
    return record_set_integers(record, column, count * unit->pixels, unit->shown);
}

static enum status fill(const struct point *point, struct unit_memory *unit, struct record *record) {
    int64_t exact = 0;
    for (size_t t = 0; t < unit->trials; t++)
        exact += unit->overlaps[t] == 1;
    size_t visible = hides(point) ? first_hidden(point, unit) : unit->pixels;
    CHECK(record_set_integer(record, "exact_recalls", exact));
    CHECK(record_set_real(record, "pattern_correlation", correlation(unit->patterns, unit->distances)));
    CHECK(record_set_integer(record, "image_width", (int64_t)unit->width));
    CHECK(record_set_integer(record, "image_height", (int64_t)unit->height));
    CHECK(fill_images(unit, "image_original", unit->originals, unit->pixels, record));
    CHECK(fill_images(unit, "image_corrupted", unit->starts, visible, record));
    CHECK(fill_images(unit, "image_recalled", unit->finals, unit->pixels, record));
    return hopfield_record(unit->trials, unit->outcomes, unit->overlaps, record);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct idx_images *images;
    struct unit_memory unit = {0};
    size_t patterns = (size_t)point_integer(point, "patterns");
    CHECK(read_dataset(point_string(point, "dataset"), &images, error));
    enum status status = unit_allocate(patterns, &images->shape, &unit, error);
    if (status == STATUS_OK) status = choose(point->data_key, images, patterns, unit.originals, error);
    idx_images_destroy(&images);
    if (status == STATUS_OK) status = recall(point, &unit, error);
    if (status == STATUS_OK) status = fill(point, &unit, record);
    unit_clear(&unit);
    return status;
}

/* A data set that cannot be read here counts as images of 28 x 28 pixels, the usual ones. */
static struct estimate estimate(const struct point *point) {
    char path[4096];
    struct idx_shape shape;
    dataset_path(point_string(point, "dataset"), path, sizeof path);
    if (idx_read_shape(path, &shape, NULL) != STATUS_OK)
        shape = (struct idx_shape){IMAGES_CONSIDERED, 28, 28};
    size_t pixels = shape.height * shape.width, patterns = (size_t)point_integer(point, "patterns");
    size_t read = shape.count < IMAGES_CONSIDERED ? shape.count : IMAGES_CONSIDERED;
    const struct learning_rule *rule = learning_rule_named(point_string(point, "rule"));
    return (struct estimate){
        /* a byte takes about ten operations to decompress; reading keeps two buffers while it grows */
        .flops = hopfield_operations(rule, pixels, patterns, patterns) + 10.0 * (double)(read * pixels),
        .bytes_per_rank = hopfield_bytes(rule, pixels, patterns, patterns) +
                          2.0 * (double)(patterns * pixels) + 1.5 * (double)(read * pixels),
    };
}

const struct experiment experiment_hopfield_images = {
    .schema = {.name = "hopfield_images",
               .summary = "Recall of images from noise and occlusion, under each learning rule",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .estimate = estimate,
    .run = run,
};
