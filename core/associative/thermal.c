#include "core/associative/thermal.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"

enum status thermal_create(size_t neurons, struct thermal **thermal) {
    *thermal = NULL;
    struct thermal *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->neurons = neurons;
    made->bits = memory_allocate(neurons, sizeof *made->bits);
    made->spins = memory_allocate(neurons, sizeof *made->spins);
    made->sums = memory_allocate(neurons, 2 * sizeof *made->sums);
    enum status status = sweep_order_create(neurons, &made->order);
    if (!made->bits || !made->spins || !made->sums) status = STATUS_NO_MEMORY;
    if (status != STATUS_OK) thermal_destroy(&made);
    *thermal = made;
    return status;
}

void thermal_destroy(struct thermal **thermal) {
    if (!*thermal) return;
    sweep_order_destroy(&(*thermal)->order);
    memory_free((*thermal)->bits);
    memory_free((*thermal)->spins);
    memory_free((*thermal)->sums);
    memory_free(*thermal);
    *thermal = NULL;
}

double thermal_bytes(size_t neurons) {
    return (double)sizeof(struct thermal) + sweep_order_bytes(neurons) +
           (double)neurons * (sizeof(uint64_t) + sizeof(int8_t) + 2 * sizeof(int32_t));
}

void thermal_begin(struct thermal *thermal, const struct heat_bath *bath, const struct state *state,
                   size_t number, uint64_t key, uint32_t part) {
    const struct heat_bath_settings *settings = &bath->settings;
    thermal->bath = bath;
    thermal->noise = random_source(key, RANDOM_NOISE, part);
    thermal->reference = settings->references + number * thermal->neurons;
    thermal->averages = settings->averages + number;
    thermal->sweeps = thermal->second_half = 0;
    thermal->overlap_sum = thermal->overlap_squares = thermal->alignment_sum = 0;
    memset(thermal->sums, 0, thermal->neurons * 2 * sizeof *thermal->sums);
    state->type->spins(state, thermal->spins);
    thermal->overlap = 0;
    for (size_t i = 0; i < thermal->neurons; i++)
        thermal->overlap += thermal->spins[i] * thermal->reference[i];
}

void thermal_flipped(struct thermal *thermal, size_t neuron) {
    thermal->spins[neuron] = (int8_t)-thermal->spins[neuron];
    thermal->overlap += 2 * thermal->spins[neuron] * thermal->reference[neuron];
}

void thermal_measure(struct thermal *thermal, const struct state *state) {
    size_t half = thermal->bath->settings.measurement / 2;
    bool second = thermal->sweeps >= half;
    int32_t *sums = thermal->sums + (second ? thermal->neurons : 0);
    double overlap = (double)thermal->overlap / (double)thermal->neurons;
    for (size_t i = 0; i < thermal->neurons; i++)
        sums[i] += thermal->spins[i];
    thermal->overlap_sum += overlap;
    thermal->overlap_squares += overlap * overlap;
    thermal->alignment_sum += state->type->alignment(state);
    thermal->sweeps++;
    thermal->second_half += second;
}

void thermal_end(struct thermal *thermal) {
    double sweeps = (double)thermal->sweeps, neurons = (double)thermal->neurons;
    double mean = thermal->overlap_sum / sweeps, second = (double)thermal->second_half;
    const int32_t *sums = thermal->sums;
    int64_t product = 0;
    for (size_t i = 0; i < thermal->neurons; i++)
        product += (int64_t)sums[i] * sums[i + thermal->neurons];
    *thermal->averages = (struct thermal_averages){
        .overlap = mean,
        .overlap_deviation = sqrt(fmax(thermal->overlap_squares / sweeps - mean * mean, 0)),
        .order = (double)product / (neurons * second * (sweeps - second)),
        .alignment = thermal->alignment_sum / (sweeps * neurons * neurons),
    };
}
