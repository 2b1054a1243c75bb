#include "core/base/random.h"

#include <math.h>

#include <Random123/philox.h>

/* Smallest array that is worth waking threads for. */
enum { PARALLEL_MINIMUM = 1 << 14 };

static const double TWO_PI = 6.283185307179586476925286766559;

struct random_source random_source(uint64_t key, enum random_stream stream, uint32_t part) {
    return (struct random_source){.key = key, .stream = stream, .part = part};
}

/* Both 64-bit words of the counter `block`. */
static void random_block(struct random_source source, uint64_t block, uint64_t words[2]) {
    philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32), source.part, source.stream}};
    philox4x32_key_t key = {{(uint32_t)source.key, (uint32_t)(source.key >> 32)}};
    philox4x32_ctr_t out = philox4x32(counter, key);
    words[0] = (uint64_t)out.v[1] << 32 | out.v[0];
    words[1] = (uint64_t)out.v[3] << 32 | out.v[2];
}

uint64_t random_bits(struct random_source source, uint64_t index) {
    uint64_t words[2];
    random_block(source, index / 2, words);
    return words[index % 2];
}

/* The upper 53 bits, moved to the middle of their interval so that neither 0 nor 1 can occur. */
static double open_unit(uint64_t bits) {
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

double random_uniform(struct random_source source, uint64_t index) {
    return open_unit(random_bits(source, index));
}

uint64_t random_bits_below(uint64_t bits, uint64_t bound) {
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)bits * bound >> 64);
}

uint64_t random_below(struct random_source source, uint64_t index, uint64_t bound) {
    return random_bits_below(random_bits(source, index), bound);
}

void random_fill_bits(struct random_source source, uint64_t first, size_t count, uint64_t *out) {
    size_t i = 0;
    if (count > 0 && first % 2 == 1) out[i++] = random_bits(source, first);
    for (; i + 2 <= count; i += 2)
        random_block(source, (first + i) / 2, out + i);
    if (i < count) out[i] = random_bits(source, first + i);
}

/* Box-Muller: deviates 2b and 2b + 1 from the two words of counter b. */
static void normal_pair(struct random_source source, uint64_t block, double pair[2]) {
    uint64_t words[2];
    random_block(source, block, words);
    double radius = sqrt(-2.0 * log(open_unit(words[0])));
    double angle = TWO_PI * open_unit(words[1]);
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

/* The same in single precision: 24 bits are all a float32 can show, and float functions are much faster. */
static void normal_pair_f32(struct random_source source, uint64_t block, float pair[2]) {
    uint64_t words[2];
    random_block(source, block, words);
    float radius = sqrtf(-2.0F * logf((float)(words[0] >> 41) * 0x1p-23F + 0x1p-24F));
    float angle = (float)TWO_PI * ((float)(words[1] >> 40) * 0x1p-24F);
    pair[0] = radius * cosf(angle);
    pair[1] = radius * sinf(angle);
}

/* Both precisions walk the pairs that the range touches and keep the members inside it. */
#define DEFINE_FILL_NORMAL(function, real, draw_pair)                                                        \
    void function(struct random_source source, uint64_t first, size_t count, real *out) {                    \
        if (count == 0) return;                                                                              \
        uint64_t block_first = first / 2, block_last = (first + count - 1) / 2;                              \
        _Pragma("omp parallel for if (count >= PARALLEL_MINIMUM) schedule(static)") for (uint64_t block =    \
                                                                                             block_first;    \
                                                                                         block <=            \
                                                                                         block_last;         \
                                                                                         block++) {          \
            real pair[2];                                                                                    \
            draw_pair(source, block, pair);                                                                  \
            if (2 * block >= first) out[2 * block - first] = pair[0];                                        \
            if (2 * block + 1 < first + count) out[2 * block + 1 - first] = pair[1];                         \
        }                                                                                                    \
    }

DEFINE_FILL_NORMAL(random_fill_normal_f32, float, normal_pair_f32)
DEFINE_FILL_NORMAL(random_fill_normal_f64, double, normal_pair)
