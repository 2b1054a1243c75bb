#include "core/associative/engine.h"

#include "core/associative/walker.h"

/* Couplings of more than that are not made: a machine of 24 GiB holds them with the rest. */
static const double ENGINE_COUPLINGS_MAX = 16e9;

/* Near the transition: part of the neurons that flip in a retrieval, and sweeps until none does. */
static const double PART_FLIPPED = 0.05, SWEEPS = 15;

/* What one thing takes in units of 0.02 nanoseconds of a core, measured with hopfield_bench: an entry of a
 * row added and compared, a flip besides, 64 bits compared and counted, a coupling written, one pattern of a
 * table of first fields. */
static const double ENTRY = 2, FLIP = 3500, WORD_OF_BITS = 4.5, COUPLING = 12, TABLE_PATTERN = 0.16;

/* The same for walks: an overlap added under a mask, a neuron found in the order and looked at, a flip for
 * each pattern; and the first two where halves of overlaps do not fit 16 bits. */
static const double MASKED_HALF = 0.5, LOOK = 550, STEP = 5, MASKED_OVERLAP = 2.2, LOOK_WIDE = 1830;

bool engine_couplings_fit(size_t neurons, size_t patterns) {
    return patterns <= INT16_MAX && neurons <= (size_t)INT32_MAX / patterns;
}

static double coupling_operations(const struct learning_rule *rule, double neurons, double patterns,
                                  double trials) {
    double learning = rule->first_fields ? neurons * neurons / 2 * (patterns / 64 * WORD_OF_BITS + COUPLING)
                                         : rule->operations((size_t)neurons, (size_t)patterns);
    double first = rule->first_fields ? neurons * patterns * (TABLE_PATTERN + 2 * WORD_OF_BITS / 64)
                                      : neurons * neurons * ENTRY;
    return learning + trials * (first + PART_FLIPPED * neurons * (neurons * ENTRY + FLIP));
}

static double look(double neurons, double patterns) {
    if (walker_fits((size_t)neurons)) return LOOK + patterns * MASKED_HALF;
    return LOOK_WIDE + patterns * MASKED_OVERLAP;
}

static double pattern_operations(double neurons, double patterns, double trials) {
    double looks = neurons * SWEEPS, overlaps = 2 * neurons * patterns / 64 * WORD_OF_BITS;
    return trials * (overlaps + looks * look(neurons, patterns) + PART_FLIPPED * neurons * patterns * STEP);
}

double engine_operations(const struct learning_rule *rule, enum hopfield_engine engine, size_t neurons,
                         size_t patterns, size_t trials) {
    return engine == HOPFIELD_COUPLINGS
               ? coupling_operations(rule, (double)neurons, (double)patterns, (double)trials)
               : pattern_operations((double)neurons, (double)patterns, (double)trials);
}

size_t engine_flips_worth_walk(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    double saved = n * ENTRY + FLIP - p * STEP;
    return saved > 0 ? (size_t)(n * look(n, p) / saved) + 1 : SIZE_MAX;
}

enum hopfield_engine engine_choose(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                   size_t trials) {
    if (!rule->first_fields) return HOPFIELD_COUPLINGS;
    if (!engine_couplings_fit(neurons, patterns)) return HOPFIELD_PATTERNS;
    if (rule->bytes(neurons, patterns) > ENGINE_COUPLINGS_MAX) return HOPFIELD_PATTERNS;
    double with = engine_operations(rule, HOPFIELD_COUPLINGS, neurons, patterns, trials);
    double without = engine_operations(rule, HOPFIELD_PATTERNS, neurons, patterns, trials);
    return without < with ? HOPFIELD_PATTERNS : HOPFIELD_COUPLINGS;
}
