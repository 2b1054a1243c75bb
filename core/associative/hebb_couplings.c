#include "core/associative/hebb_couplings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/associative/packed_rows.h"
#include "core/base/memory.h"
#include "core/kernels/hopfield_row.h"
#include "core/kernels/kernels.h"

enum { TILE = HOPFIELD_TILE };

/* An exception costs as much as eight couplings in 8 bits: at one of 64 the memory grows by an eighth, and a
 * flip is slower by a good half. */
static const double EXCEPTIONS_MAX = 1.0 / 64;

/* What one tile of couplings needs to know. */
struct task {
    const struct patterns *patterns;
    const struct packed_rows *packed;
    struct couplings *couplings;
};

/* Rows and columns of a tile that are there. */
static size_t extent_of(const struct task *task, size_t first) {
    return task->patterns->neurons - first < TILE ? task->patterns->neurons - first : TILE;
}

static void measure_distances(const struct task *task, size_t first_row, size_t first_column,
                              int32_t distances[TILE][TILE]) {
    size_t words = task->patterns->words_per_neuron;
    kernels()->hamming_tile(words, extent_of(task, first_row), task->patterns->by_neuron + first_row * words,
                            words, packed_rows_tile(task->packed, first_column / TILE), distances[0]);
}

/* --- 16 bits -------------------------------------------------------------------------------------- */

static void learn_integer_tile(const struct task *task, size_t first_row, size_t first_column) {
    size_t stride = task->couplings->stride;
    size_t rows = extent_of(task, first_row), columns = extent_of(task, first_column);
    int32_t distances[TILE][TILE], count = (int32_t)task->patterns->count;
    int16_t *integers = task->couplings->integers;
    measure_distances(task, first_row, first_column, distances);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            integers[(first_row + i) * stride + first_column + j] = (int16_t)(count - 2 * distances[i][j]);
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++)
            integers[(first_column + j) * stride + first_row + i] = (int16_t)(count - 2 * distances[i][j]);
    for (size_t i = 0; i < rows && first_row == first_column; i++)
        integers[(first_row + i) * stride + first_row + i] = 0;
}

/* --- 8 bits --------------------------------------------------------------------------------------- */

/* k of a distance: (P - p) / 2 - d. */
static int32_t middle_of(const struct task *task) {
    return (int32_t)(task->patterns->count / 2);
}

/* Whole tiles are written, padding as zero couplings, but no rows past the last. */
static void store_tile(const struct task *task, int8_t tile[TILE][TILE], size_t first_row,
                       size_t first_column) {
    size_t stride = task->couplings->stride;
    for (size_t i = 0; i < extent_of(task, first_row); i++)
        memcpy(task->couplings->halves.entries + (first_row + i) * stride + first_column, tile[i], TILE);
}

/* The couplings between the neurons of two tiles, and their mirror image; returns the largest |N J|. */
static int32_t learn_half_tile(const struct task *task, size_t first_row, size_t first_column) {
    int32_t distances[TILE][TILE], middle = middle_of(task), lowest, highest;
    _Alignas(64) int8_t tile[TILE][TILE], mirror[TILE][TILE];
    size_t rows = extent_of(task, first_row), columns = extent_of(task, first_column);
    measure_distances(task, first_row, first_column, distances);
    for (size_t i = 0; i < rows && first_row == first_column; i++)
        distances[i][i] = middle;
    for (size_t i = 0; i < TILE && (rows < TILE || columns < TILE); i++)
        for (size_t j = i < rows ? columns : 0; j < TILE; j++)
            distances[i][j] = middle;
    kernels()->halve_tile(middle, distances[0], tile[0], mirror[0], &lowest, &highest);
    store_tile(task, tile, first_row, first_column);
    if (first_row != first_column) store_tile(task, mirror, first_column, first_row);
    int32_t parity = (int32_t)(task->patterns->count & 1);
    int32_t above = 2 * highest + parity, below = -(2 * lowest + parity);
    return above > below ? above : below;
}

static int32_t learn_half_tiles(const struct task *task) {
    size_t neurons = task->patterns->neurons;
    int32_t largest = 0;
#pragma omp parallel for schedule(dynamic) reduction(max : largest)
    for (size_t row = 0; row < neurons; row += TILE)
        for (size_t column = row; column < neurons; column += TILE) {
            int32_t here = learn_half_tile(task, row, column);
            if (here > largest) largest = here;
        }
    return largest;
}

/* --- exceptions ----------------------------------------------------------------------------------- */

/* Lists those of a row, or only counts them if `list` is NULL. Entries at the end of the range are looked at
 * again, from the patterns. */
