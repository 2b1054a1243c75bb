/* Hebb's rule, J_ij = (1/N) sum_mu xi_i xi_j, i != j (Hopfield 1982): N J_ij are exact integers of the parity
 * of the number of patterns. */
#include <stdlib.h>

#include "core/associative/hebb_couplings.h"
#include "core/associative/rule.h"
#include "core/kernels/kernels.h"

enum { BYTE_VALUES = 256, BYTE_BITS = 8, WORD_BYTES = 8 };

/* Sums of 64 overlaps fit 32 bits; random rows have numbers of 32 bits. Sums of all squares, which only
 * patterns that are alike can make larger than 63 bits, are taken modulo 2^64. */
static enum status check(size_t neurons, size_t patterns, struct error *error) {
    const size_t most = (size_t)1 << 24;
    if (neurons > most || patterns > most)
        return error_set(error, STATUS_UNSUPPORTED,
                         "hebb: %zu neurons and %zu patterns: neither may be more than %zu", neurons,
                         patterns, most);
    return STATUS_OK;
}

static double operations(size_t neurons, size_t patterns) {
    double pairs = (double)neurons * (double)(neurons - 1) / 2;
    size_t words = (patterns + 63) / 64;
    return pairs * (2 * (double)words + 2);
}

static double bytes(size_t neurons, size_t patterns) {
    return hebb_couplings_bytes(neurons, patterns);
}

/* --- fields from overlaps: N h_i = sum_mu xi_i M_mu - P s_i, M_mu = sum_j xi_j s_j ------------------- */

static size_t byte_count(const struct patterns *patterns) {
    return patterns->words_per_neuron * WORD_BYTES;
}

/* What one thread needs: the state as bits, the overlaps (padded with zeros to whole words of patterns), and,
 * for fields, for every eight patterns the sums of all subsets of their overlaps. */
struct scratch {
    uint64_t *bits;
    int32_t *overlaps;
    int32_t *subset_sums; /* [byte_count][BYTE_VALUES] */
};

static size_t alignment_bytes(size_t neurons, size_t patterns) {
    size_t words_per_pattern = (neurons + 63) / 64, words_per_neuron = (patterns + 63) / 64;
    return words_per_pattern * sizeof(uint64_t) + words_per_neuron * 64 * sizeof(int32_t);
}

static size_t first_fields_bytes(size_t neurons, size_t patterns) {
    size_t bytes_per_neuron = (patterns + 63) / 64 * WORD_BYTES;
    return alignment_bytes(neurons, patterns) + bytes_per_neuron * BYTE_VALUES * sizeof(int32_t);
}

static struct scratch divide_scratch(const struct patterns *patterns, void *memory) {
    struct scratch scratch = {.bits = memory};
    scratch.overlaps = (int32_t *)(scratch.bits + patterns->words_per_pattern);
    scratch.subset_sums = scratch.overlaps + byte_count(patterns) * BYTE_BITS;
    return scratch;
}

static void compute_overlaps(const struct patterns *patterns, const int8_t *spins, struct scratch scratch) {
    patterns_pack(patterns, spins, scratch.bits);
    kernels()->hamming(patterns->words_per_pattern, scratch.bits, patterns->count, patterns->by_pattern,
                       scratch.overlaps);
    for (size_t p = 0; p < patterns->count; p++)
        scratch.overlaps[p] = (int32_t)patterns->neurons - 2 * scratch.overlaps[p];
    for (size_t p = patterns->count; p < byte_count(patterns) * BYTE_BITS; p++)
        scratch.overlaps[p] = 0;
}

static void compute_subset_sums(const struct patterns *patterns, struct scratch scratch) {
    for (size_t byte = 0; byte < byte_count(patterns); byte++) {
        const int32_t *overlaps = scratch.overlaps + byte * BYTE_BITS;
        int32_t *sums = scratch.subset_sums + byte * BYTE_VALUES;
        sums[0] = 0;
        for (unsigned value = 1; value < BYTE_VALUES; value++)
            sums[value] = sums[value & (value - 1)] + overlaps[__builtin_ctz(value)];
    }
}

static void first_fields(const struct patterns *patterns, const int8_t *spins, void *memory,
                         int32_t *fields) {
    struct scratch scratch = divide_scratch(patterns, memory);
    compute_overlaps(patterns, spins, scratch);
    compute_subset_sums(patterns, scratch);
    int32_t all = 0;
    for (size_t p = 0; p < patterns->count; p++)
        all += scratch.overlaps[p];
    for (size_t i = 0; i < patterns->neurons; i++) {
        const uint64_t *row = patterns->by_neuron + i * patterns->words_per_neuron;
        const int32_t *sums = scratch.subset_sums;
        int32_t positive = 0;
        for (size_t word = 0; word < patterns->words_per_neuron; word++)
            for (unsigned shift = 0; shift < 64; shift += BYTE_BITS, sums += BYTE_VALUES)
                positive += sums[row[word] >> shift & (BYTE_VALUES - 1)];
        /* Both parts and their difference are at most the sum of |M_mu| <= P N, which fits. */
        fields[i] = positive - (all - positive) - (int32_t)patterns->count * spins[i];
    }
}

/* sum_i s_i N h_i = sum_mu M_mu^2 - P N. */
static int64_t alignment(const struct patterns *patterns, const int8_t *spins, void *memory) {
    struct scratch scratch = divide_scratch(patterns, memory);
    compute_overlaps(patterns, spins, scratch);
    uint64_t sum = -(uint64_t)patterns->count * patterns->neurons;
    for (size_t p = 0; p < patterns->count; p++)
        sum += (uint64_t)((int64_t)scratch.overlaps[p] * scratch.overlaps[p]);
    return (int64_t)sum;
}

const struct learning_rule rule_hebb = {
    .name = "hebb",
    .summary = "sum of outer products, zero diagonal, exact integers (Hopfield 1982)",
    .kind = COUPLINGS_HALF,
    .symmetric = true,
    .check = check,
    .operations = operations,
    .bytes = bytes,
    .learn = hebb_couplings_learn,
    .first_fields_bytes = first_fields_bytes,
    .alignment_bytes = alignment_bytes,
    .first_fields = first_fields,
    .alignment = alignment,
};
