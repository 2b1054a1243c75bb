#include "core/associative/dilution.h"
#include "core/kernels/kernels.h"

#include <math.h>

enum { TILE = 64 };

/* Probabilities are compared in 32 bits: 0 never, 2^32 always. */
struct limits {
    uint64_t apart, kept;
};

static struct limits limits_of(const struct dilution *dilution) {
    return (struct limits){(uint64_t)llround(dilution->asymmetry * 0x1p32),
                           (uint64_t)llround(dilution->kept * 0x1p32)};
}

static bool are_probabilities(const struct dilution *dilution) {
    return dilution->kept >= 0 && dilution->kept <= 1 && dilution->asymmetry >= 0 && dilution->asymmetry <= 1;
}

/* Cuts what is not kept between neuron `row` and neurons first .. last - 1, which come after it. A pair has
 * two words: whether it is decided apart and row -> column, column -> row. */
static void cut_pairs(const struct dilution *dilution, struct limits limits, size_t row, size_t first,
                      size_t last, struct couplings *couplings) {
    uint64_t words[2 * TILE];
    kernels()->random_fill_bits(random_source(dilution->key, RANDOM_DILUTION, (uint32_t)row), 2 * first,
                                2 * (last - first), words);
    for (size_t column = first; column < last; column++) {
        const uint64_t *pair = words + 2 * (column - first);
        bool apart = (pair[0] >> 32) < limits.apart;
        bool forward = (uint32_t)pair[0] < limits.kept;
        bool backward = apart ? (uint32_t)pair[1] < limits.kept : forward;
        if (!forward) couplings->integers[row * couplings->stride + column] = 0;
        if (!backward) couplings->integers[column * couplings->stride + row] = 0;
    }
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* A tile and its mirror image: both stay in the cache. */
static void cut_tile(const struct dilution *dilution, size_t first_row, size_t first_column,
                     struct couplings *couplings) {
    struct limits limits = limits_of(dilution);
    size_t last_row = least(first_row + TILE, couplings->neurons);
    size_t last_column = least(first_column + TILE, couplings->neurons);
    for (size_t row = first_row; row < last_row; row++) {
        size_t first = first_column > row ? first_column : row + 1;
        if (first < last_column) cut_pairs(dilution, limits, row, first, last_column, couplings);
    }
}

enum status couplings_dilute(const struct couplings *couplings, const struct dilution *dilution,
                             struct couplings **diluted) {
    *diluted = NULL;
    if (!are_probabilities(dilution)) return STATUS_INVALID;
    CHECK(couplings_widen(couplings, diluted));
#pragma omp parallel for schedule(dynamic)
    for (size_t row = 0; row < couplings->neurons; row += TILE)
        for (size_t column = row; column < couplings->neurons; column += TILE)
            cut_tile(dilution, row, column, *diluted);
    return STATUS_OK;
}

/* Whether couplings that were symmetric before still are. */
static bool stays_symmetric(const struct dilution *dilution) {
    return dilution->asymmetry == 0 || dilution->kept == 0 || dilution->kept == 1;
}

static enum status dilute_learned(const struct couplings *learned, const struct dilution *dilution,
                                  struct couplings **diluted, struct error *error) {
    enum status status = couplings_dilute(learned, dilution, diluted);
    if (status == STATUS_INVALID)
        return error_set(error, status, "dilution: kept and asymmetry lie in 0 ... 1");
    if (status == STATUS_UNSUPPORTED)
        return error_set(error, status, "dilution: needs 16-bit integer couplings");
    if (status == STATUS_OK) return STATUS_OK;
    return error_set(error, status, "no memory for the couplings of %zu neurons", learned->neurons);
}

enum status hopfield_create_diluted(const struct learning_rule *rule, const struct patterns *patterns,
                                    const struct dilution *dilution, struct hopfield **network,
                                    struct error *error) {
    struct couplings *learned, *diluted;
    *network = NULL;
    CHECK(rule->check(patterns->neurons, patterns->count, error));
    if (rule->first_fields && !engine_couplings_fit(patterns->neurons, patterns->count))
        return error_set(error, STATUS_UNSUPPORTED, "couplings of %zu neurons and %zu patterns may overflow",
                         patterns->neurons, patterns->count);
    CHECK(rule->learn(patterns, &learned, error));
    enum status status = dilute_learned(learned, dilution, &diluted, error);
    couplings_destroy(&learned);
    if (status != STATUS_OK) return status;
    bool symmetric = rule->symmetric && stays_symmetric(dilution);
    status = hopfield_create_couplings(patterns, &diluted, symmetric, network, error);
    couplings_destroy(&diluted);
    return status;
}

double hopfield_diluted_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns,
                              size_t trials) {
    return rule->bytes(neurons, patterns) +
           hopfield_given_bytes(COUPLINGS_INTEGER, neurons, patterns, trials);
}

double hopfield_diluted_operations(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                   size_t trials) {
    double decisions = 2 * (double)neurons * (double)neurons;
    return decisions + engine_operations(rule, HOPFIELD_COUPLINGS, neurons, patterns, trials);
}
