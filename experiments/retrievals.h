/* What the experiments that retrieve stored patterns share: which pattern a trial starts from, what came out
 * of the trials, and the columns of both. */
#ifndef EXPERIMENTS_RETRIEVALS_H
#define EXPERIMENTS_RETRIEVALS_H

#include "core/associative/hopfield.h"
#include "results/record.h"

/* Retrieval with a few errors (claims HC1): well above what a spin-glass state reaches, below the branch. */
#define RETRIEVAL_SUCCESS_OVERLAP 0.9

/* One entry a trial. */
struct retrievals {
    size_t trials;
    struct outcome *outcomes;
    uint64_t *unstable; /* neurons of the trial's pattern, as stored, that their field would change */
    double *overlaps;   /* of the final state with the pattern */
};

/* Bytes of them and of what the record keeps of each trial. */
double retrievals_bytes(size_t trials);

/* Set `trials` first. STATUS_NO_MEMORY; then free it all the same. */
enum status retrievals_allocate(struct retrievals *made);
void retrievals_free(struct retrievals *gone);

/* The pattern that a trial starts from: distinct ones as long as they last. */
size_t retrieval_pattern(size_t patterns, size_t trials, size_t trial);

/* spins[trials][neurons] = the trials' patterns as stored. */
void retrieval_set_patterns(const struct patterns *patterns, size_t trials, int8_t *spins);

/* Moves such states to the initial overlap with their patterns. STATUS_NO_MEMORY with a sentence. */
enum status retrieval_disturb(size_t neurons, double initial_overlap, uint64_t key, size_t trials,
                              int8_t *spins, struct error *error);

/* The overlaps that the final states reached. */
void retrievals_measure(const struct patterns *patterns, const int8_t *spins, struct retrievals *retrievals);

/* Sets patterns, successes (overlaps above `success`), first_step_errors, fixed_patterns and the columns of
 * HOPFIELD_FIELDS. */
enum status retrievals_record(size_t patterns, double success, const struct retrievals *retrievals,
                              struct record *record);

/* Everything that a unit of such an experiment holds. Zero it first. */
struct retrieval_unit {
    struct patterns *patterns;
    struct hopfield *network; /* made by the experiment from the patterns, or NULL */
    int8_t *spins;            /* [trials][neurons] */
    struct retrievals retrievals;
};

/* STATUS_NO_MEMORY with a sentence; clear it all the same. */
enum status retrieval_unit_allocate(size_t neurons, size_t patterns, size_t trials,
                                    struct retrieval_unit *unit, struct error *error);
void retrieval_unit_clear(struct retrieval_unit *unit);

/* Counts the unstable neurons of the trials' patterns, retrieves from the initial overlap with them and
 * measures the overlaps reached. */
enum status retrieval_unit_retrieve(struct retrieval_unit *unit, const struct dynamics *dynamics,
                                    const struct hopfield_settings *settings, double initial_overlap,
                                    struct error *error);

#endif
