#include "core/associative/spin_bits.h"

enum { WORD_BITS = 64, GROUP = 8 };

/* +1 and -1 differ in all bits above the lowest; the product gathers the lowest bits of eight bytes, byte b
 * to bit 56 + b. */
static uint64_t pack_group(const int8_t *spins) {
    uint64_t bytes = 0;
    for (unsigned b = 0; b < GROUP; b++)
        bytes |= (uint64_t)(uint8_t)spins[b] << GROUP * b;
    return (~(bytes >> 1) & 0x0101010101010101U) * 0x0102040810204080U >> 56;
}

void spin_bits_pack(size_t neurons, const int8_t *spins, uint64_t *bits) {
    for (size_t first = 0; first < neurons; first += WORD_BITS) {
        size_t count = neurons - first < WORD_BITS ? neurons - first : WORD_BITS, i = 0;
        uint64_t word = 0;
        for (; i + GROUP <= count; i += GROUP)
            word |= pack_group(spins + first + i) << i;
        for (; i < count; i++)
            word |= (uint64_t)(spins[first + i] > 0) << i;
        bits[first / WORD_BITS] = word;
    }
}

/* Byte b keeps bit b of eight copies; adding 127 carries into the top bit where that is not 0. */
static void unpack_group(uint64_t bits, int8_t *spins) {
    uint64_t chosen = (bits & 0xff) * 0x0101010101010101U & 0x8040201008040201U;
    uint64_t ones = (chosen + 0x7f7f7f7f7f7f7f7fU) >> 7 & 0x0101010101010101U;
    uint64_t bytes = ~(uint64_t)0 - ones * 0xfe;
    for (unsigned b = 0; b < GROUP; b++)
        spins[b] = (int8_t)(uint8_t)(bytes >> GROUP * b);
}

void spin_bits_unpack(size_t neurons, const uint64_t *bits, int8_t *spins) {
    size_t i = 0;
    for (; i + GROUP <= neurons; i += GROUP)
        unpack_group(bits[i / WORD_BITS] >> i % WORD_BITS, spins + i);
    for (; i < neurons; i++)
        spins[i] = bits[i / WORD_BITS] >> i % WORD_BITS & 1 ? 1 : -1;
}
