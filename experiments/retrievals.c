#include "experiments/retrievals.h"

#include "core/base/memory.h"
#include "experiments/hopfield_columns.h"

enum status retrievals_allocate(struct retrievals *made) {
    made->outcomes = memory_allocate(made->trials, sizeof *made->outcomes);
    made->unstable = memory_allocate(made->trials, sizeof *made->unstable);
    made->overlaps = memory_allocate(made->trials, sizeof *made->overlaps);
    return made->outcomes && made->unstable && made->overlaps ? STATUS_OK : STATUS_NO_MEMORY;
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
