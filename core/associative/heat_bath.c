/* Fields of integer couplings are integers: their probabilities are looked up, in units of 2^-64. */
#include "core/associative/heat_bath.h"

#include <math.h>

#include "core/base/memory.h"

/* exp(-45) < 2^-64: stronger fields are always followed. */
static const double FOLLOWED = 45;
/* Eight megabytes: beyond them exponentials are cheaper than memory. */
enum { ENTRIES_MOST = 1 << 20 };

static double scale_of(double temperature, size_t neurons) {
    return 2 / (temperature * (double)neurons);
}

static size_t entries_for(double temperature, size_t neurons) {
    if (temperature == 0) return 0;
    return (size_t)fmin(ceil(FOLLOWED / scale_of(temperature, neurons)) + 1, ENTRIES_MOST);
}

uint64_t heat_bath_share(double scaled_field) {
    return scaled_field < FOLLOWED ? (uint64_t)ldexp(1 / (1 + exp(scaled_field)), 64) : 0;
}

enum status heat_bath_create(const struct heat_bath_settings *settings, size_t neurons,
                             struct heat_bath **bath) {
    *bath = NULL;
    if (!isfinite(settings->temperature) || settings->temperature < 0 || settings->measurement < 2 ||
        neurons == 0)
        return STATUS_INVALID;
    struct heat_bath *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->settings = *settings;
    made->entries = entries_for(settings->temperature, neurons);
    made->scale = made->entries ? scale_of(settings->temperature, neurons) : 0;
    made->against = memory_allocate(made->entries, sizeof *made->against);
    if (!made->against) {
        memory_free(made);
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < made->entries; i++)
        made->against[i] = heat_bath_share(made->scale * (double)i);
    *bath = made;
    return STATUS_OK;
}

void heat_bath_destroy(struct heat_bath **bath) {
    if (!*bath) return;
    memory_free((*bath)->against);
    memory_free(*bath);
    *bath = NULL;
}

double heat_bath_bytes(double temperature, size_t neurons) {
    return (double)sizeof(struct heat_bath) + (double)entries_for(temperature, neurons) * sizeof(uint64_t);
}
