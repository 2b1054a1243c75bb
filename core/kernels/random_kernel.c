/* Philox4x32-10 (Salmon et al., SC 2011), as Random123 has it, for as many counters at once as a vector has
 * 64-bit lanes. What stands in the upper halves of the lanes on the way has no effect: products take the
 * lower ones. */
#include "core/kernels/isa.h"

#include "core/base/random.h"
#include "core/kernels/vector.h"

typedef uint64_t words_vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* Vectors at a time: a round is a chain of slow products, which fill each other's gaps. */
enum { BLOCKS = VECTOR_BYTES / 8, VECTORS = VECTOR_MANY_REGISTERS ? 4 : 2, ROUNDS = 10 };

static const uint64_t LOWER = UINT32_MAX;

/* The full products of the lower halves of lanes. */
VECTOR_INLINE words_vector multiply(const words_vector *a, uint32_t b) {
    const words_vector factor = (words_vector){0} + b;
#if defined(__AVX512F__)
    return (words_vector)_mm512_mul_epu32((__m512i)*a, (__m512i)factor);
#elif defined(__AVX2__)
    return (words_vector)_mm256_mul_epu32((__m256i)*a, (__m256i)factor);
#elif defined(__x86_64__)
    return (words_vector)_mm_mul_epu32((__m128i)*a, (__m128i)factor);
#else
    return (*a & LOWER) * factor;
#endif
}

struct counters {
    words_vector words[4];
};

VECTOR_INLINE void do_round(struct counters *counters, uint32_t key_0, uint32_t key_1) {
    words_vector *w = counters->words;
    words_vector a = multiply(&w[0], 0xD2511F53U), b = multiply(&w[2], 0xCD9E8D57U);
    w[0] = b >> 32 ^ w[1] ^ key_0;
    w[1] = b;
    w[2] = a >> 32 ^ w[3] ^ key_1;
    w[3] = a;
}

/* even and odd: random_bits of twice the blocks and of what follows, `count` vectors of them; a constant
 * where this is inlined. */
VECTOR_INLINE void draw(struct random_source source, size_t count, const words_vector *blocks,
                        words_vector *even, words_vector *odd) {
    struct counters counters[VECTORS];
    uint32_t key_0 = (uint32_t)source.key, key_1 = (uint32_t)(source.key >> 32);
    VECTOR_UNROLL for (size_t v = 0; v < count; v++) {
        counters[v].words[0] = blocks[v];
        counters[v].words[1] = blocks[v] >> 32;
        counters[v].words[2] = (words_vector){0} + source.part;
        counters[v].words[3] = (words_vector){0} + (uint32_t)source.stream;
    }
    for (int round = 0; round < ROUNDS; round++) {
        VECTOR_UNROLL for (size_t v = 0; v < count; v++) do_round(&counters[v], key_0, key_1);
        key_0 += 0x9E3779B9U;
        key_1 += 0xBB67AE85U;
    }
    VECTOR_UNROLL for (size_t v = 0; v < count; v++) {
        even[v] = counters[v].words[1] << 32 | (counters[v].words[0] & LOWER);
        odd[v] = counters[v].words[3] << 32 | (counters[v].words[2] & LOWER);
    }
}

/* BLOCKS consecutive counters from `block` on. */
VECTOR_INLINE words_vector count_from(uint64_t block) {
    uint64_t lanes[BLOCKS];
    for (size_t lane = 0; lane < BLOCKS; lane++)
        lanes[lane] = block + lane;
    words_vector blocks;
    memcpy(&blocks, lanes, sizeof blocks);
    return blocks;
}

/* The words of `vectors` vectors of consecutive counters from `block` on, in their order. */
VECTOR_INLINE void fill(struct random_source source, uint64_t block, size_t vectors, uint64_t *words) {
    words_vector blocks[VECTORS], even[VECTORS], odd[VECTORS];
    VECTOR_UNROLL for (size_t v = 0; v < vectors; v++) blocks[v] = count_from(block + v * BLOCKS);
    draw(source, vectors, blocks, even, odd);
    VECTOR_UNROLL for (size_t v = 0; v < vectors; v++) for (size_t lane = 0; lane < BLOCKS; lane++) {
        words[2 * (v * BLOCKS + lane)] = even[v][lane];
        words[2 * (v * BLOCKS + lane) + 1] = odd[v][lane];
    }
}

void KERNEL(random_fill_bits)(struct random_source source, uint64_t first, size_t count, uint64_t *words) {
    enum { MANY = 2 * VECTORS * BLOCKS, FEW = 2 * BLOCKS };
    size_t i = 0;
    if (count > 0 && first % 2 == 1) words[i++] = random_bits(source, first);
    for (; i + MANY <= count; i += MANY)
        fill(source, (first + i) / 2, VECTORS, words + i);
    for (; i < count; i += FEW) {
        uint64_t last[FEW];
        fill(source, (first + i) / 2, 1, last);
        memcpy(words + i, last, (count - i < FEW ? count - i : FEW) * sizeof *words);
    }
}

/* One vector of places, or fewer. */
VECTOR_INLINE void pick(struct random_source source, uint64_t first, size_t count, const uint32_t *places,
                        uint64_t *words) {
    uint64_t indices[BLOCKS] = {0};
    for (size_t lane = 0; lane < count; lane++)
        indices[lane] = first + places[lane];
    words_vector index, even, odd;
    memcpy(&index, indices, sizeof index);
    const words_vector blocks = index >> 1;
    draw(source, 1, &blocks, &even, &odd);
    words_vector is_odd = -(index & 1), picked = (odd & is_odd) | (even & ~is_odd);
    memcpy(words, &picked, count * sizeof *words);
}

void KERNEL(random_bits_at)(struct random_source source, uint64_t first, size_t count, const uint32_t *places,
                            uint64_t *words) {
    size_t i = 0;
    for (; i + BLOCKS <= count; i += BLOCKS)
        pick(source, first, BLOCKS, places + i, words + i);
    if (i < count) pick(source, first, count - i, places + i, words + i);
}
