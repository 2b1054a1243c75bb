/* What networks and retrievals take: memory, operations, and the words for how they are computed. */
#include "core/associative/batch_fields.h"
#include "core/associative/heat_bath.h"
#include "core/associative/hebb_couplings.h"
#include "core/associative/hopfield.h"
#include "core/associative/rank_buckets.h"
#include "core/associative/thermal.h"
#include "core/associative/walker.h"
#include "core/base/memory.h"
#include "core/kernels/hopfield_row.h"

static double threads_counted(size_t trials) {
    size_t batches = (trials + HOPFIELD_BATCH_LEAST - 1) / HOPFIELD_BATCH_LEAST;
    return (double)(batches < MEMORY_THREADS_PLANNED ? batches : MEMORY_THREADS_PLANNED);
}

/* What a network and its retrievals take beside patterns and spins: once, and on each thread. */
struct network_bytes {
    double once, per_thread;
};

static struct network_bytes bytes_of_couplings(const struct learning_rule *rule, size_t neurons,
                                               size_t patterns) {
    struct network_bytes bytes = {rule->bytes(neurons, patterns), state_bytes(rule->kind, neurons)};
    if (rule->kind == COUPLINGS_HALF) {
        bytes.once += packed_patterns_bytes(neurons, patterns);
        bytes.per_thread += batch_fields_bytes(neurons, patterns);
    }
    if (!rule->first_fields) return bytes;
    bytes.per_thread +=
        (double)rule->first_fields_bytes(neurons, patterns) + (double)neurons * sizeof(int32_t);
    if (walker_fits(neurons)) bytes.per_thread += walker_bytes(neurons, patterns);
    return bytes;
}

/* A state holds as many entries as there are overlaps or neurons. */
static struct network_bytes bytes_of_patterns(const struct learning_rule *rule, size_t neurons,
                                              size_t patterns) {
    double state = state_bytes(COUPLINGS_PATTERN, patterns > neurons ? patterns + 64 : neurons);
    double scratch = (double)rule->alignment_bytes(neurons, patterns);
    return (struct network_bytes){.per_thread = state + scratch +
                                                (walker_fits(neurons) ? walker_bytes(neurons, patterns) : 0)};
}

/* Headers of some thirty arrays of a thread, and of as many of the network, and their last cache lines. */
static const double BYTES_AROUND_ARRAYS = 30 * 2 * MEMORY_ALIGNMENT;

static double bytes_of(struct network_bytes bytes, size_t neurons, size_t patterns, size_t trials) {
    double n = (double)neurons;
    bytes.per_thread += n * (2 * sizeof(uint32_t) + sizeof(uint64_t) + sizeof(struct hopfield_unstable)) +
                        rank_buckets_bytes(neurons) + BYTES_AROUND_ARRAYS;
    return patterns_bytes(neurons, patterns) + (double)trials * n + bytes.once + BYTES_AROUND_ARRAYS +
           threads_counted(trials) * bytes.per_thread;
}

static double bytes_with(enum hopfield_engine engine, const struct learning_rule *rule, size_t neurons,
                         size_t patterns, size_t trials) {
    struct network_bytes bytes =
        (engine == HOPFIELD_PATTERNS ? bytes_of_patterns : bytes_of_couplings)(rule, neurons, patterns);
    return bytes_of(bytes, neurons, patterns, trials);
}

double hopfield_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns, size_t trials) {
    return bytes_with(engine_choose(rule, neurons, patterns, trials), rule, neurons, patterns, trials);
}

double hopfield_operations(const struct learning_rule *rule, size_t neurons, size_t patterns, size_t trials) {
    enum hopfield_engine engine = engine_choose(rule, neurons, patterns, trials);
    return engine_operations(rule, engine, neurons, patterns, trials);
}

double hopfield_given_bytes(enum couplings_kind kind, size_t neurons, size_t patterns, size_t trials) {
    struct network_bytes bytes = {couplings_bytes(kind, neurons), state_bytes(kind, neurons)};
    return bytes_of(bytes, neurons, patterns, trials);
}

/* References, which are spins too, come on top. */
double hopfield_glauber_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns,
                              size_t trials, double temperature) {
    enum hopfield_engine engine = engine_choose(rule, neurons, patterns, HOPFIELD_MANY_TRIALS);
    return bytes_with(engine, rule, neurons, patterns, trials) + (double)trials * (double)neurons +
           heat_bath_bytes(temperature, neurons) + threads_counted(trials) * thermal_bytes(neurons);
}

/* A quarter of the neurons turn in a sweep, from none in the cold to a half in the heat; those that only
 * have their turn cost some forty operations, most of them for random numbers. A neuron that turns adds a row
 * to all fields or, from the patterns, changes all overlaps, which there each field is a sum of. */
double hopfield_glauber_operations(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                   size_t trials, size_t sweeps) {
    double n = (double)neurons, p = (double)patterns, turns = (double)trials * (double)sweeps * n;
    if (engine_choose(rule, neurons, patterns, HOPFIELD_MANY_TRIALS) == HOPFIELD_PATTERNS)
        return turns * (p + p / 4 + 40);
    return rule->operations(neurons, patterns) + turns * (n / 4 + 40);
}

const char *hopfield_engine_name(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                 size_t trials) {
    if (engine_choose(rule, neurons, patterns, trials) == HOPFIELD_PATTERNS) return "patterns";
    if (rule->kind == COUPLINGS_REAL) return "couplings in float64";
    if (rule->kind == COUPLINGS_INTEGER) return "couplings in 16 bits";
    return hebb_couplings_kind(patterns) == COUPLINGS_HALF ? "couplings in 8 bits" : "couplings in 16 bits";
}
