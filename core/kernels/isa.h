/* The functions that each instruction set contributes, and the way their names are made: every *_kernel.c is
 * compiled once per instruction set with KERNEL_ISA naming it. Internal to this folder. */
#ifndef CORE_KERNELS_ISA_H
#define CORE_KERNELS_ISA_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/random.h"
#include "core/kernels/real.h"

struct attention_block;
struct attention_block_f64;
struct hopfield_flips;
struct hopfield_spins;
struct hopfield_unstable;
struct panel_product;
struct pattern_walk;
struct panel_cell;

#define KERNEL_DECLARE(isa)                                                                                  \
    void attention_block_##isa(const struct attention_block *block);                                         \
    void attention_block_f64_##isa(const struct attention_block_f64 *block);                                 \
    void attention_pack_keys_##isa(size_t count, size_t width, float factor, const float *keys,              \
                                   float *packed);                                                           \
    void attention_pack_keys_f64_##isa(size_t count, size_t width, double factor, const double *keys,        \
                                       double *packed);                                                      \
    void exp_f32_##isa(size_t count, const float *in, float *out);                                           \
    void tanh_f32_##isa(size_t count, const float *in, float *out);                                          \
    void sigmoid_f32_##isa(size_t count, const float *in, float *out);                                       \
    void panel_multiply_##isa(const struct panel_product *product);                                          \
    void cell_rnn_##isa(const struct panel_cell *cell);                                                      \
    void cell_gru_##isa(const struct panel_cell *cell);                                                      \
    void cell_lstm_##isa(const struct panel_cell *cell);                                                     \
    void hamming_##isa(size_t words, const uint64_t *row, size_t count, const uint64_t *rows,                \
                       int32_t *distances);                                                                  \
    void add_row_i16_##isa(size_t count, int32_t factor, const int16_t *row, int32_t *fields);               \
    void add_row_f64_##isa(size_t count, double factor, const double *row, double *fields);                  \
    void hamming_tile_##isa(size_t words, size_t count, const uint64_t *rows, size_t stride,                 \
                            const uint64_t *packed, int32_t *distances);                                     \
    void halve_tile_##isa(int32_t middle, const int32_t *distances, int8_t *tile, int8_t *mirror,            \
                          int32_t *lowest, int32_t *highest);                                                \
    void pack_spins_##isa(size_t neurons, const int8_t *spins, uint64_t *bits);                              \
    void unpack_spins_##isa(size_t neurons, const uint64_t *bits, int8_t *spins);                            \
    void finish_lanes_##isa(size_t lanes, const int16_t *sums, const uint64_t *bits, size_t bits_stride,     \
                            const int16_t *up, const int16_t *down, int16_t *fields, size_t fields_stride);  \
    void random_fill_bits_##isa(struct random_source source, uint64_t first, size_t count, uint64_t *words); \
    void random_bits_at_##isa(struct random_source source, uint64_t first, size_t count,                     \
                              const uint32_t *places, uint64_t *words);                                      \
    size_t count_ones_##isa(size_t words, const uint64_t *bits);                                             \
    size_t flip_rows_i16_##isa(const struct hopfield_spins *spins, const struct hopfield_flips *flips,       \
                               int16_t *fields, struct hopfield_unstable *list);                             \
    size_t flip_rows_i32_##isa(const struct hopfield_spins *spins, const struct hopfield_flips *flips,       \
                               int32_t *fields, struct hopfield_unstable *list);                             \
    size_t list_unstable_i16_##isa(const struct hopfield_spins *spins, const int16_t *fields,                \
                                   uint32_t *list);                                                          \
    size_t list_unstable_i32_##isa(const struct hopfield_spins *spins, const int32_t *fields,                \
                                   uint32_t *list);                                                          \
    int64_t aligned_sum_i16_##isa(size_t tiles, const uint64_t *spins, const int16_t *fields);               \
    void add_group_sums_##isa(size_t count, const uint64_t *words, const int16_t *tables, int16_t *sums,     \
                              int16_t *largest);                                                             \
    int64_t sum_where_i32_##isa(size_t words, const uint64_t *bits, size_t run, const int32_t *values);      \
    size_t walk_i16_##isa(struct pattern_walk *walk, size_t count, const uint32_t *order,                    \
                          uint32_t *flipped);                                                                \
    void cubic_i32_##isa(size_t count, const int32_t coefficients[4], const int32_t *in, int32_t *out);      \
    void step_where_i32_##isa(size_t words, const uint64_t *bits, int32_t step, int32_t *values);            \
    void sum_rows_where_i16_##isa(size_t words, size_t count, const uint64_t *const *rows,                   \
                                  const int16_t *values, const uint16_t *largest, int64_t *sums);            \
    void count_columns_i32_##isa(size_t words, size_t count, const uint64_t *const *rows,                    \
                                 const uint64_t *inverted, int32_t *counts);                                 \
    void complex_dot_f64_##isa(size_t count, const double *a_re, const double *a_im, const double *b_re,     \
                               const double *b_im, double dot[2]);                                           \
    void add_conjugate_f64_##isa(size_t count, const double factor[2], const double *re, const double *im,   \
                                 double *sum_re, double *sum_im);                                            \
    void score_additive_##isa(size_t width, const float *query, const float *keys, const float *weights,     \
                              float sum, float *scores);                                                     \
    double fma_f32_##isa(size_t rounds, float *result);                                                      \
    double fma_f64_##isa(size_t rounds, double *result);                                                     \
    float sum_f32_##isa(size_t count, const float *in)

KERNEL_DECLARE(portable);
#if defined(__x86_64__)
KERNEL_DECLARE(avx2);
KERNEL_DECLARE(avx512);
KERNEL_DECLARE(avx512_popcnt);
#endif

/* KERNEL(exp_f32) is exp_f32_avx2 in the build for AVX2. */
#define KERNEL_PASTE(name, isa)  name##_##isa
#define KERNEL_EXPAND(name, isa) KERNEL_PASTE(name, isa)
#define KERNEL(name)             KERNEL_EXPAND(name, KERNEL_ISA)

#endif
