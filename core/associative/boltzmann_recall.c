/* Recall at temperature 0 for small networks with biases, and the neurons whose field is zero. */
#include <math.h>
#include <string.h>

#include "core/associative/boltzmann.h"
#include "core/base/random.h"

/* Fields of at most this share of the largest possible one are zero: rounding leaves less. */
static const double ZERO_SHARE = 0x1p-32;

static double field_of(const struct boltzmann *machine, const int8_t *spins, size_t neuron) {
    const double *row = machine->couplings + neuron * machine->neurons;
    double field = machine->biases[neuron];
    for (size_t j = 0; j < machine->neurons; j++)
        field += row[j] * spins[j];
    return field;
}

static double zero_field(const struct boltzmann *machine) {
    double most = 0;
    for (size_t i = 0; i < machine->neurons; i++) {
        double sum = fabs(machine->biases[i]);
        for (size_t j = 0; j < machine->neurons; j++)
            sum += fabs(machine->couplings[i * machine->neurons + j]);
        most = fmax(most, sum);
    }
    return most * ZERO_SHARE;
}

/* A uniform order of the neurons, by exchanges (Fisher-Yates). */
static void draw_order(size_t neurons, struct random_source source, uint64_t *drawn, uint8_t *order) {
    for (size_t i = 0; i < neurons; i++)
        order[i] = (uint8_t)i;
    for (size_t i = neurons; i > 1; i--) {
        size_t other = random_below(source, (*drawn)++, i);
        uint8_t last = order[i - 1];
        order[i - 1] = order[other];
        order[other] = last;
    }
}

/* Every flip lowers the energy by more than rounding, so that this ends. */
static void settle(const struct boltzmann *machine, double zero, struct random_source source, int8_t *spins) {
    uint8_t order[BOLTZMANN_NEURONS_MOST];
    uint64_t drawn = 0;
    bool moved = true;
    while (moved) {
        moved = false;
        draw_order(machine->neurons, source, &drawn, order);
        for (size_t k = 0; k < machine->neurons; k++) {
            size_t i = order[k];
            if (spins[i] * field_of(machine, spins, i) >= -zero) continue;
            spins[i] = (int8_t)-spins[i];
            moved = true;
        }
    }
}

static bool has_zero_field(const struct boltzmann *machine, double zero, const int8_t *spins) {
    for (size_t i = 0; i < machine->neurons; i++)
        if (fabs(field_of(machine, spins, i)) <= zero) return true;
    return false;
}

/* One retrieval task: from which starts a pattern has to be reached. */
struct task {
    size_t flips, starts;
    uint64_t key;
};

/* Start number `start` of pattern number `index`. */
static enum status disturb(const struct boltzmann *machine, const struct task *task, size_t index,
                           size_t start, int8_t *spins) {
    size_t n = machine->neurons;
    if (task->flips != 1)
        return patterns_disturb(
            n, task->flips, random_source(task->key, RANDOM_START, (uint32_t)(index * task->starts + start)),
            spins);
    uint8_t order[BOLTZMANN_NEURONS_MOST];
    uint64_t drawn = 0;
    draw_order(n, random_source(task->key, RANDOM_QUERIES, (uint32_t)index), &drawn, order);
    size_t neuron = order[start % n];
    spins[neuron] = (int8_t)-spins[neuron];
    return STATUS_OK;
}

static enum status is_recalled(const struct boltzmann *machine, double zero, const int8_t *pattern,
                               const struct task *task, size_t index, bool *recalled) {
    int8_t spins[BOLTZMANN_NEURONS_MOST];
    *recalled = true;
    for (size_t start = 0; start < task->starts && *recalled; start++) {
        memcpy(spins, pattern, machine->neurons);
        CHECK(disturb(machine, task, index, start, spins));
        settle(machine, zero,
               random_source(task->key, RANDOM_ORDER, (uint32_t)(index * task->starts + start)), spins);
        *recalled = memcmp(spins, pattern, machine->neurons) == 0;
    }
    return STATUS_OK;
}

enum status boltzmann_recall(const struct boltzmann *machine, const struct patterns *patterns, size_t flips,
                             size_t starts, uint64_t key, struct boltzmann_recall *recall) {
    const struct task task = {flips, starts, key};
    int8_t pattern[BOLTZMANN_NEURONS_MOST];
    double zero = zero_field(machine);
    *recall = (struct boltzmann_recall){0};
    for (size_t p = 0; p < patterns->count; p++) {
        bool recalled;
        patterns_spins(patterns, p, pattern);
        CHECK(is_recalled(machine, zero, pattern, &task, p, &recalled));
        recall->kept += recalled;
        recall->firm += recalled && !has_zero_field(machine, zero, pattern);
    }
    return STATUS_OK;
}
