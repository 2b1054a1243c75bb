/* Sums and updates over all patterns of a network of higher order, chosen by the bits of words. */
#include "core/kernels/isa.h"
#include "core/kernels/lanes.h"

/* Each chunk has a sum of its own, to which a word adds one value a lane. */
int64_t KERNEL(sum_where_i32)(size_t words, const uint64_t *bits, size_t run, const int32_t *values) {
    int64_t sum = 0;
    for (size_t first = 0; first < words; first += run) {
        size_t end = words - first < run ? words : first + run;
        lanes_u32 sums[CHUNKS] = {{0}};
        for (size_t word = first; word < end; word++)
            VECTOR_UNROLL for (int chunk = 0; chunk < CHUNKS; chunk++) sums[chunk] = lanes_add_where(
                sums[chunk], bits + word, chunk, lanes_load(values + word * WORD_BITS + chunk * LANES));
        for (int chunk = 0; chunk < CHUNKS; chunk++)
            sum += lanes_total(sums[chunk]);
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
    const lanes_u32 once = lanes_set((uint32_t)step);
    for (size_t word = 0; word < words; word++)
        VECTOR_UNROLL for (int chunk = 0; chunk < CHUNKS; chunk++) {
            int32_t *at = values + word * WORD_BITS + chunk * LANES;
            lanes_store(at, lanes_add_where(lanes_load(at) - once, bits + word, chunk, 2 * once));
        }
}
