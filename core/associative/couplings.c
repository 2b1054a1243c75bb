#include "core/associative/couplings.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/associative/patterns.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

/* Part of the largest possible field that counts as zero. An update changes a field by at most a part 2^-53
 * of that in error, so 2^20 updates leave a true zero within the limit. */
static const double ZERO_PART = 0x1p-32;

enum { MIRROR_TILE = 32 };

static size_t entry_size(enum couplings_kind kind) {
    static const size_t sizes[COUPLINGS_KIND_COUNT] = {
        [COUPLINGS_INTEGER] = sizeof(int16_t),
        [COUPLINGS_REAL] = sizeof(double),
        [COUPLINGS_HALF] = sizeof(int8_t),
        [COUPLINGS_PATTERN] = sizeof(int32_t),
    };
    return sizes[kind];
}

size_t couplings_stride(enum couplings_kind kind, size_t neurons) {
    size_t line = MEMORY_ALIGNMENT / entry_size(kind);
    return ((neurons + line - 1) / line | 1) * line;
}

double couplings_bytes(enum couplings_kind kind, size_t neurons) {
    double index = kind == COUPLINGS_HALF ? ((double)neurons + 1) * (double)sizeof(size_t) : 0;
    return (double)neurons * (double)couplings_stride(kind, neurons) * (double)entry_size(kind) + index;
}

static bool is_complete(const struct couplings *couplings) {
    if (couplings->kind == COUPLINGS_INTEGER) return couplings->integers;
    if (couplings->kind == COUPLINGS_REAL) return couplings->reals;
    return couplings->halves.entries && couplings->halves.first_exceptions;
}

