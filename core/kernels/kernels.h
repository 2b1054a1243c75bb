/* The few loops that decide speed. One source per subject, built once per instruction set; the table that
 * suits the processor is chosen at start-up. Every table gives results within the stated error of float64;
 * integer kernels are exact in all of them. */
#ifndef CORE_KERNELS_KERNELS_H
#define CORE_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/random.h"
#include "core/base/status.h"

/* One block of queries against one panel of packed keys: see core/attention/README.md. */
struct attention_block;
struct attention_block_f64;

/* Spins of a Hopfield network as bits, and flips of them: see core/kernels/hopfield_row.h. */
struct hopfield_spins;
struct hopfield_flips;
struct hopfield_unstable;

/* Patterns as bits and overlaps of a state: see core/kernels/pattern_walk.h. */
struct pattern_walk;

/* Weights of a recurrent layer, packed, and a cell on them: see core/kernels/panel.h. */
struct panel_product;
struct panel_cell;

/* Four such values fit a lane of 16 bits. */
enum { SUM_ROWS_LARGEST = INT16_MAX / 4 };

struct kernels {
    const char *name; /* "portable", "avx2", "avx512", "avx512_popcnt" */
    bool (*supported)(void);

    /* Bytes of a row of a group of packed keys and values: see core/kernels/attention_block.h. */
    size_t attention_group_bytes;

    /* Folds one block of keys and values into the running maximum, sum and output of a block of queries. */
    void (*attention_block)(const struct attention_block *block);
    void (*attention_block_f64)(const struct attention_block_f64 *block);

    /* packed[groups][width][group] = factor * keys[count][width], transposed group by group; what
     * stands for keys beyond the last is left as it is. */
    void (*attention_pack_keys)(size_t count, size_t width, float factor, const float *keys, float *packed);
    void (*attention_pack_keys_f64)(size_t count, size_t width, double factor, const double *keys,
                                    double *packed);

    /* out[i] = function(in[i]); in place is allowed. Errors: below 2 units in the last place of float32,
     * absolute for tanh and sigmoid. */
    void (*exp_f32)(size_t count, const float *in, float *out);
    void (*tanh_f32)(size_t count, const float *in, float *out);
    void (*sigmoid_f32)(size_t count, const float *in, float *out);

    /* Products with a packed panel, and the cells of recurrent layers: new hidden states from the sums. */
    void (*panel_multiply)(const struct panel_product *product);
    void (*cell_rnn)(const struct panel_cell *cell);
    void (*cell_gru)(const struct panel_cell *cell);
    void (*cell_lstm)(const struct panel_cell *cell);

    /* distances[j] = number of bits in which row differs from rows + j * words, j < count. */
    void (*hamming)(size_t words, const uint64_t *row, size_t count, const uint64_t *rows,
                    int32_t *distances);

    /* fields[i] += factor * row[i]: what one flip does to all fields. */
    void (*add_row_i16)(size_t count, int32_t factor, const int16_t *row, int32_t *fields);
    void (*add_row_f64)(size_t count, double factor, const double *row, double *fields);

    /* distances[r][HOPFIELD_TILE] = number of bits in which row rows + r * stride differs from each of the
     * rows packed[words][HOPFIELD_TILE], r < count. */
    void (*hamming_tile)(size_t words, size_t count, const uint64_t *rows, size_t stride,
                         const uint64_t *packed, int32_t *distances);

    /* tile[HOPFIELD_TILE][HOPFIELD_TILE] = middle - distances, kept within +-127, as bytes of rows of
     * couplings (hopfield_place), and its transpose; the lowest and the highest difference, or
     * 0. The arrays are aligned to vectors. */
    void (*halve_tile)(int32_t middle, const int32_t *distances, int8_t *tile, int8_t *mirror,
                       int32_t *lowest, int32_t *highest);

    /* Does flips on fields[tiles * HOPFIELD_TILE] and lists the open neurons that are unstable after one of
     * them, tile by tile; returns how many. None of them may be unstable before. Nothing may overflow.
     * list_unstable lists those that are now, ascending. */
    size_t (*flip_rows_i16)(const struct hopfield_spins *spins, const struct hopfield_flips *flips,
                            int16_t *fields, struct hopfield_unstable *list);
    size_t (*flip_rows_i32)(const struct hopfield_spins *spins, const struct hopfield_flips *flips,
                            int32_t *fields, struct hopfield_unstable *list);
    size_t (*list_unstable_i16)(const struct hopfield_spins *spins, const int16_t *fields, uint32_t *list);
    size_t (*list_unstable_i32)(const struct hopfield_spins *spins, const int32_t *fields, uint32_t *list);

    /* bits[ceil(neurons / 64)] of spins +1 (a bit of 1) and -1; bits past the end become 0. And back. */
    void (*pack_spins)(size_t neurons, const int8_t *spins, uint64_t *bits);
    void (*unpack_spins)(size_t neurons, const uint64_t *bits, int8_t *spins);

