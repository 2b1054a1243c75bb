/* One neuron's perceptron over overlaps of patterns: what it learns is how often each pattern was taught, and
 * teaching one changes the fields of all by a row of overlaps. The cost follows the lessons, not the epochs,
 * and all numbers are integers. */
#ifndef CORE_ASSOCIATIVE_PERCEPTRON_H
#define CORE_ASSOCIATIVE_PERCEPTRON_H

#include <stdbool.h>

#include "core/associative/patterns.h"

/* The overlaps of all pairs of patterns, for all neurons: exact in 16 bits for so many. */
enum { PERCEPTRON_NEURONS_MAX = INT16_MAX };

struct pattern_overlaps {
    size_t count, stride;
    int16_t *entries; /* [count][stride]: sum over all neurons of xi xi', padding 0 */
};

/* Uses OpenMP threads. STATUS_NO_MEMORY: *overlaps is empty then. */
enum status pattern_overlaps_compute(const struct patterns *patterns, struct pattern_overlaps *overlaps);
void pattern_overlaps_clear(struct pattern_overlaps *overlaps);

/* Memory for one neuron at a time. */
struct perceptron {
    int32_t *fields; /* [stride]: N h of each pattern, the self-coupling included */
    int32_t *taught; /* [stride]: lessons times the pattern's spin of the neuron */
    int8_t *wanted;  /* [stride]: those spins */
    int64_t lessons; /* their sum: N times the self-coupling, which is not to count */
    int64_t squares; /* sum of the squares of N J, the self-coupling included */
    int64_t adds;    /* operations so far: of 16-bit rows an addition and a product each, of looks one */
};

enum status perceptron_create(const struct pattern_overlaps *overlaps, struct perceptron *perceptron);
void perceptron_clear(struct perceptron *perceptron);

/* Starts from Hebb's couplings (each pattern taught once) and goes round the patterns, teaching once more
 * each that is not stable, xi h > 0 and xi h >= stability * sqrt(sum of squares of J), until a round teaches
 * none, `epochs` rounds are over or a field might not fit 32 bits. Returns whether all are stable. */
bool perceptron_learn(const struct patterns *patterns, const struct pattern_overlaps *overlaps, size_t neuron,
                      double stability, size_t epochs, struct perceptron *perceptron);

#endif
