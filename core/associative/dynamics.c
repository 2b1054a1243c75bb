#include "core/associative/dynamics.h"

#include <string.h>

static const struct dynamics *const all[] = {
#define X(name) &dynamics_##name,
    DYNAMICS(X)
#undef X
        NULL,
};

const struct dynamics *const *dynamics_all(void) {
    return all;
}

const struct dynamics *dynamics_named(const char *name) {
    for (const struct dynamics *const *dynamics = all; *dynamics; dynamics++)
        if (strcmp((*dynamics)->name, name) == 0) return *dynamics;
    return NULL;
}

void retrieval_count_flip(struct retrieval *retrieval, size_t neuron) {
    retrieval->outcome.flips++;
    if (retrieval->observer)
        retrieval->observer->flipped(retrieval->observer->context, retrieval->order.part, neuron);
}

void retrieval_flip(struct retrieval *retrieval, size_t neuron) {
    retrieval->state->type->flip(retrieval->state, neuron);
    retrieval_count_flip(retrieval, neuron);
}

bool retrieval_energy_rose(const struct retrieval *retrieval, double before, double after) {
    const struct couplings *couplings = retrieval->state->couplings;
    return retrieval->has_energy && after > before + couplings->zero_field * (double)couplings->neurons;
}

void retrieval_check_energy(struct retrieval *retrieval, double before, double after) {
    retrieval->outcome.energy_checks += retrieval->has_energy;
    retrieval->outcome.energy_rises += retrieval_energy_rose(retrieval, before, after);
}
