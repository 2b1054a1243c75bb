/* Counter-based random numbers (Philox 4x32-10; Salmon et al., SC11): every number is a pure function of
 * (key, stream, part, index), so that no result depends on who draws it or in which order. */
#ifndef CORE_BASE_RANDOM_H
#define CORE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What the numbers are for. Streams of one key are independent of each other. */
enum random_stream {
    RANDOM_PATTERNS,
    RANDOM_START,
    RANDOM_ORDER,
    RANDOM_CHOICE,
    RANDOM_QUERIES,
    RANDOM_KEYS,
    RANDOM_VALUES,
    RANDOM_INPUTS,
    RANDOM_WEIGHTS,
    RANDOM_NOISE,
    RANDOM_BOOTSTRAP,
    RANDOM_DILUTION
};

/* A sequence of random numbers, addressed by index. `part` tells apart the trials, layers or sweeps that
 * share a stream. A plain value: copy it freely. */
struct random_source {
    uint64_t key;
    uint32_t stream;
    uint32_t part;
};

struct random_source random_source(uint64_t key, enum random_stream stream, uint32_t part);

/* 64 random bits at `index`. */
uint64_t random_bits(struct random_source source, uint64_t index);

/* A real in the open interval (0, 1) at `index`. */
double random_uniform(struct random_source source, uint64_t index);

/* Random bits as an integer in [0, bound), bound >= 1; the bias is below bound / 2^64. */
uint64_t random_bits_below(uint64_t bits, uint64_t bound);

/* That of the bits at `index`. */
uint64_t random_below(struct random_source source, uint64_t index, uint64_t bound);

/* The words first .. first + count - 1 of the sequence of random_bits into out[count]. */
void random_fill_bits(struct random_source source, uint64_t first, size_t count, uint64_t *out);

/* Standard normal deviates first .. first + count - 1 into out[count] (Box-Muller; deviate i depends on i
 * alone). Uses OpenMP threads; the result does not depend on their number. */
void random_fill_normal_f32(struct random_source source, uint64_t first, size_t count, float *out);
void random_fill_normal_f64(struct random_source source, uint64_t first, size_t count, double *out);

#endif
