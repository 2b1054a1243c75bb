/* A heat bath: temperature, how often each answer of a neuron to its field occurs, and averages over time.
 * Fields are h_i = sum_j J_ij s_j, so that with Hebb's couplings a single pattern is lost at T = 1. */
#ifndef CORE_ASSOCIATIVE_HEAT_BATH_H
#define CORE_ASSOCIATIVE_HEAT_BATH_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/random.h"
#include "core/base/status.h"

/* Over the measured sweeps of one trial; each sweep counts as it ended. */
struct thermal_averages {
    double overlap;           /* with the trial's reference */
    double overlap_deviation; /* standard deviation over the sweeps */
    double order;     /* q = (1/N) sum_i a_i b_i, averages of s_i over the first half and over the second */
    double alignment; /* (1/N) sum_i s_i h_i: minus twice the energy per neuron of symmetric couplings */
};

struct heat_bath_settings {
    double temperature;                /* finite, not negative; at 0 a field of zero keeps the state */
    size_t equilibration, measurement; /* sweeps; at least 2 are measured */
    const int8_t *references;          /* [trials][neurons], which must stay as they are */
    struct thermal_averages *averages; /* [trials], filled in */
};

/* Fields of integer couplings are integers: their probabilities are looked up, in units of 2^-64. */
struct heat_bath {
    struct heat_bath_settings settings;
    double scale;      /* 2 / (N T); 0 at temperature 0 */
    size_t entries;    /* of the table; 0 at temperature 0 */
    uint64_t *against; /* [entries]: for |N h| = 0, 1, ... */
};

/* For networks of so many neurons. STATUS_INVALID: settings that are not as they say. STATUS_NO_MEMORY. */
enum status heat_bath_create(const struct heat_bath_settings *settings, size_t neurons,
                             struct heat_bath **bath);
void heat_bath_destroy(struct heat_bath **bath);

/* Bytes of it. */
double heat_bath_bytes(double temperature, size_t neurons);

/* 2^64 / (1 + exp(x)) for a scaled field x = 2 |h| / T above 0. */
uint64_t heat_bath_share(double scaled_field);

/* Whether a spin in the field N h turns: it follows the field but for a share 1 / (1 + exp(2 |h| / T)), when
 * `bits` are uniform. Magnitudes up to `zero` are no field: a coin decides, at temperature 0 the spin stays.
 * Without a branch on the field's sign, which nobody could predict. */
static inline bool heat_bath_turns(const struct heat_bath *bath, double field, double zero, int8_t spin,
                                   uint64_t bits) {
    double strength = fabs(field);
    bool along = (field > 0) == (spin > 0);
    if (strength <= zero) return bath->entries > 0 && bits >> 63 == (spin < 0);
    if (bath->entries == 0) return !along;
    size_t place = strength < (double)bath->entries ? (size_t)strength : 0;
    uint64_t against =
        (double)place == strength ? bath->against[place] : heat_bath_share(bath->scale * strength);
    return along == (bits < against);
}

#endif
