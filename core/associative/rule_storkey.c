/* Storkey's rule (1997): patterns one after another,
 *
 *     J_ij += (1/N) (xi_i xi_j - xi_i h_ji - h_ij xi_j),   h_ij = sum over k other than i and j of J_ik xi_k.
 *
 * Without a diagonal h_ij = h_i - J_ij xi_j, and J is symmetric, so that what is added to N J_ij is
 * xi_i xi_j - (xi_i h_j + h_i xi_j) + 2 J_ij: one pass over the matrix per pattern, in which the fields of
 * the next pattern are computed too. */
#include "core/associative/rule.h"
#include "core/base/memory.h"

enum { LANES = 8 }; /* divides the stride of real couplings */

static enum status check(size_t neurons, size_t patterns, struct error *error) {
    (void)neurons, (void)patterns, (void)error;
    return STATUS_OK;
}

/* Per entry: the two products of fields, one with the entry, three sums; a product and a sum for the next
 * field. */
static double operations(size_t neurons, size_t patterns) {
    return 8.0 * (double)neurons * (double)neurons * (double)patterns;
}

static double bytes(size_t neurons, size_t patterns) {
    (void)patterns;
    return couplings_bytes(COUPLINGS_REAL, neurons) +
           4 * (double)sizeof(double) * (double)couplings_stride(COUPLINGS_REAL, neurons);
}

/* Spins as real numbers and their fields h_i, of the pattern that is learned and of the next; zero in the
 * padding. */
struct workspace {
    double *pattern, *next, *fields, *next_fields; /* [stride] */
};

static void load(const struct patterns *patterns, size_t index, double *spins) {
    const uint64_t *row = patterns->by_pattern + index * patterns->words_per_pattern;
    for (size_t i = 0; i < patterns->neurons; i++)
        spins[i] = row[i / 64] >> i % 64 & 1 ? 1 : -1;
}

/* In lanes, so that every compiler adds in the same order. */
static double dot(size_t count, const double *a, const double *b) {
    double lanes[LANES] = {0};
    for (size_t block = 0; block < count; block += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += a[block + lane] * b[block + lane];
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/* Both products with the field are exact and added first, so that the matrix stays symmetric to the bit. */
static void learn_row(const struct workspace *space, size_t i, size_t neurons, size_t stride, double *row) {
    double spin = space->pattern[i], field = space->fields[i], grow = 1 + 2 / (double)neurons;
    const double *restrict spins = space->pattern, *restrict fields = space->fields;
    for (size_t j = 0; j < stride; j++)
        row[j] = grow * row[j] + (spin * spins[j] - (spin * fields[j] + field * spins[j]));
    row[i] = 0;
    space->next_fields[i] = dot(stride, row, space->next) / (double)neurons;
}

static void learn_all(const struct patterns *patterns, struct workspace *space, struct couplings *couplings) {
    size_t neurons = patterns->neurons, stride = couplings->stride;
    load(patterns, 0, space->pattern);
    for (size_t p = 0; p < patterns->count; p++) {
        load(patterns, p + 1 < patterns->count ? p + 1 : p, space->next);
#pragma omp parallel for schedule(static)
        for (size_t i = 0; i < neurons; i++)
            learn_row(space, i, neurons, stride, couplings->reals + i * stride);
        struct workspace now = *space;
        *space = (struct workspace){now.next, now.pattern, now.next_fields, now.fields};
    }
}

static enum status learn(const struct patterns *patterns, struct couplings **couplings, struct error *error) {
    *couplings = NULL;
    size_t stride = couplings_stride(COUPLINGS_REAL, patterns->neurons);
    double *memory = memory_allocate(stride, 4 * sizeof *memory);
    struct workspace space = {memory, memory + stride, memory + 2 * stride, memory + 3 * stride};
    enum status status =
        memory ? couplings_create(COUPLINGS_REAL, patterns->neurons, couplings) : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        learn_all(patterns, &space, *couplings);
        couplings_complete_symmetric(*couplings);
    } else {
        error_set(error, status, "storkey: no memory for %zu neurons", patterns->neurons);
    }
    memory_free(memory);
    return status;
}

const struct learning_rule rule_storkey = {
    .name = "storkey",
    .summary = "Hebb's rule without what the fields hold already, pattern by pattern (Storkey 1997)",
    .kind = COUPLINGS_REAL,
    .symmetric = true,
    .ordered = true,
    .check = check,
    .operations = operations,
    .bytes = bytes,
    .learn = learn,
};