    /* words[i] = random_bits(source, first + i), and random_bits(source, first + places[i]), i < count. */
    void (*random_fill_bits)(struct random_source source, uint64_t first, size_t count, uint64_t *words);
    void (*random_bits_at)(struct random_source source, uint64_t first, size_t count, const uint32_t *places,
                           uint64_t *words);

    size_t (*count_ones)(size_t words, const uint64_t *bits);

    /* Sum of fields[tiles * HOPFIELD_TILE] where the bit is 1 less that where it is 0. */
    int64_t (*aligned_sum_i16)(size_t tiles, const uint64_t *spins, const int16_t *fields);

    /* sums[count][HOPFIELD_LANES] += the entries of
     * tables[HOPFIELD_WORD_GROUPS][HOPFIELD_GROUP_VALUES][lanes] that the bits of words[i] choose group by
     * group; largest[lane] = the largest magnitude so far. Nothing may overflow. The arrays are aligned as
     * memory_allocate aligns them. */
    void (*add_group_sums)(size_t count, const uint64_t *words, const int16_t *tables, int16_t *sums,
                           int16_t *largest);

    /* fields[t][i] = sums[i][t] + up[t], or + down[t] where bit i of bits[t * bits_stride] is 0: the fields
     * of one tile of neurons for `lanes` trials. */
    void (*finish_lanes)(size_t lanes, const int16_t *sums, const uint64_t *bits, size_t bits_stride,
                         const int16_t *up, const int16_t *down, int16_t *fields, size_t fields_stride);

    /* Looks at the neurons order[count] one after the other and flips those whose field is against them;
     * lists them in flipped[] and returns how many. Nothing overflows. */
    size_t (*walk_i16)(struct pattern_walk *walk, size_t count, const uint32_t *order, uint32_t *flipped);

    /* The sum of values[64 words] over the bits that are set; what stands elsewhere has no effect. The sum of
     * any `run` >= 1 of the values fits int32. */
    int64_t (*sum_where_i32)(size_t words, const uint64_t *bits, size_t run, const int32_t *values);
    /* out[i] = c0 + c1 in[i] + c2 in[i]^2 + c3 in[i]^3, modulo 2^32. */
    void (*cubic_i32)(size_t count, const int32_t coefficients[4], const int32_t *in, int32_t *out);
    /* values[64 words] += step where the bit is set, -= step where not, modulo 2^32. */
    void (*step_where_i32)(size_t words, const uint64_t *bits, int32_t step, int32_t *values);

    /* sums[r] = the sum of values[64 words] over the bits that are set in rows[r][words], r < count;
     * largest[words]: the magnitudes of the values of each word, up to SUM_ROWS_LARGEST. */
    void (*sum_rows_where_i16)(size_t words, size_t count, const uint64_t *const *rows, const int16_t *values,
                               const uint16_t *largest, int64_t *sums);
    /* counts[64 words] += how many of rows[count][words] have that bit set; a row whose inverted[r] is ~0 and
     * not 0 counts where its bit is not set. */
    void (*count_columns_i32)(size_t words, size_t count, const uint64_t *const *rows,
                              const uint64_t *inverted, int32_t *counts);

    /* dot = sum_i a_i b_i of complex numbers; count is a multiple of 8. */
    void (*complex_dot_f64)(size_t count, const double *a_re, const double *a_im, const double *b_re,
                            const double *b_im, double dot[2]);
    /* sum_i += factor times the conjugate of x_i. */
    void (*add_conjugate_f64)(size_t count, const double factor[2], const double *re, const double *im,
                              double *sum_re, double *sum_im);

    /* scores[SCORE_GROUP] = sum over d of weights_d tanh(a_d + b_d), given query[width] = e^2a,
     * keys[width][SCORE_GROUP] = e^2b, both at most e^40, and `sum` that of the weights. Error: below 4 units
     * of float32's last place at the sum of the weights' magnitudes, and what the order of summing adds. */
    void (*score_additive)(size_t width, const float *query, const float *keys, const float *weights,
                           float sum, float *scores);

    /* As many multiply-adds a second as there can be: `rounds` of them in each of several independent chains
     * of vectors, which start apart and tend to 1; the mean in *result. Returns the operations done. */
    double (*fma_f32)(size_t rounds, float *result);
    double (*fma_f64)(size_t rounds, double *result);

    /* The sum of in[count], read as fast as memory gives it. */
    float (*sum_f32)(size_t count, const float *in);
};

/* The table in use: the best the processor can run, unless kernels_choose said otherwise. */
const struct kernels *kernels(void);

/* Makes the named table the one in use, for tests and comparisons; not while a kernel runs. Plans of
 * attention keep the one they were made with. STATUS_NOT_FOUND: no such table. STATUS_UNSUPPORTED: the
 * processor cannot run it. */
enum status kernels_choose(const char *name);

/* All tables that were built, best first, ended by NULL. */
const struct kernels *const *kernels_built(void);

#endif