enum status couplings_create(enum couplings_kind kind, size_t neurons, struct couplings **couplings) {
    *couplings = NULL;
    struct couplings *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->kind = kind;
    made->neurons = neurons;
    made->stride = couplings_stride(kind, neurons);
    if (kind == COUPLINGS_INTEGER)
        made->integers = memory_allocate(neurons, made->stride * sizeof *made->integers);
    else if (kind == COUPLINGS_REAL)
        made->reals = memory_allocate(neurons, made->stride * sizeof *made->reals);
    else
        made->halves = (struct coupling_halves){
            .entries = memory_allocate(neurons, made->stride),
            .first_exceptions = memory_allocate(neurons + 1, sizeof *made->halves.first_exceptions),
        };
    if (!is_complete(made)) {
        couplings_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    *couplings = made;
    return STATUS_OK;
}

void couplings_destroy(struct couplings **couplings) {
    struct couplings *old = *couplings;
    if (!old) return;
    if (old->kind == COUPLINGS_INTEGER) memory_free(old->integers);
    if (old->kind == COUPLINGS_REAL) memory_free(old->reals);
    if (old->kind == COUPLINGS_HALF) {
        memory_free(old->halves.entries);
        memory_free(old->halves.first_exceptions);
        memory_free(old->halves.exceptions);
    }
    memory_free(old);
    *couplings = NULL;
}

enum status couplings_of_patterns(const struct patterns *patterns, struct couplings **couplings) {
    struct couplings *made = *couplings = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    size_t overlaps = patterns->words_per_neuron * 64;
    made->kind = COUPLINGS_PATTERN;
    made->neurons = patterns->neurons;
    made->stride = couplings_stride(made->kind, overlaps > patterns->neurons ? overlaps : patterns->neurons);
    made->patterns = patterns;
    return STATUS_OK;
}

static double pattern_entry(const struct patterns *patterns, size_t row, size_t column) {
    int32_t distance;
    kernels()->hamming(patterns->words_per_neuron, patterns->by_neuron + row * patterns->words_per_neuron, 1,
                       patterns->by_neuron + column * patterns->words_per_neuron, &distance);
    return (double)patterns->count - 2.0 * distance;
}

double couplings_entry(const struct couplings *couplings, size_t row, size_t column) {
    size_t place = row * couplings->stride + column;
    if (couplings->kind == COUPLINGS_INTEGER) return couplings->integers[place];
    if (couplings->kind == COUPLINGS_REAL) return couplings->reals[place];
    if (row == column) return 0;
    if (couplings->kind == COUPLINGS_PATTERN) return pattern_entry(couplings->patterns, row, column);
    const struct coupling_halves *halves = &couplings->halves;
    int32_t half = couplings_half(couplings, row, column);
    for (size_t e = halves->first_exceptions[row]; e < halves->first_exceptions[row + 1]; e++)
        if (halves->exceptions[e].column == column) half += halves->exceptions[e].extra;
    return 2 * half + halves->parity;
}

/* Copies the entries of one square tile right of the diagonal to their mirror images. */
static void mirror_tile(struct couplings *couplings, size_t first_row, size_t first_column) {
    size_t last_row = first_row + MIRROR_TILE, last_column = first_column + MIRROR_TILE;
    if (last_row > couplings->neurons) last_row = couplings->neurons;
    if (last_column > couplings->neurons) last_column = couplings->neurons;
    for (size_t j = first_column; j < last_column; j++)
        for (size_t i = first_row; i < last_row && i < j; i++)
            couplings->reals[j * couplings->stride + i] = couplings->reals[i * couplings->stride + j];
}

/* The largest field that any state can have. */
static double largest_field(const struct couplings *couplings) {
    double largest = 0;
#pragma omp parallel for reduction(max : largest) schedule(static)
    for (size_t i = 0; i < couplings->neurons; i++) {
        double sum = 0;
        for (size_t j = 0; j < couplings->neurons; j++)
            sum += fabs(couplings->reals[i * couplings->stride + j]);
        if (sum > largest) largest = sum;
    }
    return largest;
}

static void complete(struct couplings *couplings, bool keep_diagonal) {
    size_t neurons = couplings->neurons;
#pragma omp parallel for schedule(dynamic)
    for (size_t row = 0; row < neurons; row += MIRROR_TILE) {
        for (size_t column = row; column < neurons; column += MIRROR_TILE)
            mirror_tile(couplings, row, column);
        for (size_t i = row; i < row + MIRROR_TILE && i < neurons && !keep_diagonal; i++)
            couplings->reals[i * couplings->stride + i] = 0;
    }
    couplings->zero_field = ZERO_PART * largest_field(couplings);
}

void couplings_complete_symmetric(struct couplings *couplings) {
    complete(couplings, false);
}

void couplings_complete_with_diagonal(struct couplings *couplings) {
    complete(couplings, true);
}

static bool fit_16_bits(size_t neurons, size_t stride, const int32_t *entries) {
    bool fit = true;
#pragma omp parallel for reduction(&& : fit) schedule(static)
    for (size_t i = 0; i < neurons; i++)
        for (size_t j = 0; j < neurons; j++)
            fit = fit && (i == j || abs(entries[i * stride + j]) <= INT16_MAX);
    return fit;
}

enum status couplings_of_integers(size_t neurons, size_t stride, const int32_t *entries,
                                  struct couplings **couplings) {
    bool narrow = fit_16_bits(neurons, stride, entries);
    CHECK(couplings_create(narrow ? COUPLINGS_INTEGER : COUPLINGS_REAL, neurons, couplings));
    struct couplings *made = *couplings;
#pragma omp parallel for schedule(static)
    for (size_t j = 0; j < neurons; j++)
        for (size_t i = 0; i < neurons; i++) {
            int32_t entry = i == j ? 0 : entries[i * stride + j];
            if (narrow)
                made->integers[j * made->stride + i] = (int16_t)entry;
            else
                made->reals[j * made->stride + i] = entry;
        }
    return STATUS_OK;
}

/* Row `row` of halves as integers N J_ij. */
static void widen_row(const struct couplings *couplings, size_t row, int16_t *integers) {
    const struct coupling_halves *halves = &couplings->halves;
    for (size_t i = 0; i < couplings->neurons; i++)
        integers[i] = (int16_t)(2 * couplings_half(couplings, row, i) + halves->parity);
    for (size_t e = halves->first_exceptions[row]; e < halves->first_exceptions[row + 1]; e++) {
        int16_t *exceptional = integers + halves->exceptions[e].column;
        *exceptional = (int16_t)(*exceptional + 2 * halves->exceptions[e].extra);
    }
    integers[row] = 0;
}

enum status couplings_widen(const struct couplings *couplings, struct couplings **integers) {
    *integers = NULL;
    bool halves = couplings->kind == COUPLINGS_HALF && couplings->halves.largest <= INT16_MAX;
    if (!halves && couplings->kind != COUPLINGS_INTEGER) return STATUS_UNSUPPORTED;
    CHECK(couplings_create(COUPLINGS_INTEGER, couplings->neurons, integers));
    struct couplings *made = *integers;
#pragma omp parallel for schedule(static)
    for (size_t row = 0; row < made->neurons; row++) {
        int16_t *to = made->integers + row * made->stride;
        if (halves)
            widen_row(couplings, row, to);
        else
            memcpy(to, couplings->integers + row * made->stride, made->neurons * sizeof *to);
    }
    return STATUS_OK;
}
