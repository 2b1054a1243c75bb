#include "analysis/image_memory.h"

#include <math.h>
#include <string.h>

#include "analysis/selection.h"
#include "core/base/memory.h"

enum { IMAGES_KEY = 0x4846 + 3 };

const struct image_memory image_memories[IMAGE_MEMORIES] = {
    [IMAGE_HEBB] = {"hebb", "Hebb", 0},
    [IMAGE_PROJECTION] = {"pseudo_inverse", "projection", 0},
    {"pseudo_inverse_diagonal", "projection, diagonal", 0},
    {"storkey", "Storkey", 0},
    {"perceptron", "perceptron", 0},
    {"perceptron_symmetric", "perceptron, symmetric", 0},
    {"perceptron_stable", "perceptron, stability 1", 0},
    {"minimum_probability_flow", "probability flow", 0},
    {"dreaming_1", "dreaming, t = 1", 0},
    {"dreaming_10", "dreaming, t = 10", 0},
    {"dreaming_100", "dreaming, t = 100", 0},
    {"modern", "modern, beta = 1/28", 0.0357}, /* attention's 1/sqrt(784) as campaigns give it */
    {"modern", "modern, beta = 1", 1},
};

static double load_of(const struct record *record) {
    return record_real(record, "patterns") /
           (record_real(record, "image_width") * record_real(record, "image_height"));
}

static enum status mean_of_trials(const struct record *record, double *mean) {
    size_t count, kept = 0;
    double *overlaps = record_numbers(record, "overlap", &count);
    if (overlaps == NULL) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(overlaps[i])) overlaps[kept++] = overlaps[i];
    }
    *mean = statistics_mean(kept, overlaps);
    memory_free(overlaps);
    return STATUS_OK;
}

/* The cell of that many patterns, made at its place if it is new; NULL: no room. */
static struct image_cell *cell_at(struct image_curve *curve, double patterns) {
    size_t place = 0;
    while (place < curve->count && curve->cells[place].patterns < patterns)
        place++;
    if (place < curve->count && curve->cells[place].patterns == patterns) return &curve->cells[place];
    if (curve->count == IMAGE_CELLS_MAX) return NULL;
    memmove(&curve->cells[place + 1], &curve->cells[place], (curve->count - place) * sizeof curve->cells[0]);
    curve->count++;
    curve->cells[place] = (struct image_cell){.patterns = patterns};
    return &curve->cells[place];
}

static enum status add_record(const struct record *record, size_t most, struct image_curve *curve) {
    double mean, load = load_of(record);
    CHECK(mean_of_trials(record, &mean));
    if (!isfinite(mean) || !(load > 0) || isinf(load)) return STATUS_OK;
    struct image_cell *cell = cell_at(curve, record_real(record, "patterns"));
    if (cell == NULL) return STATUS_OK;
    if (cell->sets == NULL) cell->sets = memory_allocate(most, sizeof *cell->sets);
    if (cell->sets == NULL) return STATUS_NO_MEMORY;
    cell->load = load;
    cell->sets[cell->count].record = record;
    cell->sets[cell->count++].overlap = mean;
    curve->records++;
    return STATUS_OK;
}

void image_curve_clear(struct image_curve *curve) {
    for (size_t i = 0; i < curve->count; i++)
        memory_free(curve->cells[i].sets);
    *curve = (struct image_curve){0};
}

enum status image_curve_create(const struct results *results, const struct image_memory *memory,
                               const char *content, const char *corruption, struct image_curve *curve) {
    struct selection selection;
    *curve = (struct image_curve){.amount = INFINITY};
    CHECK(selection_create(results, "hopfield_images", &selection));
    selection_keep_text(&selection, "rule", memory->rule);
    if (memory->beta > 0) selection_keep_number(&selection, "beta", memory->beta);
    selection_keep_text(&selection, "content", content);
    selection_keep_text(&selection, "corruption", corruption);
    selection_keep_text(&selection, "dynamics", "asynchronous");
    for (size_t i = 0; i < selection.count; i++) {
        curve->amount = fmin(curve->amount, record_real(selection.records[i], "amount"));
    }
    selection_keep_number(&selection, "amount", curve->amount);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < selection.count && status == STATUS_OK; i++) {
        status = add_record(selection.records[i], selection.count, curve);
    }
    selection_destroy(&selection);
    if (status != STATUS_OK) image_curve_clear(curve);
    return status;
}

const struct image_cell *image_curve_at(const struct image_curve *curve, double patterns) {
    for (size_t i = 0; i < curve->count; i++)
        if (curve->cells[i].patterns == patterns) return &curve->cells[i];
    return NULL;
}

/* What is averaged over the choices of patterns of a cell: a column, or overlaps. */
struct average {
    const struct image_cell *cell;
    const char *column; /* NULL: overlaps */
};

static void cell_average(const void *context, struct resampler *resampler, double *values) {
    const struct average *average = context;
    const struct image_cell *cell = average->cell;
    double sum = 0;
    for (size_t i = 0; i < cell->count; i++) {
        const struct image_set *set = &cell->sets[resample_one(resampler, cell->count, i)];
        sum += average->column ? record_real(set->record, average->column) : set->overlap;
    }
    values[0] = sum / (double)cell->count;
}

enum status image_cell_column(const struct image_cell *cell, const char *column, struct interval *interval) {
    const struct average average = {cell, column};
    return bootstrap_interval(cell_average, &average, IMAGES_KEY, cell->count, cell->count, interval);
}

enum status image_cell_overlap(const struct image_cell *cell, struct interval *interval) {
    return image_cell_column(cell, NULL, interval);
}

const struct record *image_cell_repeat(const struct image_cell *cell, double repeat) {
    for (size_t i = 0; cell != NULL && i < cell->count; i++)
        if (record_real(cell->sets[i].record, "repeat") == repeat) return cell->sets[i].record;
    return NULL;
}
