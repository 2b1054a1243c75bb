/* A walk over the neurons of a Hopfield network in a given order, with fields from the patterns. The sums of
 * a group of neurons share each load of the overlaps; a flip among them changes the fields of those after it
 * by their couplings, which two rows of bits give. All are integers and exact. */
#include "core/kernels/isa.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/kernels/pattern_walk.h"
#include "core/kernels/vector.h"

enum { WORD_BITS = 64, LANES = VECTOR_BYTES / 2, CHUNKS = WORD_BITS / LANES, LINE_WORDS = 8 };

/* Neurons looked at together, and how far ahead their rows are fetched. */
enum { GROUP = VECTOR_MANY_REGISTERS ? 8 : 4, FETCH_AHEAD = 16 };

typedef int16_t halves_vector __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* --- sums over set bits ------------------------------------------------------------------------------ */

/* Adds the values whose bits are set in one chunk of a word. */
#if defined(__AVX512BW__)
VECTOR_INLINE void add_where(halves_vector *sum, const uint64_t *word, int chunk,
                             const halves_vector *value) {
    uint32_t bits;
    memcpy(&bits, (const char *)word + (size_t)chunk * sizeof bits, sizeof bits);
    *sum = (halves_vector)_mm512_mask_add_epi16((__m512i)*sum, bits, (__m512i)*sum, (__m512i)*value);
}
#else
VECTOR_INLINE void add_where(halves_vector *sum, const uint64_t *word, int chunk,
                             const halves_vector *value) {
    static const uint16_t BITS[16] = {1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                                      1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};
    halves_vector bits;
    memcpy(&bits, BITS, sizeof bits);
    const halves_vector picked = bits & (int16_t)(*word >> chunk * LANES);
    *sum += *value & (halves_vector)(picked == bits);
}
#endif

#if defined(__AVX512BW__)
/* Sums of eight vectors at once: a vector's lanes meet those of its neighbours, so that each addition serves
 * two vectors, then four, then eight. */
VECTOR_INLINE void add_lanes_of_eight(const halves_vector *partial, int32_t *sums) {
    __m512i v[8];
    VECTOR_UNROLL for (int n = 0; n < 8; n++) v[n] =
        _mm512_madd_epi16((__m512i)partial[n], _mm512_set1_epi16(1));
    VECTOR_UNROLL for (int n = 0; n < 8; n += 2) v[n] =
        _mm512_add_epi32(_mm512_unpacklo_epi32(v[n], v[n + 1]), _mm512_unpackhi_epi32(v[n], v[n + 1]));
    VECTOR_UNROLL for (int n = 0; n < 8; n += 4) v[n] =
        _mm512_add_epi32(_mm512_unpacklo_epi64(v[n], v[n + 2]), _mm512_unpackhi_epi64(v[n], v[n + 2]));
    __m512i halves =
        _mm512_add_epi32(_mm512_shuffle_i64x2(v[0], v[4], 0x88), _mm512_shuffle_i64x2(v[0], v[4], 0xDD));
    __m256i lower = _mm512_castsi512_si256(halves), upper = _mm512_extracti64x4_epi64(halves, 1);
    _mm256_storeu_si256((__m256i *)sums, _mm256_add_epi32(_mm256_permute2x128_si256(lower, upper, 0x20),
                                                          _mm256_permute2x128_si256(lower, upper, 0x31)));
}
#endif

/* sums[n] = what the lanes of partial[n] add up to. */
VECTOR_INLINE void add_lanes(size_t count, const halves_vector *partial, int32_t *sums) {
#if defined(__AVX512BW__)
    if (count == 8) {
        add_lanes_of_eight(partial, sums);
        return;
    }
#endif
    for (size_t n = 0; n < count; n++) {
        sums[n] = 0;
        for (int lane = 0; lane < LANES; lane++)
            sums[n] += partial[n][lane];
    }
}

/* sums[n] = the sum of the halves over the bits of rows[n], which 16 bits must hold lane by lane; `count` is
 * a constant where this is inlined. */
VECTOR_INLINE void sum_group(size_t words, size_t count, const uint64_t *const *rows, const int16_t *halves,
                             int32_t *sums) {
    halves_vector partial[GROUP] = {{0}};
    for (size_t word = 0; word < words; word++)
        VECTOR_UNROLL for (int chunk = 0; chunk < CHUNKS; chunk++) {
            halves_vector value;
            memcpy(&value, halves + word * WORD_BITS + chunk * LANES, sizeof value);
            VECTOR_UNROLL for (size_t n = 0; n < count; n++)
                add_where(&partial[n], rows[n] + word, chunk, &value);
        }
    add_lanes(count, partial, sums);
}

/* The same whatever the halves are. */
static void sum_group_wide(size_t words, size_t count, const uint64_t *const *rows, const int16_t *halves,
                           int32_t *sums) {
    for (size_t n = 0; n < count; n++) {
        sums[n] = 0;
        for (size_t word = 0; word < words; word++)
            for (uint64_t bits = rows[n][word]; bits; bits &= bits - 1)
                sums[n] += halves[word * WORD_BITS + (size_t)__builtin_ctzll(bits)];
    }
}