static size_t row_exceptions(const struct task *task, size_t row, struct coupling_exception *list) {
    const struct patterns *patterns = task->patterns;
    size_t words = patterns->words_per_neuron, count = 0;
    for (size_t i = 0; i < patterns->neurons; i++) {
        int32_t entry = couplings_half(task->couplings, row, i);
        if (abs(entry) < COUPLING_HALF_MAX) continue;
        int32_t distance;
        kernels()->hamming(words, patterns->by_neuron + row * words, 1, patterns->by_neuron + i * words,
                           &distance);
        int32_t extra = middle_of(task) - distance - entry;
        if (extra == 0) continue;
        if (list) list[count] = (struct coupling_exception){(uint32_t)i, extra};
        count++;
    }
    return count;
}

/* STATUS_UNSUPPORTED: they are too many. */
static enum status find_exceptions(const struct task *task) {
    struct coupling_halves *halves = &task->couplings->halves;
    size_t neurons = task->patterns->neurons, *first = halves->first_exceptions;
    if (halves->largest <= 2 * COUPLING_HALF_MAX) return STATUS_OK;
#pragma omp parallel for schedule(dynamic, 16)
    for (size_t row = 0; row < neurons; row++)
        first[row + 1] = row_exceptions(task, row, NULL);
    for (size_t row = 0; row < neurons; row++)
        first[row + 1] += first[row];
    if ((double)first[neurons] > EXCEPTIONS_MAX * (double)neurons * (double)neurons)
        return STATUS_UNSUPPORTED;
    halves->exceptions = memory_allocate(first[neurons], sizeof *halves->exceptions);
    if (!halves->exceptions) return STATUS_NO_MEMORY;
#pragma omp parallel for schedule(dynamic, 16)
    for (size_t row = 0; row < neurons; row++)
        row_exceptions(task, row, halves->exceptions + first[row]);
    return STATUS_OK;
}

/* --- either --------------------------------------------------------------------------------------- */

static enum status learn_halves(struct task *task) {
    CHECK(couplings_create(COUPLINGS_HALF, task->patterns->neurons, &task->couplings));
    task->couplings->halves.parity = (int32_t)(task->patterns->count & 1);
    task->couplings->halves.largest = learn_half_tiles(task);
    enum status status = find_exceptions(task);
    if (status != STATUS_OK) couplings_destroy(&task->couplings);
    return status;
}

static enum status learn_integers(struct task *task) {
    size_t neurons = task->patterns->neurons;
    CHECK(couplings_create(COUPLINGS_INTEGER, neurons, &task->couplings));
#pragma omp parallel for schedule(dynamic)
    for (size_t row = 0; row < neurons; row += TILE)
        for (size_t column = row; column < neurons; column += TILE)
            learn_integer_tile(task, row, column);
    return STATUS_OK;
}

enum status hebb_couplings_learn(const struct patterns *patterns, struct couplings **couplings,
                                 struct error *error) {
    struct packed_rows *packed;
    *couplings = NULL;
    enum status status =
        packed_rows_create(patterns->neurons, patterns->words_per_neuron, patterns->by_neuron, &packed);
    if (status == STATUS_OK) {
        struct task task = {patterns, packed, NULL};
        status = STATUS_UNSUPPORTED;
        if (hebb_couplings_kind(patterns->count) == COUPLINGS_HALF) status = learn_halves(&task);
        if (status == STATUS_UNSUPPORTED) status = learn_integers(&task);
        *couplings = task.couplings;
        packed_rows_destroy(&packed);
    }
    if (status != STATUS_OK)
        error_set(error, status, "hebb: no memory for the couplings of %zu neurons", patterns->neurons);
    return status;
}

/* The share of |N J_ij| > 255 among random patterns: N J_ij is a sum of P random signs. */
static double share_of_exceptions(size_t patterns) {
    return erfc(2.0 * (COUPLING_HALF_MAX + 1) / sqrt(2 * (double)patterns));
}

enum couplings_kind hebb_couplings_kind(size_t patterns) {
    return share_of_exceptions(patterns) <= EXCEPTIONS_MAX / 2 ? COUPLINGS_HALF : COUPLINGS_INTEGER;
}

double hebb_couplings_bytes(size_t neurons, size_t patterns) {
    enum couplings_kind kind = hebb_couplings_kind(patterns);
    double n = (double)neurons, bytes = couplings_bytes(kind, neurons);
    if (kind == COUPLINGS_HALF)
        bytes += share_of_exceptions(patterns) * n * n * (double)sizeof(struct coupling_exception);
    return bytes + packed_rows_bytes(neurons, (patterns + 63) / 64);
}
