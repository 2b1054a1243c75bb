/* Glauber's dynamics at a temperature: in a fresh random order each sweep, that of dynamics_asynchronous,
 * every neuron takes +1 with probability 1 / (1 + exp(-2 h_i / T)). Noise can turn any neuron, so the order
 * is walked; fields are kept up flip by flip all the same. */
#include "core/associative/dynamics.h"
#include "core/associative/thermal.h"
#include "core/kernels/kernels.h"

/* Rows of couplings that do not fit the nearer caches come from afar: those that seem to be needed soon are
 * asked for in time. */
enum { TURNS_AHEAD = 8, NEAR_BYTES = 1 << 20 };

static bool turns(const struct retrieval *retrieval, size_t neuron) {
    const struct thermal *thermal = retrieval->thermal;
    const struct state *state = retrieval->state;
    return heat_bath_turns(thermal->bath, state->type->field(state, neuron), state->couplings->zero_field,
                           thermal->spins[neuron], thermal->bits[neuron]);
}

static void sweep(struct retrieval *retrieval) {
    struct thermal *thermal = retrieval->thermal;
    struct state *state = retrieval->state;
    uint64_t number = retrieval->outcome.sweeps++;
    bool fetch = state->type->fetch && couplings_bytes(state->couplings->kind, thermal->neurons) > NEAR_BYTES;
    const uint32_t *order = sweep_order_draw(thermal->order, retrieval->order, number);
    kernels()->random_fill_bits(thermal->noise, number << 32, thermal->neurons, thermal->bits);
    for (size_t n = 0; n < thermal->neurons; n++) {
        size_t later = n + TURNS_AHEAD;
        if (fetch && later < thermal->neurons && turns(retrieval, order[later]))
            state->type->fetch(state, order[later]);
        if (!turns(retrieval, order[n])) continue;
        retrieval_flip(retrieval, order[n]);
        thermal_flipped(thermal, order[n]);
    }
}

static void run(struct retrieval *retrieval) {
    const struct heat_bath_settings *settings = &retrieval->thermal->bath->settings;
    for (size_t n = 0; n < settings->equilibration; n++)
        sweep(retrieval);
    for (size_t n = 0; n < settings->measurement; n++) {
        sweep(retrieval);
        thermal_measure(retrieval->thermal, retrieval->state);
    }
    thermal_end(retrieval->thermal);
}

const struct dynamics dynamics_glauber = {
    .name = "glauber",
    .summary = "one neuron after the other in random order, at a temperature",
    .run = run,
};
