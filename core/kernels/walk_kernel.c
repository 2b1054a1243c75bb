/* A walk over the neurons of a Hopfield network in a given order, with fields from the patterns. The sums of
 * a group of neurons share each load of the overlaps; a flip among them changes the fields of those after it
 * by their couplings, which two rows of bits give. All are integers and exact. */
#include "core/kernels/isa.h"

#include <stdlib.h>

#include "core/kernels/pattern_walk.h"
#include "core/kernels/words.h"

enum { WORD_BITS = 64, LINE_WORDS = 8 };

/* Neurons looked at together, and how far ahead their rows are fetched. */
enum { GROUP = VECTOR_MANY_REGISTERS ? 8 : 4, FETCH_AHEAD = 16 };

/* --- halves in the order in which bits choose them --------------------------------------------------- */

/* A word of bits, its choice of the lanes of a chunk added to a sum, where the half of a pattern stands in
 * its word, and whether it stands there negated. */
#if VECTOR_BYTES == 32

/* The whole word in each quarter of a vector: lane l sees 16 of its bits, from 16 (l % 4) on, and in chunk c
 * keeps the one of number 4 c + l / 4. The instruction that gives a value the sign of another, or 0, then
 * chooses; bit 15 is a sign itself, so that its halves stand negated. */
typedef __m256i word_of_bits;

VECTOR_INLINE word_of_bits load_bits(const uint64_t *word) {
    return _mm256_set1_epi64x((long long)*word);
}

VECTOR_INLINE vec_words add_where(vec_words sum, word_of_bits bits, int chunk, vec_words value) {
    const __m256i first =
        _mm256_setr_epi64x(0x0001000100010001, 0x0002000200020002, 0x0004000400040004, 0x0008000800080008);
    const __m256i own = _mm256_and_si256(bits, _mm256_slli_epi16(first, 4 * chunk));
    return sum + (vec_words)_mm256_sign_epi16((__m256i)value, own);
}

static inline size_t place_of(size_t bit) {
    return bit % 16 / 4 * WORD_LANES + bit % 4 * 4 + bit / 16;
}

static inline int sign_of(size_t bit) {
    return bit % 16 == 15 ? -1 : 1;
}

/* A value in all lanes of a chunk, with the signs with which halves stand there. */
VECTOR_INLINE vec_words as_placed(int16_t value, int chunk) {
    const vec_words bit_15 = (vec_words)_mm256_setr_epi64x(0, 0, 0, -1);
    if (chunk < WORD_CHUNKS - 1) return words_set(value);
    return (words_set(value) ^ bit_15) - bit_15;
}

#else

typedef const uint64_t *word_of_bits;

VECTOR_INLINE word_of_bits load_bits(const uint64_t *word) {
    return word;
}

VECTOR_INLINE vec_words add_where(vec_words sum, word_of_bits bits, int chunk, vec_words value) {
    return words_add_where(sum, bits, chunk, value);
}

static inline size_t place_of(size_t bit) {
    return bit;
}

static inline int sign_of(size_t bit) {
    (void)bit;
    return 1;
}

VECTOR_INLINE vec_words as_placed(int16_t value, int chunk) {
    (void)chunk;
    return words_set(value);
}

#endif

static void put_in_place(size_t words, int16_t *halves) {
    for (size_t word = 0; word < words; word++, halves += WORD_BITS) {
        int16_t before[WORD_BITS];
        memcpy(before, halves, sizeof before);
        for (size_t bit = 0; bit < WORD_BITS; bit++)
            halves[place_of(bit)] = (int16_t)(sign_of(bit) * before[bit]);
    }
}

static void put_back(size_t words, int16_t *halves) {
    for (size_t word = 0; word < words; word++, halves += WORD_BITS) {
        int16_t placed[WORD_BITS];
        memcpy(placed, halves, sizeof placed);
        for (size_t bit = 0; bit < WORD_BITS; bit++)
            halves[bit] = (int16_t)(sign_of(bit) * placed[place_of(bit)]);
    }
}

/* --- sums over set bits ------------------------------------------------------------------------------ */

#if defined(__AVX512BW__)
/* Sums of eight vectors at once: a vector's lanes meet those of its neighbours, so that each addition serves
 * two vectors, then four, then eight. */
VECTOR_INLINE void add_lanes_of_eight(const vec_words *partial, int32_t *sums) {
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

#if VECTOR_BYTES == 32
/* Sums of four vectors at once. */
VECTOR_INLINE void add_lanes_of_four(const vec_words *partial, int32_t *sums) {
    __m256i v[4];
    VECTOR_UNROLL for (int n = 0; n < 4; n++) v[n] =
        _mm256_madd_epi16((__m256i)partial[n], _mm256_set1_epi16(1));
    const __m256i halves = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
    _mm_storeu_si128((__m128i *)sums,
                     _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1)));
}
#endif