/* Flips after which the sums of lanes still fit 16 bits: each adds at most one to every magnitude. */
static size_t flips_that_fit(size_t words, const int16_t *halves) {
    int32_t sums[LANES] = {0}, largest = 0;
    for (size_t p = 0; p < words * WORD_BITS; p++)
        sums[p % LANES] += abs(halves[p]);
    for (int lane = 0; lane < LANES; lane++)
        largest = sums[lane] > largest ? sums[lane] : largest;
    return largest < INT16_MAX ? (size_t)(INT16_MAX - largest) / (words * CHUNKS) : 0;
}

/* --- flips ------------------------------------------------------------------------------------------- */

/* m += spin where the bit is set, -= spin where not. */
static void step(size_t words, const uint64_t *row, int16_t spin, int16_t *halves) {
    const halves_vector twice = (halves_vector){0} + (int16_t)(2 * spin);
    for (size_t word = 0; word < words; word++)
        VECTOR_UNROLL for (int chunk = 0; chunk < CHUNKS; chunk++) {
            int16_t *at = halves + word * WORD_BITS + chunk * LANES;
            halves_vector value;
            memcpy(&value, at, sizeof value);
            value -= spin;
            add_where(&value, row + word, chunk, &twice);
            memcpy(at, &value, sizeof value);
        }
}

/* N J_ij = P - 2 d_ij. */
static int64_t coupling(const struct pattern_walk *walk, const uint64_t *a, const uint64_t *b) {
    int64_t differ = 0;
    for (size_t word = 0; word < walk->words; word++)
        differ += __builtin_popcountll(a[word] ^ b[word]);
    return (int64_t)walk->patterns - 2 * differ;
}

struct visit {
    struct pattern_walk *walk;
    size_t room; /* flips that the sums of lanes still bear */
    uint32_t *flipped;
    size_t flips;
};

/* The fields of a group of neurons before any of them flips. */
VECTOR_INLINE void compute_fields(struct visit *visit, size_t count, const uint32_t *neurons,
                                  const uint64_t *const *rows, int64_t *fields) {
    const struct pattern_walk *walk = visit->walk;
    int32_t sums[GROUP];
    if (visit->room < GROUP) visit->room = flips_that_fit(walk->words, walk->halves);
    if (visit->room < GROUP)
        sum_group_wide(walk->words, count, rows, walk->halves, sums);
    else
        sum_group(walk->words, count, rows, walk->halves, sums);
    for (size_t n = 0; n < count; n++)
        fields[n] = 4 * (int64_t)sums[n] - 2 * walk->sum +
                    (int64_t)walk->parity * walk->balances[neurons[n]] -
                    (int64_t)walk->patterns * walk->spins[neurons[n]];
}

static void flip(struct visit *visit, uint32_t neuron, const uint64_t *row) {
    struct pattern_walk *walk = visit->walk;
    int8_t spin = walk->spins[neuron] = (int8_t)-walk->spins[neuron];
    step(walk->words, row, spin, walk->halves);
    walk->sum += (int64_t)spin * walk->balances[neuron];
    visit->flipped[visit->flips++] = neuron;
    if (visit->room > 0) visit->room--;
}

VECTOR_INLINE void look_at(struct visit *visit, size_t count, const uint32_t *neurons) {
    struct pattern_walk *walk = visit->walk;
    const uint64_t *rows[GROUP];
    int64_t fields[GROUP];
    for (size_t n = 0; n < count; n++)
        rows[n] = walk->rows + neurons[n] * walk->words;
    compute_fields(visit, count, neurons, rows, fields);
    for (size_t n = 0; n < count; n++) {
        if (fields[n] * walk->spins[neurons[n]] >= 0) continue;
        flip(visit, neurons[n], rows[n]);
        for (size_t later = n + 1; later < count; later++)
            fields[later] += 2 * walk->spins[neurons[n]] * coupling(walk, rows[n], rows[later]);
    }
}

/* --- the walk ---------------------------------------------------------------------------------------- */

static inline void fetch(const struct pattern_walk *walk, uint32_t neuron) {
    const uint64_t *row = walk->rows + neuron * walk->words;
    for (size_t word = 0; word < walk->words; word += LINE_WORDS)
        __builtin_prefetch(row + word);
    __builtin_prefetch(row + walk->words - 1);
}

size_t KERNEL(walk_i16)(struct pattern_walk *walk, size_t count, const uint32_t *order, uint32_t *flipped) {
    struct visit visit = {.walk = walk, .flipped = flipped};
    size_t at = 0;
    for (; at + GROUP <= count; at += GROUP) {
        for (size_t n = at + FETCH_AHEAD; n < at + FETCH_AHEAD + GROUP && n < count; n++)
            fetch(walk, order[n]);
        look_at(&visit, GROUP, order + at);
    }
    for (; at < count; at++)
        look_at(&visit, 1, order + at);
    return visit.flips;
}
