/* Dynamics: in which order neurons follow their fields. Those of the list do so at temperature 0; adding one
 * = a file dynamics_NAME.c and a line in it. */
#ifndef CORE_ASSOCIATIVE_DYNAMICS_H
#define CORE_ASSOCIATIVE_DYNAMICS_H

#include "core/associative/rank_queue.h"
#include "core/associative/state.h"
#include "core/base/random.h"

/* The dynamics by name: dynamics_NAME is defined in dynamics_NAME.c. */
#define DYNAMICS(X)                                                                                          \
    X(asynchronous)                                                                                          \
    X(synchronous)

/* How a retrieval went. */
struct outcome {
    uint64_t flips;
    uint64_t sweeps;        /* passes over all neurons in which at least one flipped */
    bool cycle;             /* ended in a 2-cycle; the state is one of its two */
    bool capped;            /* gave up at the cap on sweeps: neither a fixed point nor a 2-cycle */
    uint64_t energy_checks; /* comparisons of the energy before and after a sweep */
    uint64_t energy_rises;  /* those in which it rose */
};

/* Told of each flip; for tests and pictures. */
struct flip_observer {
    void (*flipped)(void *context, size_t trial, size_t neuron);
    void *context;
};

struct rank_buckets;
struct thermal;
struct walker;

/* One retrieval in progress, and memory for it. */
struct retrieval {
    struct state *state;
    bool has_energy;            /* the couplings are symmetric */
    struct random_source order; /* of the random orders; the part is the trial */
    size_t sweep_cap;
    const struct flip_observer *observer; /* or NULL */
    uint32_t *list, *previous_list;       /* [neurons] */
    uint64_t *ranks;                      /* [neurons] */
    struct hopfield_unstable *found;      /* [neurons] */
    struct rank_buckets *queue;           /* of [neurons], empty */
    struct thermal *thermal;              /* begun, for dynamics_glauber; else NULL */
    struct outcome outcome;
};

struct dynamics {
    const char *name;
    const char *summary;

    /* Takes the state to where it stays, or to a 2-cycle or the cap. Allocates nothing. */
    void (*run)(struct retrieval *retrieval);

    /* Sweeps with a walker that has begun, as long as at least `worth` neurons are expected to flip in the
     * next: with spins and an outcome from which `run` could go on. True when it need not: no neuron flipped
     * any more. NULL: no such sweeps. */
    bool (*walk_ahead)(struct retrieval *retrieval, struct walker *walker, size_t worth);
};

/* All dynamics in the order of the list, ended by NULL. */
const struct dynamics *const *dynamics_all(void);

/* By name, or NULL. */
const struct dynamics *dynamics_named(const char *name);

/* For dynamics: flips a neuron, counts it and tells the observer; the second only counts and tells. */
void retrieval_flip(struct retrieval *retrieval, size_t neuron);
void retrieval_count_flip(struct retrieval *retrieval, size_t neuron);

/* For dynamics: whether `after` lies above `before` by more than rounding explains. Energies are in units of
 * N J, those of the state's fields. False where there is no energy. */
bool retrieval_energy_rose(const struct retrieval *retrieval, double before, double after);

/* For dynamics: counts one such comparison, and the rise if there was one. Nothing where there is no energy.
 */
void retrieval_check_energy(struct retrieval *retrieval, double before, double after);

#define X(name) extern const struct dynamics dynamics_##name;
DYNAMICS(X)
#undef X

/* The one that never comes to rest, hence not in the list: it runs for as many sweeps as its heat bath says
 * and takes averages over time (heat_bath.h). No energy is checked. */
extern const struct dynamics dynamics_glauber;

#endif
