/* Bit patterns and the rows of coupling matrices: plain loops that the compiler vectorises well. */
#include "core/kernels/isa.h"

/* Without an instruction for it the compiler would call a function for each word, which cannot be vectorised.
 */
static inline uint64_t count_bits(uint64_t word) {
#if defined(__POPCNT__) || defined(__aarch64__)
    return (uint64_t)__builtin_popcountll(word);
#else
    word -= word >> 1 & 0x5555555555555555U;
    word = (word & 0x3333333333333333U) + (word >> 2 & 0x3333333333333333U);
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FU;
    return word * 0x0101010101010101U >> 56;
#endif
}

void KERNEL(hamming)(size_t words, const uint64_t *row, size_t count, const uint64_t *rows,
                     int32_t *distances) {
    for (size_t j = 0; j < count; j++) {
        const uint64_t *other = rows + j * words;
        uint64_t differing = 0;
        for (size_t w = 0; w < words; w++)
            differing += count_bits(row[w] ^ other[w]);
        distances[j] = (int32_t)differing;
    }
}

void KERNEL(add_row_i16)(size_t count, int32_t factor, const int16_t *row, int32_t *fields) {
    for (size_t i = 0; i < count; i++)
        fields[i] += factor * row[i];
}

void KERNEL(add_row_f64)(size_t count, double factor, const double *row, double *fields) {
    for (size_t i = 0; i < count; i++)
        fields[i] += factor * row[i];
}
