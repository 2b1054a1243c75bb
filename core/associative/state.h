/* A state of a network with the fields that its couplings give: kept up flip by flip, so that the cost of a
 * retrieval follows the flips. One type of state per kind of couplings, each a table of operations. */
#ifndef CORE_ASSOCIATIVE_STATE_H
#define CORE_ASSOCIATIVE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/associative/couplings.h"

/* Fields are N h_i = sum_j N J_ij s_j. A neuron is unstable when s_i h_i < 0; a field of zero keeps the
 * state. A neuron can be settled, so that searches pass over it; flipping it stays possible. */
struct state {
    const struct state_type *type;
    const struct couplings *couplings;
    size_t extent; /* of the arrays: the couplings' stride; what lies past the neurons never is unstable */
    void *fields;  /* int32_t or double; of halves int16_t, or int32_t when `wide` */
    void *signs;   /* the spins, in the form the type likes */
    void *open;    /* which neurons searches see, likewise */

    /* Of halves (state_half.c). */
    bool wide;
    int64_t flips_left;                    /* as many flips cannot overflow a field */
    struct hopfield_flips flips;           /* planned */
    uint32_t flip_neurons[HOPFIELD_FLIPS]; /* likewise */

    /* Of patterns (state_pattern.c), whose `fields` are overlaps. */
    int64_t overlap_sum;
};

/* What a neuron will do when its turn comes after the planned flips. */
enum flip_plan { FLIP_STABLE, FLIP_PLANNED, FLIP_UNKNOWN };

struct state_type {
    size_t entry_size; /* of the three arrays */
    bool walks;        /* fields are found when looked at: a sweep has to look at all neurons */

    /* Takes over spins[neurons] and reopens all neurons; the fields are left. */
    void (*set)(struct state *state, const int8_t *spins);
    void (*spins)(const struct state *state, int8_t *spins);

    /* The fields of the state by adding up rows of couplings, in the order of neurons. */
    void (*sum_fields)(struct state *state);

    /* Takes over the fields N h_i of the state that was set, int32_t[neurons]; NULL: has none of integers. */
    void (*adopt)(struct state *state, const int32_t *fields);

    /* Flips one neuron and brings all fields up to date. */
    void (*flip)(struct state *state, size_t neuron);

    /* Types that do several flips in one pass; else NULL. `plan` says what a neuron will do and adds it to
     * the planned flips if it will flip: FLIP_UNKNOWN when the plan is full. `flip_planned` does them,
     * fetching the row of `next`, and lists the open neurons that are unstable after one of them, with the
     * first such flip. `keep_planned` takes back all but the first `count` and ends the plan. */
    enum flip_plan (*plan)(struct state *state, size_t neuron);
    size_t (*flip_planned)(struct state *state, size_t count, const uint32_t *next,
                           struct hopfield_unstable *list);
    void (*keep_planned)(struct state *state, size_t count);

    /* Fetches what a flip of the neuron would read. NULL: nothing worth it. */
    void (*fetch)(const struct state *state, size_t neuron);

    bool (*is_unstable)(const struct state *state, size_t neuron);

    /* N h_i of one neuron. */
    double (*field)(const struct state *state, size_t neuron);

    /* Lists the unstable open neurons in ascending order into list[neurons]; returns how many. */
    size_t (*unstable)(const struct state *state, uint32_t *list);

    void (*settle)(struct state *state, size_t neuron);
    void (*reopen)(struct state *state);

    /* sum_i s_i N h_i (minus twice N times the energy when couplings are symmetric), and sum_i |N h_i|. Exact
     * for integers: below 2^53. */
    double (*alignment)(const struct state *state);
    double (*magnitude)(const struct state *state);
};

/* int32 fields of int16 couplings, exact; float64 fields of float64 couplings; int16 fields of halves of
 * couplings in 8 bits, or int32 where 16 bits might not hold them, exact;
 * int32 overlaps and int64 fields of patterns, exact. */
extern const struct state_type state_integer, state_real, state_half, state_pattern;

/* For halves: takes over halves[neurons] of the fields of the state that was set, as state_half.c defines
 * them; largest: of their magnitudes. */
void state_half_adopt(struct state *state, const int16_t *halves, int32_t largest);

/* What a neuron's own spin adds to its field there: 1, or 0 where no field can be zero. */
int32_t state_half_self(size_t parity, size_t neurons);

/* A state without contents of the type that the couplings ask for. STATUS_NO_MEMORY. */
enum status state_create(const struct couplings *couplings, struct state **state);
void state_destroy(struct state **state);

/* Bytes of a state. */
double state_bytes(enum couplings_kind kind, size_t neurons);

#endif
