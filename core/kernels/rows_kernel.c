/* Many rows of bits at once: sums of the same values over the bits of each, and how many have each bit. */
#include "core/kernels/isa.h"
#include "core/kernels/kernels.h"
#include "core/kernels/lanes.h"
#include "core/kernels/words.h"

/* Rows that share each load of the values: as many as leave their sums in registers. */
#if VECTOR_MANY_REGISTERS && VECTOR_BYTES == 64
enum { ROWS = 8 };
#elif VECTOR_BYTES >= 32
enum { ROWS = 4 };
#else
enum { ROWS = 2 };
#endif

/* --- sums over set bits ------------------------------------------------------------------------------- */

enum {
    /* Chunks of a word after which lanes may be full, and how often that is in a word. */
    PIECE = WORD_CHUNKS < 4 ? WORD_CHUNKS : 4,
    PIECES = WORD_CHUNKS / PIECE,
    /* Words after which 32-bit sums, each of two lanes, go to 64 bits. */
    WORDS_AT_ONCE = 1 << 12
};

_Static_assert(PIECE *SUM_ROWS_LARGEST <= INT16_MAX, "lanes bear a piece of the largest values");
_Static_assert(2 * (int64_t)INT16_MAX * WORDS_AT_ONCE * PIECES <= INT32_MAX, "sums bear so many pieces");

/* The pieces from `piece` on whose values 16 bits hold lane by lane; returns the first that is left. */
VECTOR_INLINE size_t sum_pieces(size_t piece, size_t end, size_t count, const uint64_t *const *rows,
                                const int16_t *values, const uint16_t *largest, vec_words *partial) {
    for (int room = INT16_MAX; piece < end; piece++) {
        const size_t word = piece / PIECES;
        room -= PIECE * largest[word];
        if (room < 0) break;
        VECTOR_UNROLL for (int n = 0; n < PIECE; n++) {
            const int chunk = (int)(piece % PIECES) * PIECE + n;
            const vec_words value = words_load(values + word * HOPFIELD_TILE + chunk * WORD_LANES);
            VECTOR_UNROLL for (size_t r = 0; r < count; r++) {
                partial[r] = words_add_where(partial[r], rows[r] + word, chunk, value);
                VECTOR_IN_ORDER(partial[r]);
            }
        }
    }
    return piece;
}

/* `count` <= ROWS is a constant where this is inlined. */
VECTOR_INLINE void sum_few(size_t words, size_t count, const uint64_t *const *rows, const int16_t *values,
                           const uint16_t *largest, int64_t *sums) {
    for (size_t r = 0; r < count; r++)
        sums[r] = 0;
    for (size_t first = 0; first < words; first += WORDS_AT_ONCE) {
        const size_t last = words - first < WORDS_AT_ONCE ? words : first + WORDS_AT_ONCE;
        vec_pairs wide[ROWS] = {{0}};
        for (size_t piece = first * PIECES; piece < last * PIECES;) {
            vec_words partial[ROWS] = {{0}};
            piece = sum_pieces(piece, last * PIECES, count, rows, values, largest, partial);
            VECTOR_UNROLL for (size_t r = 0; r < count; r++) wide[r] +=
                pairs_multiply(partial[r], words_set(1));
        }
        for (size_t r = 0; r < count; r++)
            sums[r] += pairs_total(wide[r]);
    }
}

void KERNEL(sum_rows_where_i16)(size_t words, size_t count, const uint64_t *const *rows,
                                const int16_t *values, const uint16_t *largest, int64_t *sums) {
    size_t r = 0;
    for (; r + ROWS <= count; r += ROWS)
        sum_few(words, ROWS, rows + r, values, largest, sums + r);
    for (; r < count; r++)
        sum_few(words, 1, rows + r, values, largest, sums + r);
}

/* --- how many rows have each bit ---------------------------------------------------------------------- */

/* So many rows are counted by carrying, in four planes of bits, before anything is added. */
enum { BATCH = 15, PLANES = 4, VECTOR_WORDS = VECTOR_BYTES / 8 };

typedef uint64_t words_u64 __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* *sum and two more bits of the same weight: the sum stays, the carry is of twice the weight. */
VECTOR_INLINE words_u64 add_bits(words_u64 *sum, words_u64 a, words_u64 b) {
    words_u64 half = *sum ^ a, carry = (*sum & a) | (half & b);
    *sum = half ^ b;
    return carry;
}

VECTOR_INLINE words_u64 load_row(const uint64_t *row, uint64_t inverted) {
    words_u64 bits;
    memcpy(&bits, row, sizeof bits);
    return bits ^ inverted;
}

/* planes[b] = bit b of how many of the 15 rows have each of the bits from `word` on. */
VECTOR_INLINE void count_batch(size_t word, const uint64_t *const *rows, const uint64_t *inverted,
                               words_u64 planes[PLANES]) {
    words_u64 twos[BATCH / 2], fours[BATCH / 4];
    planes[0] = load_row(rows[0] + word, inverted[0]);
    VECTOR_UNROLL
    for (int i = 0; i < BATCH / 2; i++)
        twos[i] = add_bits(&planes[0], load_row(rows[2 * i + 1] + word, inverted[2 * i + 1]),
                           load_row(rows[2 * i + 2] + word, inverted[2 * i + 2]));
    planes[1] = twos[0];
    VECTOR_UNROLL
    for (int i = 0; i < BATCH / 4; i++)
        fours[i] = add_bits(&planes[1], twos[2 * i + 1], twos[2 * i + 2]);
    planes[2] = fours[0];
    planes[3] = add_bits(&planes[2], fours[1], fours[2]);
}

/* counts[64] += weight where the word's bits are set. */
VECTOR_INLINE void add_weight(uint64_t bits, uint32_t weight, int32_t *counts) {
    VECTOR_UNROLL for (int chunk = 0; chunk < CHUNKS; chunk++) {
        int32_t *at = counts + chunk * LANES;
        lanes_store(at, lanes_add_where(lanes_load(at), &bits, chunk, lanes_set(weight)));
    }
}

static void count_fifteen(size_t words, const uint64_t *const *rows, const uint64_t *inverted,
                          int32_t *counts) {
    for (size_t word = 0; word < words; word += VECTOR_WORDS) {
        words_u64 planes[PLANES];
        count_batch(word, rows, inverted, planes);
        for (size_t w = 0; w < VECTOR_WORDS; w++)
            for (int plane = 0; plane < PLANES; plane++)
                add_weight(planes[plane][w], 1U << plane, counts + (word + w) * WORD_BITS);
    }
}

/* The batches take whole vectors of words, the rest and the last rows go one by one. */
void KERNEL(count_columns_i32)(size_t words, size_t count, const uint64_t *const *rows,
                               const uint64_t *inverted, int32_t *counts) {
    size_t whole = words / VECTOR_WORDS * VECTOR_WORDS, batches = count / BATCH * BATCH;
    for (size_t r = 0; r < batches; r += BATCH)
        count_fifteen(whole, rows + r, inverted + r, counts);
    for (size_t r = 0; r < count; r++)
        for (size_t word = r < batches ? whole : 0; word < words; word++)
            add_weight(rows[r][word] ^ inverted[r], 1, counts + word * WORD_BITS);
}
