/* Sums and updates over all patterns of a network of higher order: 16 patterns at a time, their bits chosen
 * from a word. */
#include <string.h>

#include "core/kernels/isa.h"
#include "core/kernels/lanes.h"

/* The values of one chunk of a word where its bits are set, added to the sum. */
static inline void add_where(lanes_u32 *sum, uint64_t bits, const int32_t *values) {
    lanes_u32 value;
    lanes_load(&value, values);
    lanes_add_where(sum, bits, &value);
}

int64_t KERNEL(sum_where_i32)(size_t words, const uint64_t *bits, size_t run, const int32_t *values) {
    int64_t sum = 0;
    for (size_t first = 0; first < words; first += run) {
        size_t end = words - first < run ? words : first + run;
        lanes_u32 sums[CHUNKS] = {{0}};
        for (size_t word = first; word < end; word++) {
            const int32_t *at = values + word * WORD_BITS;
            add_where(&sums[0], bits[word], at);
            add_where(&sums[1], bits[word] >> LANES, at + LANES);
            add_where(&sums[2], bits[word] >> 2 * LANES, at + 2 * LANES);
            add_where(&sums[3], bits[word] >> 3 * LANES, at + 3 * LANES);
        }
        for (int chunk = 0; chunk < CHUNKS; chunk++)
            sum += lanes_total(&sums[chunk]);
    }
    return sum;
}

void KERNEL(cubic_i32)(size_t count, const int32_t coefficients[4], const int32_t *in, int32_t *out) {
    uint32_t c0 = (uint32_t)coefficients[0], c1 = (uint32_t)coefficients[1];
    uint32_t c2 = (uint32_t)coefficients[2], c3 = (uint32_t)coefficients[3];
    for (size_t i = 0; i < count; i++) {
        uint32_t x = (uint32_t)in[i];
        out[i] = (int32_t)(((c3 * x + c2) * x + c1) * x + c0);
    }
}

void KERNEL(step_where_i32)(size_t words, const uint64_t *bits, int32_t step, int32_t *values) {
    for (size_t word = 0; word < words; word++) {
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            int32_t *at = values + word * WORD_BITS + chunk * LANES;
            lanes_u32 picked = LANE_BIT & (uint32_t)(bits[word] >> chunk * LANES), value;
            lanes_load(&value, at);
            value += 2 * (uint32_t)step & (lanes_u32)(picked == LANE_BIT);
            value -= (uint32_t)step;
            memcpy(at, &value, sizeof value);
        }
    }
}
