#include "core/associative/pattern_slice.h"

#include "core/base/memory.h"
#include "core/base/random.h"
#include "core/kernels/kernels.h"

enum { WORD_BITS = 64, LINE_WORDS = 8 };

static size_t words_for(size_t patterns) {
    return (patterns + WORD_BITS - 1) / WORD_BITS;
}

static size_t stride_for(size_t patterns) {
    return (words_for(patterns) + LINE_WORDS - 1) / LINE_WORDS * LINE_WORDS;
}

enum status pattern_slice_create(size_t neurons, size_t patterns, size_t first, size_t count,
                                 struct pattern_slice **slice) {
    *slice = NULL;
    if (patterns == 0 || neurons > UINT32_MAX || first > neurons || count > neurons - first)
        return STATUS_INVALID;
    struct pattern_slice *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    *made = (struct pattern_slice){neurons, patterns, first, count, words_for(patterns), stride_for(patterns),
                                   NULL};
    made->rows = memory_allocate(count, made->stride * sizeof *made->rows);
    if (!made->rows) {
        memory_free(made);
        return STATUS_NO_MEMORY;
    }
    *slice = made;
    return STATUS_OK;
}

void pattern_slice_destroy(struct pattern_slice **slice) {
    if (!*slice) return;
    memory_free((*slice)->rows);
    memory_free(*slice);
    *slice = NULL;
}

void pattern_slice_draw(struct pattern_slice *slice, uint64_t key) {
    size_t words = slice->words;
    unsigned spare = (unsigned)(words * WORD_BITS - slice->patterns);
#pragma omp parallel for schedule(static) if (slice->count * words >= 1 << 13)
    for (size_t i = 0; i < slice->count; i++) {
        uint64_t *row = slice->rows + i * slice->stride;
        kernels()->random_fill_bits(random_source(key, RANDOM_PATTERNS, (uint32_t)(slice->first + i)), 0,
                                    words, row);
        row[words - 1] &= ~(uint64_t)0 >> spare;
    }
}

double pattern_slice_bytes(size_t count, size_t patterns) {
    return (double)sizeof(struct pattern_slice) + (double)count * 8.0 * (double)stride_for(patterns);
}
