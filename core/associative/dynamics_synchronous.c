/* All neurons at once. With symmetric couplings the energy may rise, but sum_i |h_i(t)| never falls, so that
 * a run ends in a fixed point or a 2-cycle (Goles-Chacc, Fogelman-Soulie & Pellegrin 1985); minus that sum is
 * checked in the place of the energy. */
#include <string.h>

#include "core/associative/dynamics.h"

static double goles_energy(const struct state *state) {
    return -state->type->magnitude(state);
}

/* A step that flips the same neurons as the one before goes back to the state before that. */
static bool same_neurons(const struct retrieval *retrieval, size_t count, size_t previous_count) {
    return count == previous_count &&
           memcmp(retrieval->list, retrieval->previous_list, count * sizeof *retrieval->list) == 0;
}

static void run(struct retrieval *retrieval) {
    struct state *state = retrieval->state;
    double before = goles_energy(state);
    size_t count, previous_count = 0;
    while ((count = state->type->unstable(state, retrieval->list)) > 0) {
        if (same_neurons(retrieval, count, previous_count)) {
            retrieval->outcome.cycle = true;
            return;
        }
        if (retrieval->outcome.sweeps == retrieval->sweep_cap) {
            retrieval->outcome.capped = true;
            return;
        }
        for (size_t n = 0; n < count; n++)
            retrieval_flip(retrieval, retrieval->list[n]);
        retrieval->outcome.sweeps++;
        double after = goles_energy(state);
        retrieval_check_energy(retrieval, before, after);
        before = after;
        uint32_t *list = retrieval->list;
        retrieval->list = retrieval->previous_list;
        retrieval->previous_list = list;
        previous_count = count;
    }
}

const struct dynamics dynamics_synchronous = {
    .name = "synchronous",
    .summary = "all neurons at once; may end in a 2-cycle",
    .run = run,
};
