/* Perceptron learning with symmetric couplings: N J_ij += (e_i + e_j) xi_i xi_j, e_i = 1 where a pattern is
 * not stable at neuron i, xi_i h_i <= 0, and 0 elsewhere (Gardner 1988, after the local rules of Diederich &
 * Opper 1987): what neuron i needs, both directions learn. All patterns of a round are looked at before any
 * is taught, so that a round is two matrix products. They hold integers below 2^24 in float32, which makes
 * them exact, whatever the order of their sums. Starts from Hebb's couplings; stability above 0. */
#include <cblas.h>
#include <math.h>

#include "core/associative/rule.h"
#include "core/base/blas.h"
#include "core/base/memory.h"

/* Rounds over all patterns; what is not learned in as many is counted as not learned. */
enum { EPOCHS = 2000 };

static const double EXACT_MAX = 0x1p24, ROUNDS_GUESSED = 30;

static enum status check(size_t neurons, size_t patterns, struct error *error) {
    if (neurons > INT16_MAX || (double)neurons * (double)patterns > EXACT_MAX)
        return error_set(error, STATUS_UNSUPPORTED,
                         "perceptron_symmetric: %zu neurons and %zu patterns: fields in float32 would not be "
                         "exact",
                         neurons, patterns);
    return STATUS_OK;
}

static double round_operations(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return 4 * n * n * p + n * p + 2 * n * n;
}

static double operations(size_t neurons, size_t patterns) {
    return ROUNDS_GUESSED * round_operations(neurons, patterns);
}

static double bytes(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return couplings_bytes(COUPLINGS_INTEGER, neurons) + 4 * (3 * n * n + 2 * n * p);
}

/* Matrices by rows. */
struct workspace {
    size_t neurons, count;
    float *spins;   /* [count][neurons] */
    float *lessons; /* [count][neurons]: fields, then the spins where they are unstable, else 0 */
    float *entries; /* [neurons][neurons]: N J_ij */
    float *added;   /* [neurons][neurons] */
};

static void workspace_clear(struct workspace *space) {
    memory_free(space->spins);
    memory_free(space->lessons);
    memory_free(space->entries);
    memory_free(space->added);
}

static enum status workspace_fill(const struct patterns *patterns, struct workspace *space) {
    size_t neurons = patterns->neurons, count = patterns->count;
    *space = (struct workspace){
        .neurons = neurons,
        .count = count,
        .spins = memory_allocate(count, neurons * sizeof(float)),
        .lessons = memory_allocate(count, neurons * sizeof(float)),
        .entries = memory_allocate(neurons, neurons * sizeof(float)),
        .added = memory_allocate(neurons, neurons * sizeof(float)),
    };
    if (!space->spins || !space->lessons || !space->entries || !space->added) return STATUS_NO_MEMORY;
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < neurons; i++)
            space->spins[p * neurons + i] =
                patterns->by_pattern[p * patterns->words_per_pattern + i / 64] >> i % 64 & 1 ? 1 : -1;
    return STATUS_OK;
}

/* c[rows][neurons] = a b, or a transposed times b. */
static void multiply(enum CBLAS_TRANSPOSE transpose, size_t rows, size_t inner, size_t neurons,
                     const float *a, const float *b, float *c) {
    size_t stride = transpose == CblasTrans ? rows : inner;
    cblas_sgemm(CblasRowMajor, transpose, CblasNoTrans, (blasint)rows, (blasint)neurons, (blasint)inner, 1, a,
                (blasint)stride, b, (blasint)neurons, 0, c, (blasint)neurons);
}

/* Teaches what `lessons` says; returns the largest sum of magnitudes of a row, which bounds all fields. */
static double teach(struct workspace *space) {
    size_t neurons = space->neurons;
    multiply(CblasTrans, neurons, space->count, neurons, space->lessons, space->spins, space->added);
    double largest = 0;
#pragma omp parallel for reduction(max : largest) schedule(static)
    for (size_t i = 0; i < neurons; i++) {
        double sum = 0;
        for (size_t j = 0; j < neurons; j++) {
            float added = space->added[i * neurons + j] + space->added[j * neurons + i];
            if (i != j) space->entries[i * neurons + j] += added;
            sum += fabs(space->entries[i * neurons + j]);
        }
        if (sum > largest) largest = sum;
    }
    return largest;
}

/* Fields of all patterns, and what is to be taught; returns the neurons that are unstable in some. */
static size_t examine(struct workspace *space, bool *unstable) {
    size_t neurons = space->neurons, total = 0;
    multiply(CblasNoTrans, space->count, neurons, neurons, space->spins, space->entries, space->lessons);
    for (size_t i = 0; i < neurons; i++)
        unstable[i] = false;
    for (size_t p = 0; p < space->count; p++)
        for (size_t i = 0; i < neurons; i++) {
            size_t place = p * neurons + i;
            bool wrong = space->lessons[place] * space->spins[place] <= 0;
            space->lessons[place] = wrong ? space->spins[place] : 0;
            unstable[i] |= wrong;
        }
    for (size_t i = 0; i < neurons; i++)
        total += unstable[i];
    return total;
}

/* Rounds until all is stable; returns the neurons that are not, and counts the rounds. */
static size_t learn_rounds(struct workspace *space, bool *unstable, size_t *rounds) {
    /* Hebb's couplings: every pattern is taught at every neuron, by halves since both directions learn. */
    for (size_t place = 0; place < space->count * space->neurons; place++)
        space->lessons[place] = space->spins[place] / 2;
    double bound = teach(space), step = 2.0 * (double)space->count * (double)space->neurons;
    size_t wrong = examine(space, unstable);
    for (*rounds = 1; wrong > 0 && *rounds < EPOCHS && bound + step < EXACT_MAX; ++*rounds) {
        bound = teach(space);
        wrong = examine(space, unstable);
    }
    return wrong;
}

static enum status write_couplings(const struct workspace *space, struct couplings **couplings) {
    int32_t *entries = memory_allocate(space->neurons, space->neurons * sizeof *entries);
    if (!entries) return STATUS_NO_MEMORY;
    for (size_t place = 0; place < space->neurons * space->neurons; place++)
        entries[place] = (int32_t)space->entries[place];
    enum status status = couplings_of_integers(space->neurons, space->neurons, entries, couplings);
    memory_free(entries);
    return status;
}

static enum status learn(const struct patterns *patterns, struct couplings **couplings, struct error *error) {
    *couplings = NULL;
    struct workspace space = {0};
    bool *unstable = memory_allocate(patterns->neurons, sizeof *unstable);
    enum status status = unstable ? workspace_fill(patterns, &space) : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        int threads = blas_set_threads(1);
        size_t rounds, wrong = learn_rounds(&space, unstable, &rounds);
        blas_set_threads(threads);
        status = write_couplings(&space, couplings);
        if (status == STATUS_OK) {
            (*couplings)->operations = (double)rounds * round_operations(patterns->neurons, patterns->count);
            (*couplings)->unlearned = wrong;
        }
    }
    if (status != STATUS_OK)
        error_set(error, status, "perceptron_symmetric: no memory for %zu neurons and %zu patterns",
                  patterns->neurons, patterns->count);
    workspace_clear(&space);
    memory_free(unstable);
    return status;
}

const struct learning_rule rule_perceptron_symmetric = {
    .name = "perceptron_symmetric",
    .summary = "perceptron whose lessons both directions learn, from Hebb's couplings (Gardner 1988)",
    .kind = COUPLINGS_INTEGER,
    .symmetric = true,
    .check = check,
    .operations = operations,
    .bytes = bytes,
    .learn = learn,
};
