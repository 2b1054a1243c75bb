#include "experiments/retrievals.h"

#include "core/base/memory.h"
#include "experiments/hopfield_columns.h"

enum status retrievals_allocate(struct retrievals *made) {
    made->outcomes = memory_allocate(made->trials, sizeof *made->outcomes);
    made->unstable = memory_allocate(made->trials, sizeof *made->unstable);
    made->overlaps = memory_allocate(made->trials, sizeof *made->overlaps);
    return made->outcomes && made->unstable && made->overlaps ? STATUS_OK : STATUS_NO_MEMORY;
}

/* The three columns with an entry a trial, and the array that one of them is copied from. */
double retrievals_bytes(size_t trials) {
    size_t kept = sizeof(struct outcome) + sizeof(uint64_t) + sizeof(double), recorded = 4 * sizeof(int64_t);
    return (double)trials * (double)(kept + recorded);
}

void retrievals_free(struct retrievals *gone) {
    memory_free(gone->outcomes);
    memory_free(gone->unstable);
    memory_free(gone->overlaps);
}

size_t retrieval_pattern(size_t patterns, size_t trials, size_t trial) {
    return trial * patterns / trials;
}

void retrieval_set_patterns(const struct patterns *patterns, size_t trials, int8_t *spins) {
    for (size_t t = 0; t < trials; t++)
        patterns_spins(patterns, retrieval_pattern(patterns->count, trials, t),
                       spins + t * patterns->neurons);
}

enum status retrieval_disturb(size_t neurons, double initial_overlap, uint64_t key, size_t trials,
                              int8_t *spins, struct error *error) {
    size_t flips = patterns_flips_for(neurons, initial_overlap);
    for (size_t t = 0; t < trials; t++)
        if (patterns_disturb(neurons, flips, random_source(key, RANDOM_START, (uint32_t)t),
                             spins + t * neurons) != STATUS_OK)
            return error_set(error, STATUS_NO_MEMORY, "no memory to choose the neurons to flip");
    return STATUS_OK;
}

void retrievals_measure(const struct patterns *patterns, const int8_t *spins, struct retrievals *retrievals) {
    for (size_t t = 0; t < retrievals->trials; t++)
        retrievals->overlaps[t] =
            (double)patterns_overlap(patterns, retrieval_pattern(patterns->count, retrievals->trials, t),
                                     spins + t * patterns->neurons) /
            (double)patterns->neurons;
}

enum status retrievals_record(size_t patterns, double success, const struct retrievals *retrievals,
                              struct record *record) {
    int64_t successes = 0, errors = 0, fixed = 0;
    for (size_t t = 0; t < retrievals->trials; t++) {
        successes += retrievals->overlaps[t] > success;
        errors += (int64_t)retrievals->unstable[t];
        fixed += retrievals->unstable[t] == 0;
    }
    CHECK(record_set_integer(record, "patterns", (int64_t)patterns));
    CHECK(record_set_integer(record, "successes", successes));
    CHECK(record_set_integer(record, "first_step_errors", errors));
    CHECK(record_set_integer(record, "fixed_patterns", fixed));
    return hopfield_record(retrievals->trials, retrievals->outcomes, retrievals->overlaps, record);
}

enum status retrieval_unit_allocate(size_t neurons, size_t patterns, size_t trials,
                                    struct retrieval_unit *unit, struct error *error) {
    enum status status = patterns_create(neurons, patterns, &unit->patterns);
    unit->spins = memory_allocate(trials, neurons);
    unit->retrievals.trials = trials;
    if (status == STATUS_OK) status = retrievals_allocate(&unit->retrievals);
    if (status == STATUS_OK && unit->spins) return STATUS_OK;
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu patterns and %zu trials of %zu neurons",
                     patterns, trials, neurons);
}

void retrieval_unit_clear(struct retrieval_unit *unit) {
    hopfield_destroy(&unit->network);
    patterns_destroy(&unit->patterns);
    memory_free(unit->spins);
    retrievals_free(&unit->retrievals);
}

enum status retrieval_unit_retrieve(struct retrieval_unit *unit, const struct dynamics *dynamics,
                                    const struct hopfield_settings *settings, double initial_overlap,
                                    struct error *error) {
    struct retrievals *made = &unit->retrievals;
    retrieval_set_patterns(unit->patterns, made->trials, unit->spins);
    CHECK(hopfield_count_unstable(unit->network, made->trials, unit->spins, made->unstable, error));
    CHECK(retrieval_disturb(unit->patterns->neurons, initial_overlap, settings->key, made->trials,
                            unit->spins, error));
    CHECK(hopfield_retrieve(unit->network, dynamics, settings, made->trials, unit->spins, made->outcomes,
                            error));
    retrievals_measure(unit->patterns, unit->spins, made);
    return STATUS_OK;
}
