/* Persistent Gibbs chains: side by side, so that one neuron of all of them is updated at once. */
#include <math.h>

#include "core/associative/boltzmann_model.h"
#include "core/base/memory.h"
#include "core/base/random.h"

struct boltzmann_chains {
    size_t neurons;
    struct random_source noise;
    uint64_t drawn;
    double *spins; /* [neurons][BOLTZMANN_CHAINS] */
};

/* Random spins to start from. */
enum status boltzmann_chains_create(size_t neurons, uint64_t key, struct boltzmann_chains **chains) {
    *chains = memory_allocate(1, sizeof **chains);
    if (*chains == NULL) return STATUS_NO_MEMORY;
    **chains = (struct boltzmann_chains){
        .neurons = neurons,
        .noise = random_source(key, RANDOM_NOISE, 0),
        .spins = memory_allocate(neurons, BOLTZMANN_CHAINS * sizeof(double)),
    };
    if ((*chains)->spins == NULL) {
        boltzmann_chains_destroy(chains);
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < neurons * BOLTZMANN_CHAINS; i++)
        (*chains)->spins[i] = random_uniform((*chains)->noise, (*chains)->drawn++) < 0.5 ? 1 : -1;
    return STATUS_OK;
}

void boltzmann_chains_destroy(struct boltzmann_chains **chains) {
    if (*chains == NULL) return;
    memory_free((*chains)->spins);
    memory_free(*chains);
    *chains = NULL;
}

static void update_neuron(struct boltzmann_chains *chains, const struct boltzmann *machine, size_t neuron) {
    double fields[BOLTZMANN_CHAINS];
    const double *row = machine->couplings + neuron * machine->neurons;
    for (size_t c = 0; c < BOLTZMANN_CHAINS; c++)
        fields[c] = machine->biases[neuron];
    for (size_t j = 0; j < machine->neurons; j++) {
        const double *others = chains->spins + j * BOLTZMANN_CHAINS;
        for (size_t c = 0; c < BOLTZMANN_CHAINS; c++)
            fields[c] += row[j] * others[c];
    }
    double *spins = chains->spins + neuron * BOLTZMANN_CHAINS;
    for (size_t c = 0; c < BOLTZMANN_CHAINS; c++) {
        double up = 1 / (1 + exp(-2 * fields[c]));
        spins[c] = random_uniform(chains->noise, chains->drawn++) < up ? 1 : -1;
    }
}

void boltzmann_chains_moments(struct boltzmann_chains *chains, const struct boltzmann *machine,
                              struct boltzmann_moments *moments) {
    size_t n = chains->neurons;
    for (size_t i = 0; i < n; i++)
        update_neuron(chains, machine, i);
    for (size_t i = 0; i < n; i++) {
        const double *spins = chains->spins + i * BOLTZMANN_CHAINS;
        double single = 0;
        for (size_t c = 0; c < BOLTZMANN_CHAINS; c++)
            single += spins[c];
        moments->singles[i] = single / BOLTZMANN_CHAINS;
        for (size_t j = i + 1; j < n; j++) {
            const double *others = chains->spins + j * BOLTZMANN_CHAINS;
            double pair = 0;
            for (size_t c = 0; c < BOLTZMANN_CHAINS; c++)
                pair += spins[c] * others[c];
            moments->pairs[i * n + j] = pair / BOLTZMANN_CHAINS;
        }
    }
}
