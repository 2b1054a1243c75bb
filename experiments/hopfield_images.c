/* Recall of real images by associative memories: correlated patterns, which Hebb's rule does not stand and
 * others do; and of random patterns of the same size beside them. A pixel is a neuron. The first rank of a
 * team does the unit, on all its threads. */
#include <string.h>

#include "core/associative/modern.h"
#include "core/base/memory.h"
#include "experiments/experiment.h"
#include "experiments/hopfield_columns.h"
#include "experiments/image_recall.h"

enum { IMAGES_SHOWN = 6 };

#define X(name) #name,
static const char *const memories[] = {LEARNING_RULES(X) "modern", NULL};
#undef X
static const char *const contents[] = {"images", "random", NULL};
static const char *const corruptions[] = {"noise", "occlusion", NULL};

static const struct field parameters[] = {
    {"dataset", FIELD_STRING, DIMENSION_SCALAR, "1", "fashion-mnist", 0, 0, NULL, FIELD_DATA,
     "IDX file of images, plain or gzipped: a path with a slash, or NAME for the file "
     "NAME/" IMAGE_DATA_FILE " in the folder $ENGRAM_DATA_DIR or " IMAGE_DATA_FOLDER},
    {"content", FIELD_CHOICE, DIMENSION_SCALAR, "1", "images", 0, 0, contents, FIELD_DATA,
     "What is stored: images of the data set, or independent random pixels in their place"},
    {"rule", FIELD_CHOICE, DIMENSION_SCALAR, "1", "hebb", 0, 0, memories, 0,
     "Learning rule; or modern, a continuous network whose states are real vectors, the images as +-1, followed "
     "to rest and then told by their signs"},
    {"beta", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 1e-6, 1e4, NULL, 0,
     "Inverse temperature of rule: modern, an update is X softmax(beta X^T xi); the others do not look at it"},
    {"dynamics", FIELD_CHOICE, DIMENSION_SCALAR, "1", "asynchronous", 0, 0, hopfield_dynamics, 0,
     "Order of updates; a field of zero keeps the state; rule: modern updates all at once"},
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
    {"largest_correlation", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 1, NULL, 0,
     "Largest absolute overlap between two of them"},
    {"crosstalk", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Sum of a pattern's squared overlaps with the others, mean over the patterns: what the load P/N is for "
     "random ones"},
    {"activity", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, -1, 1, NULL, 0,
     "Mean pixel, +-1, of all stored patterns"},
    {"unlearned_neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Neurons that a rule which corrects itself left with an unstable pattern when it gave up"},
    {"learning_operations", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Operations that learning took: of 64 bits for Hebb's rule, of numbers for the others; none for modern"},
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

/* --- the record ------------------------------------------------------------------------------------- */

/* Shows the first images of `spins`, from pixel `hidden` on of each as 0. */
static enum status fill_images(const struct image_recall *recall, const char *column, const int8_t *spins,
                               size_t hidden, struct record *record) {
    size_t count = recall->trials < IMAGES_SHOWN ? recall->trials : IMAGES_SHOWN, pixels = recall->pixels;
    int64_t *shown = memory_allocate(count, pixels * sizeof *shown);
    if (!shown) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count * pixels; i++)
        shown[i] = i % pixels < hidden ? spins[i] : 0;
    enum status status = record_set_integers(record, column, count * pixels, shown);
    memory_free(shown);
    CHECK(status);
    return record_set_integer(record, "image_count", (int64_t)count);
}

static enum status fill_likeness(const struct pattern_likeness *likeness, struct record *record) {
    CHECK(record_set_real(record, "pattern_correlation", likeness->mean_overlap));
    CHECK(record_set_real(record, "largest_correlation", likeness->largest_overlap));
    CHECK(record_set_real(record, "crosstalk", likeness->crosstalk));
    return record_set_real(record, "activity", likeness->activity);
}

static enum status fill(const struct point *point, const struct image_recall *recall, struct record *record) {
    int64_t exact = 0;
    for (size_t t = 0; t < recall->trials; t++)
        exact += recall->overlaps[t] == 1;
    CHECK(record_set_integer(record, "exact_recalls", exact));
    CHECK(fill_likeness(&recall->likeness, record));
    CHECK(record_set_integer(record, "unlearned_neurons", (int64_t)recall->unlearned));
    CHECK(record_set_real(record, "learning_operations", recall->learning_operations));
    CHECK(record_set_integer(record, "image_width", (int64_t)recall->width));
    CHECK(record_set_integer(record, "image_height", (int64_t)recall->height));
    size_t hidden = image_recall_hidden_from(point, recall);
    CHECK(fill_images(recall, "image_original", recall->originals, recall->pixels, record));
    CHECK(fill_images(recall, "image_corrupted", recall->starts, hidden, record));
    CHECK(fill_images(recall, "image_recalled", recall->finals, recall->pixels, record));
    return hopfield_record(recall->trials, recall->outcomes, recall->overlaps, record);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct idx_shape shape;
    struct image_recall recall;
    CHECK(image_patterns_shape(point_string(point, "dataset"), &shape, error));
    enum status status =
        image_recall_allocate((size_t)point_integer(point, "patterns"), &shape, &recall, error);
    if (status == STATUS_OK) status = image_recall_run(point, &recall, error);
    if (status == STATUS_OK) status = fill(point, &recall, record);
    image_recall_clear(&recall);
    return status;
}

/* Images are alike: what Hebb's rule learns of them may not fit 8 bits and be learned again in 16, while
 * hopfield_bytes is for random patterns. */
static double wider_couplings_bytes(const struct point *point, const struct learning_rule *rule,
                                    size_t pixels) {
    bool alike = strcmp(point_string(point, "content"), "images") == 0;
    return alike && rule->kind == COUPLINGS_HALF ? couplings_bytes(COUPLINGS_INTEGER, pixels) : 0;
}

/* A data set that cannot be read here counts as images of 28 x 28 pixels, the usual ones. */
static struct estimate estimate(const struct point *point) {
    struct idx_shape shape;
    if (image_patterns_shape(point_string(point, "dataset"), &shape, NULL) != STATUS_OK)
        shape = (struct idx_shape){IMAGES_CONSIDERED, 28, 28};
    size_t pixels = shape.height * shape.width, patterns = (size_t)point_integer(point, "patterns");
    const struct learning_rule *rule = learning_rule_named(point_string(point, "rule"));
    /* a byte takes about ten operations to decompress; reading keeps two buffers while it grows */
    double read = (double)(shape.count * pixels);
    if (rule)
        return (struct estimate){
            .flops = hopfield_operations(rule, pixels, patterns, patterns) + 10 * read,
            .bytes_per_rank = hopfield_bytes(rule, pixels, patterns, patterns) +
                              wider_couplings_bytes(point, rule, pixels) + 2.0 * (double)(patterns * pixels) +
                              1.5 * read,
        };
    return (struct estimate){
        .flops = 10 * modern_operations(pixels, patterns, patterns) + 10 * read,
        .bytes_per_rank = modern_bytes(pixels, patterns, patterns, MEMORY_THREADS_PLANNED) +
                          8.0 * (double)(patterns * pixels) + 1.5 * read,
    };
}

const struct experiment experiment_hopfield_images = {
    .schema = {.name = "hopfield_images",
               .summary = "Recall of images from noise and occlusion, under each learning rule",
               .version = 2,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .estimate = estimate,
    .run = run,
};