/* sums[n] = what the lanes of partial[n] add up to. */
VECTOR_INLINE void add_lanes(size_t count, const vec_words *partial, int32_t *sums) {
#if defined(__AVX512BW__)
    if (count == 8) {
        add_lanes_of_eight(partial, sums);
        return;
    }
#elif VECTOR_BYTES == 32
    if (count == 4) {
        add_lanes_of_four(partial, sums);
        return;
    }
#endif
    for (size_t n = 0; n < count; n++) {
        sums[n] = 0;
        for (int lane = 0; lane < WORD_LANES; lane++)
            sums[n] += partial[n][lane];
    }
}

/* sums[n] = the sum of the halves over the bits of rows[n], which 16 bits must hold lane by lane; `count` is
 * a constant where this is inlined. */
VECTOR_INLINE void sum_group(size_t words, size_t count, const uint64_t *const *rows, const int16_t *halves,
                             int32_t *sums) {
    vec_words partial[GROUP] = {{0}};
    for (size_t word = 0; word < words; word++) {
        word_of_bits bits[GROUP];
        VECTOR_UNROLL for (size_t n = 0; n < count; n++) bits[n] = load_bits(rows[n] + word);
        VECTOR_UNROLL for (int chunk = 0; chunk < WORD_CHUNKS; chunk++) {
            const vec_words value = words_load(halves + word * WORD_BITS + chunk * WORD_LANES);
            VECTOR_UNROLL for (size_t n = 0; n < count; n++) {
                partial[n] = add_where(partial[n], bits[n], chunk, value);
                VECTOR_IN_ORDER(partial[n]);
            }
        }
    }
    add_lanes(count, partial, sums);
}

static inline int32_t half_of(const int16_t *word, size_t bit) {
    return sign_of(bit) * word[place_of(bit)];
}

/* The same whatever the halves are, and however many. */
static void sum_group_wide(size_t words, size_t count, const uint64_t *const *rows, const int16_t *halves,
                           int64_t *sums) {
    for (size_t n = 0; n < count; n++) {
        sums[n] = 0;
        for (size_t word = 0; word < words; word++)
            for (uint64_t bits = rows[n][word]; bits; bits &= bits - 1)
                sums[n] += half_of(halves + word * WORD_BITS, (size_t)__builtin_ctzll(bits));
    }
}

/* Flips after which the sums of lanes still fit 16 bits: each adds at most one to every magnitude. */
static size_t flips_that_fit(size_t words, const int16_t *halves) {
    int64_t sums[WORD_LANES] = {0}, largest = 0;
    for (size_t p = 0; p < words * WORD_BITS; p++)
        sums[p % WORD_LANES] += abs(halves[p]);
    for (int lane = 0; lane < WORD_LANES; lane++)
        largest = sums[lane] > largest ? sums[lane] : largest;
    return largest < INT16_MAX ? (size_t)(INT16_MAX - largest) / (words * WORD_CHUNKS) : 0;
}

/* --- flips ------------------------------------------------------------------------------------------- */

/* m += spin where the bit is set, -= spin where not. */
static void step(size_t words, const uint64_t *row, int16_t spin, int16_t *halves) {
    for (size_t word = 0; word < words; word++) {
        const word_of_bits bits = load_bits(row + word);
        VECTOR_UNROLL for (int chunk = 0; chunk < WORD_CHUNKS; chunk++) {
            int16_t *at = halves + word * WORD_BITS + chunk * WORD_LANES;
            const vec_words less = words_load(at) - as_placed(spin, chunk);
            words_store(at, add_where(less, bits, chunk, words_set((int16_t)(2 * spin))));
        }
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
    if (visit->room < GROUP) visit->room = flips_that_fit(walk->words, walk->halves);
    if (visit->room < GROUP) {
        sum_group_wide(walk->words, count, rows, walk->halves, fields);
    } else {
        int32_t sums[GROUP];
        sum_group(walk->words, count, rows, walk->halves, sums);
        for (size_t n = 0; n < count; n++)
            fields[n] = sums[n];
    }
    for (size_t n = 0; n < count; n++)
        fields[n] = 4 * fields[n] - 2 * walk->sum + (int64_t)walk->parity * walk->balances[neurons[n]] -
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
    put_in_place(walk->words, walk->halves);
    for (; at + GROUP <= count; at += GROUP) {
        for (size_t n = at + FETCH_AHEAD; n < at + FETCH_AHEAD + GROUP && n < count; n++)
            fetch(walk, order[n]);
        look_at(&visit, GROUP, order + at);
    }
    for (; at < count; at++)
        look_at(&visit, 1, order + at);
    put_back(walk->words, walk->halves);
    return visit.flips;
}
