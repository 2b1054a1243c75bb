/* What networks and retrievals take: memory, operations, and the words for how they are computed. */
#include "core/associative/batch_fields.h"
#include "core/associative/heat_bath.h"
#include "core/associative/hebb_couplings.h"
#include "core/associative/hopfield.h"
#include "core/associative/rank_buckets.h"
#include "core/associative/thermal.h"
#include "core/associative/walker.h"
#include "core/kernels/hopfield_row.h"

/* Memory per thread is counted for at most so many: a plan does not know the machine it is for. */
enum { THREADS_COUNTED = 128 };

static double threads_counted(size_t trials) {
    size_t batches = (trials + HOPFIELD_BATCH_LEAST - 1) / HOPFIELD_BATCH_LEAST;
    return (double)(batches < THREADS_COUNTED ? batches : THREADS_COUNTED);
}

static double bytes_of_couplings(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                 double threads) {
    double shared = rule->bytes(neurons, patterns), per_thread = state_bytes(rule->kind, neurons);
    if (rule->kind == COUPLINGS_HALF) {
        per_thread += batch_fields_bytes(neurons, patterns);
        shared += packed_patterns_bytes(neurons, patterns);
    }
    return shared + threads * per_thread;
}

/* A state holds as many entries as there are overlaps or neurons. */
static double bytes_of_patterns(size_t neurons, size_t patterns, double threads) {
    return threads * state_bytes(COUPLINGS_PATTERN, patterns > neurons ? patterns + 64 : neurons);
}

static double bytes_of(const struct learning_rule *rule, enum hopfield_engine engine, size_t neurons,
                       size_t patterns, size_t trials) {
    double n = (double)neurons, threads = threads_counted(trials);
    double per_thread = n * (2 * sizeof(uint32_t) + sizeof(uint64_t) + sizeof(struct hopfield_unstable)) +
                        rank_buckets_bytes(neurons);
    if (rule->first_fields) per_thread += 256.0 / 8 * sizeof(int32_t) * (double)(patterns + 64) + 4.125 * n;
    if (rule->first_fields && walker_fits(neurons)) per_thread += walker_bytes(neurons, patterns);
    double network = engine == HOPFIELD_PATTERNS ? bytes_of_patterns(neurons, patterns, threads)
                                                 : bytes_of_couplings(rule, neurons, patterns, threads);
    return patterns_bytes(neurons, patterns) + network + (double)trials * n + threads * per_thread;
}

double hopfield_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns, size_t trials) {
    return bytes_of(rule, engine_choose(rule, neurons, patterns, trials), neurons, patterns, trials);
}

double hopfield_operations(const struct learning_rule *rule, size_t neurons, size_t patterns, size_t trials) {
    enum hopfield_engine engine = engine_choose(rule, neurons, patterns, trials);
    return engine_operations(rule, engine, neurons, patterns, trials);
}

/* References, which are spins too, come on top. */
double hopfield_glauber_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns,
                              size_t trials, double temperature) {
    enum hopfield_engine engine = engine_choose(rule, neurons, patterns, HOPFIELD_MANY_TRIALS);
    return bytes_of(rule, engine, neurons, patterns, trials) + (double)trials * (double)neurons +
           heat_bath_bytes(temperature, neurons) + threads_counted(trials) * thermal_bytes(neurons);
}

/* A quarter of the neurons turn in a sweep, from none in the cold to a half in the heat; those that only
 * have their turn cost some forty operations, most of them for random numbers. */
double hopfield_glauber_operations(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                   size_t trials, size_t sweeps) {
    double n = (double)neurons;
    return rule->operations(neurons, patterns) + (double)trials * (double)sweeps * n * (n / 4 + 40);
}

const char *hopfield_engine_name(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                 size_t trials) {
    if (engine_choose(rule, neurons, patterns, trials) == HOPFIELD_PATTERNS) return "patterns";
    if (rule->kind == COUPLINGS_REAL) return "couplings in float64";
    if (rule->kind == COUPLINGS_INTEGER) return "couplings in 16 bits";
    return hebb_couplings_kind(patterns) == COUPLINGS_HALF ? "couplings in 8 bits" : "couplings in 16 bits";
}
