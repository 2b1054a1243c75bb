/* The tables of kernels and the choice among them. Built without special flags: it runs on any processor. */
#include "core/kernels/kernels.h"

#include <stdatomic.h>
#include <string.h>

#include "core/base/cpu.h"
#include "core/kernels/attention_block.h"
#include "core/kernels/isa.h"

/* `counts` is the instruction set of the kernels that count bits, `isa` that of all others. */
#define KERNEL_TABLE(isa, counts, vector_bytes)                                                              \
    static const struct kernels table_##counts = {                                                           \
        .name = #counts,                                                                                     \
        .supported = supported_##counts,                                                                     \
        .attention_group_bytes = ATTENTION_GROUP_BYTES(vector_bytes),                                        \
        .attention_block = attention_block_##isa,                                                            \
        .attention_block_f64 = attention_block_f64_##isa,                                                    \
        .attention_pack_keys = attention_pack_keys_##isa,                                                    \
        .attention_pack_keys_f64 = attention_pack_keys_f64_##isa,                                            \
        .exp_f32 = exp_f32_##isa,                                                                            \
        .tanh_f32 = tanh_f32_##isa,                                                                          \
        .sigmoid_f32 = sigmoid_f32_##isa,                                                                    \
        .panel_multiply = panel_multiply_##isa,                                                              \
        .cell_rnn = cell_rnn_##isa,                                                                          \
        .cell_gru = cell_gru_##isa,                                                                          \
        .cell_lstm = cell_lstm_##isa,                                                                        \
        .hamming = hamming_##counts,                                                                         \
        .add_row_i16 = add_row_i16_##isa,                                                                    \
        .add_row_f64 = add_row_f64_##isa,                                                                    \
        .hamming_tile = hamming_tile_##counts,                                                               \
        .halve_tile = halve_tile_##counts,                                                                   \
        .random_fill_bits = random_fill_bits_##isa,                                                          \
        .random_bits_at = random_bits_at_##isa,                                                              \
        .count_ones = count_ones_##counts,                                                                   \
        .pack_spins = pack_spins_##counts,                                                                   \
        .unpack_spins = unpack_spins_##counts,                                                               \
        .finish_lanes = finish_lanes_##isa,                                                                  \
        .flip_rows_i16 = flip_rows_i16_##isa,                                                                \
        .flip_rows_i32 = flip_rows_i32_##isa,                                                                \
        .list_unstable_i16 = list_unstable_i16_##isa,                                                        \
        .list_unstable_i32 = list_unstable_i32_##isa,                                                        \
        .aligned_sum_i16 = aligned_sum_i16_##isa,                                                            \
        .add_group_sums = add_group_sums_##isa,                                                              \
        .sum_where_i32 = sum_where_i32_##isa,                                                                \
        .walk_i16 = walk_i16_##counts,                                                                       \
        .cubic_i32 = cubic_i32_##isa,                                                                        \
        .step_where_i32 = step_where_i32_##isa,                                                              \
        .sum_rows_where_i16 = sum_rows_where_i16_##isa,                                                      \
        .count_columns_i32 = count_columns_i32_##isa,                                                        \
        .complex_dot_f64 = complex_dot_f64_##isa,                                                            \
        .add_conjugate_f64 = add_conjugate_f64_##isa,                                                        \
        .score_additive = score_additive_##isa,                                                              \
        .fma_f32 = fma_f32_##isa,                                                                            \
        .fma_f64 = fma_f64_##isa,                                                                            \
        .sum_f32 = sum_f32_##isa,                                                                            \
    }

static bool supported_portable(void) {
    return true;
}

KERNEL_TABLE(portable, portable, 16);

#if defined(__x86_64__)
static bool supported_avx2(void) {
    return cpu_features().avx2;
}

static bool supported_avx512(void) {
    return cpu_features().avx512;
}

static bool supported_avx512_popcnt(void) {
    return cpu_features().avx512_popcnt;
}

KERNEL_TABLE(avx2, avx2, 32);
KERNEL_TABLE(avx512, avx512, 64);
KERNEL_TABLE(avx512, avx512_popcnt, 64);
#endif

static const struct kernels *const built[] = {
#if defined(__x86_64__)
    &table_avx512_popcnt, &table_avx512, &table_avx2,
#endif
    &table_portable,      NULL,
};

/* NULL until first asked for. Threads that ask at once find the same answer. */
static const struct kernels *_Atomic chosen;

const struct kernels *const *kernels_built(void) {
    return built;
}

const struct kernels *kernels(void) {
    const struct kernels *table = atomic_load_explicit(&chosen, memory_order_acquire);
    if (table) return table;
    const struct kernels *const *candidate = built;
    while (!(*candidate)->supported())
        candidate++;
    atomic_store_explicit(&chosen, *candidate, memory_order_release);
    return *candidate;
}

enum status kernels_choose(const char *name) {
    for (const struct kernels *const *candidate = built; *candidate; candidate++) {
        if (strcmp((*candidate)->name, name) != 0) continue;
        if (!(*candidate)->supported()) return STATUS_UNSUPPORTED;
        atomic_store_explicit(&chosen, *candidate, memory_order_release);
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}
