/* Hopfield networks: patterns learned by a rule, states retrieved under a dynamics. */
#ifndef CORE_ASSOCIATIVE_HOPFIELD_H
#define CORE_ASSOCIATIVE_HOPFIELD_H

#include "core/associative/dynamics.h"
#include "core/associative/engine.h"
#include "core/associative/heat_bath.h"
#include "core/associative/patterns.h"
#include "core/associative/rule.h"

/* A generous cap on sweeps: with symmetric couplings runs end by themselves, after some tens. */
enum { HOPFIELD_SWEEP_CAP = 10000 };

struct hopfield;

/* More retrievals than it takes for couplings to be worth their cost. */
#define HOPFIELD_MANY_TRIALS SIZE_MAX

/* Learns the patterns, which must stay as they are while the network lives, for about `trials` retrievals:
 * how many decides the engine (engine_choose), which changes no result. Uses OpenMP threads. On failure a
 * sentence is in *error: STATUS_UNSUPPORTED, STATUS_INVALID (sizes beyond the rule), STATUS_NO_MEMORY. */
enum status hopfield_create(const struct learning_rule *rule, const struct patterns *patterns, size_t trials,
                            struct hopfield **network, struct error *error);
/* The same with the engine that the caller names. STATUS_UNSUPPORTED also for couplings that do not fit, or
 * patterns under another rule. */
enum status hopfield_create_engine(const struct learning_rule *rule, const struct patterns *patterns,
                                   enum hopfield_engine engine, struct hopfield **network,
                                   struct error *error);
/* A network of couplings that the caller made, 16-bit integers or float64, which it takes over (*couplings is
 * NULL then; on failure they stay the caller's). `symmetric`: J_ij = J_ji, so that the energy exists and is
 * checked. STATUS_UNSUPPORTED with a sentence: other kinds of couplings, couplings of another number of
 * neurons than the patterns', or integers with which a field could leave 32 bits. STATUS_NO_MEMORY. */
enum status hopfield_create_couplings(const struct patterns *patterns, struct couplings **couplings,
                                      bool symmetric, struct hopfield **network, struct error *error);
void hopfield_destroy(struct hopfield **network);

/* The couplings, N J_ij; of kind COUPLINGS_PATTERN where they are not written out. */
const struct couplings *hopfield_couplings(const struct hopfield *network);

struct hopfield_settings {
    uint64_t key;       /* of the random orders, stream RANDOM_ORDER */
    size_t first_trial; /* number of the first trial: trial t's orders depend on key and t alone */
    size_t sweep_cap;   /* 0: HOPFIELD_SWEEP_CAP */
    const struct flip_observer *observer; /* or NULL; called from the thread that runs the trial */
    const struct heat_bath *heat_bath;    /* of dynamics_glauber, for as many trials; else NULL */
};

/* Runs `trials` states to where they stay: spins[trials][neurons] in place, outcomes[trials]. Trials are
 * spread over OpenMP threads; nothing depends on their number. STATUS_INVALID: a heat bath and other
 * dynamics, or none and dynamics_glauber. STATUS_NO_MEMORY; STATUS_FAILED if the fields kept up over the
 * flips disagree with those of the final state (never happened). */
enum status hopfield_retrieve(const struct hopfield *network, const struct dynamics *dynamics,
                              const struct hopfield_settings *settings, size_t trials, int8_t *spins,
                              struct outcome *outcomes, struct error *error);

/* counts[s] = number of neurons of state s that their fields would flip, for spins[states][neurons]; 0: a
 * fixed point. STATUS_NO_MEMORY. */
enum status hopfield_count_unstable(const struct hopfield *network, size_t states, const int8_t *spins,
                                    uint64_t *counts, struct error *error);

/* The engine that hopfield_create takes, in words: "couplings in 8 bits", "couplings in 16 bits", "couplings
 * in float64", "patterns". For random patterns: couplings of others may take 16 bits in the place of 8. */
const char *hopfield_engine_name(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                 size_t trials);

/* Bytes at the peak of learning random patterns and retrieving, patterns and spins included, on as many
 * threads as have eight trials, 128 at most; operations of learning and of `trials` retrievals, with the
 * flips of loads near the transition. */
double hopfield_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns, size_t trials);
double hopfield_operations(const struct learning_rule *rule, size_t neurons, size_t patterns, size_t trials);

/* The same for trials in a heat bath, so many sweeps each. */
double hopfield_glauber_bytes(const struct learning_rule *rule, size_t neurons, size_t patterns,
                              size_t trials, double temperature);
double hopfield_glauber_operations(const struct learning_rule *rule, size_t neurons, size_t patterns,
                                   size_t trials, size_t sweeps);

/* Bytes of retrieving with a network of given couplings (hopfield_create_couplings), those included. */
double hopfield_given_bytes(enum couplings_kind kind, size_t neurons, size_t patterns, size_t trials);

#endif
