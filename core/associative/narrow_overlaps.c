/* Overlaps with patterns that are not wanted are of size sqrt(N), so that few pass what 16 bits hold of
 * several in a lane; the wanted one is the first of those few. They are cut off there, and the rest is added
 * bit by bit. */
#include "core/associative/narrow_overlaps.h"

#include <stdlib.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum { WORD_BITS = 64 };

/* What is missing of an overlap. */
struct excess {
    uint32_t pattern;
    int32_t value;
};

struct narrow_overlaps {
    size_t words, excesses;
    int16_t *values;       /* [words * 64] */
    uint16_t *largest;     /* [words]: magnitudes of values */
    struct excess *excess; /* [excesses], room for [words * 64] */
};

enum status narrow_overlaps_create(size_t words, struct narrow_overlaps **narrow) {
    *narrow = NULL;
    struct narrow_overlaps *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->words = words;
    made->values = memory_allocate(words, WORD_BITS * sizeof *made->values);
    made->largest = memory_allocate(words, sizeof *made->largest);
    made->excess = memory_allocate(words, WORD_BITS * sizeof *made->excess);
    if (!made->values || !made->largest || !made->excess) {
        narrow_overlaps_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    *narrow = made;
    return STATUS_OK;
}

void narrow_overlaps_destroy(struct narrow_overlaps **narrow) {
    if (!*narrow) return;
    memory_free((*narrow)->values);
    memory_free((*narrow)->largest);
    memory_free((*narrow)->excess);
    memory_free(*narrow);
    *narrow = NULL;
}

double narrow_overlaps_bytes(size_t words) {
    return (double)sizeof(struct narrow_overlaps) +
           (double)words * (WORD_BITS * (sizeof(int16_t) + sizeof(struct excess)) + sizeof(uint16_t));
}

static int32_t cut_off(int32_t overlap) {
    if (overlap > SUM_ROWS_LARGEST) return SUM_ROWS_LARGEST;
    return overlap < -SUM_ROWS_LARGEST ? -SUM_ROWS_LARGEST : overlap;
}

void narrow_overlaps_set(struct narrow_overlaps *narrow, const int32_t *overlaps) {
    narrow->excesses = 0;
    for (size_t word = 0; word < narrow->words; word++) {
        int32_t largest = 0;
        for (size_t p = word * WORD_BITS; p < (word + 1) * WORD_BITS; p++) {
            const int32_t value = cut_off(overlaps[p]);
            narrow->values[p] = (int16_t)value;
            largest = abs(value) > largest ? abs(value) : largest;
            if (value != overlaps[p])
                narrow->excess[narrow->excesses++] = (struct excess){(uint32_t)p, overlaps[p] - value};
        }
        narrow->largest[word] = (uint16_t)largest;
    }
}

void narrow_overlaps_sum(const struct narrow_overlaps *narrow, size_t count, const uint64_t *const *rows,
                         int64_t *sums) {
    kernels()->sum_rows_where_i16(narrow->words, count, rows, narrow->values, narrow->largest, sums);
    for (size_t r = 0; r < count; r++)
        for (size_t e = 0; e < narrow->excesses; e++) {
            const struct excess *excess = &narrow->excess[e];
            if (rows[r][excess->pattern / WORD_BITS] >> excess->pattern % WORD_BITS & 1)
                sums[r] += excess->value;
        }
}
