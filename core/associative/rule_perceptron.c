/* Perceptron learning with unconstrained couplings (Rosenblatt; Gardner 1988): each neuron learns by itself
 * to answer every pattern with its own spin, N J_ij += xi_i xi_j for each pattern whose stability xi_i sum_j
 * J_ij xi_j / sqrt(sum_j J_ij^2) is not above 0 or below kappa. Starts from Hebb's couplings, so that at low
 * load they are Hebb's. Two values of kappa: 0 reaches the capacity 2N, 1 pays for wider basins with a
 * capacity that Gardner puts at 0.52 N. Couplings are exact integers. */
#include "core/associative/perceptron.h"
#include "core/associative/rule.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"

/* Rounds over all patterns; what is not learned in as many is counted as not learned. Near the capacity they
 * matter a little: 100 neurons learn all in half of the cases up to load 1.60 in 2000 rounds, 1.62 in ten
 * times as many. A stability that cannot be had takes all rounds at every neuron. */
enum { EPOCHS = 5000, EPOCHS_STABLE = 1000, LINE_ENTRIES = MEMORY_ALIGNMENT / sizeof(int16_t) };

/* Typical of half the capacity: lessons of one pattern at one neuron, and rounds. */
static const double LESSONS_GUESSED = 5, ROUNDS_GUESSED = 20;

static enum status check(size_t neurons, size_t patterns, struct error *error) {
    if (neurons > PERCEPTRON_NEURONS_MAX || patterns > INT32_MAX / neurons)
        return error_set(error, STATUS_UNSUPPORTED,
                         "perceptron: %zu neurons and %zu patterns: overlaps have 16 bits, fields 32",
                         neurons, patterns);
    return STATUS_OK;
}

static double operations(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return n * p * p + n * (2 * LESSONS_GUESSED * p * p + ROUNDS_GUESSED * p) + 2 * n * n * p;
}

static double bytes(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return couplings_bytes(COUPLINGS_INTEGER, neurons) + 4 * n * n + 2 * n * p + 6 * p * p;
}

/* Spins of a pattern in a row, for sums of rows. */
struct spin_rows {
    size_t stride;
    int16_t *entries; /* [count][stride] */
};

static enum status spin_rows_fill(const struct patterns *patterns, struct spin_rows *rows) {
    rows->stride = (patterns->neurons + LINE_ENTRIES - 1) / LINE_ENTRIES * LINE_ENTRIES;
    rows->entries = memory_allocate(patterns->count, rows->stride * sizeof *rows->entries);
    if (!rows->entries) return STATUS_NO_MEMORY;
    for (size_t p = 0; p < patterns->count; p++) {
        const uint64_t *bits = patterns->by_pattern + p * patterns->words_per_pattern;
        for (size_t i = 0; i < patterns->neurons; i++)
            rows->entries[p * rows->stride + i] = bits[i / 64] >> i % 64 & 1 ? 1 : -1;
    }
    return STATUS_OK;
}

/* What all neurons share, and what they come to. */
struct lesson {
    const struct patterns *patterns;
    double stability;
    size_t epochs;
    struct pattern_overlaps overlaps;
    struct spin_rows spins;
    int32_t *entries; /* [neurons][stride of spins]: N J_ij */
    uint64_t operations;
    size_t unlearned;
};

/* N J_ij = sum over patterns of lessons times xi_i xi_j. */
static void write_row(const struct lesson *lesson, size_t neuron, const struct perceptron *perceptron) {
    int32_t *row = lesson->entries + neuron * lesson->spins.stride;
    for (size_t p = 0; p < lesson->patterns->count; p++)
        kernels()->add_row_i16(lesson->spins.stride, perceptron->taught[p],
                               lesson->spins.entries + p * lesson->spins.stride, row);
}

static enum status learn_neurons(struct lesson *lesson) {
    size_t neurons = lesson->patterns->neurons, unlearned = 0, failures = 0;
    uint64_t operations = 2 * (uint64_t)neurons * neurons * lesson->patterns->count;
#pragma omp parallel reduction(+ : operations, unlearned, failures)
    {
        struct perceptron perceptron;
        bool able = perceptron_create(&lesson->overlaps, &perceptron) == STATUS_OK;
        failures += !able;
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < neurons; i++) {
            if (!able) continue;
            unlearned += !perceptron_learn(lesson->patterns, &lesson->overlaps, i, lesson->stability,
                                           lesson->epochs, &perceptron);
            write_row(lesson, i, &perceptron);
        }
        operations += (uint64_t)perceptron.adds;
        perceptron_clear(&perceptron);
    }
    lesson->operations = operations;
    lesson->unlearned = unlearned;
    return failures ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status prepare(struct lesson *lesson) {
    CHECK(pattern_overlaps_compute(lesson->patterns, &lesson->overlaps));
    CHECK(spin_rows_fill(lesson->patterns, &lesson->spins));
    lesson->entries =
        memory_allocate(lesson->patterns->neurons, lesson->spins.stride * sizeof *lesson->entries);
    return lesson->entries ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status learn_stably(const struct patterns *patterns, double stability, size_t epochs,
                                struct couplings **couplings, struct error *error) {
    *couplings = NULL;
    struct lesson lesson = {.patterns = patterns, .stability = stability, .epochs = epochs};
    enum status status = prepare(&lesson);
    if (status == STATUS_OK) status = learn_neurons(&lesson);
    if (status == STATUS_OK)
        status = couplings_of_integers(patterns->neurons, lesson.spins.stride, lesson.entries, couplings);
    if (status == STATUS_OK) {
        (*couplings)->operations = (double)lesson.operations;
        (*couplings)->unlearned = lesson.unlearned;
    } else {
        error_set(error, status, "perceptron: no memory for %zu neurons and %zu patterns", patterns->neurons,
                  patterns->count);
    }
    pattern_overlaps_clear(&lesson.overlaps);
    memory_free(lesson.spins.entries);
    memory_free(lesson.entries);
    return status;
}

static enum status learn(const struct patterns *patterns, struct couplings **couplings, struct error *error) {
    return learn_stably(patterns, 0, EPOCHS, couplings, error);
}

static enum status learn_stable(const struct patterns *patterns, struct couplings **couplings,
                                struct error *error) {
    return learn_stably(patterns, 1, EPOCHS_STABLE, couplings, error);
}

const struct learning_rule rule_perceptron = {
    .name = "perceptron",
    .summary = "perceptron at every neuron from Hebb's couplings, stability above 0 (Gardner 1988)",
    .kind = COUPLINGS_INTEGER,
    .ordered = true,
    .check = check,
    .operations = operations,
    .bytes = bytes,
    .learn = learn,
};

const struct learning_rule rule_perceptron_stable = {
    .name = "perceptron_stable",
    .summary = "perceptron at every neuron from Hebb's couplings, stability at least 1 (Gardner 1988)",
    .kind = COUPLINGS_INTEGER,
    .ordered = true,
    .check = check,
    .operations = operations,
    .bytes = bytes,
    .learn = learn_stable,
};
