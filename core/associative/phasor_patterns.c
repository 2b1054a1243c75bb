#include <math.h>

#include "core/associative/phasor.h"
#include "core/base/memory.h"

enum { LINE = MEMORY_ALIGNMENT / sizeof(double) };

static const double TURN = 6.283185307179586477;

static size_t stride_of(size_t count) {
    return (count + LINE - 1) / LINE * LINE;
}

enum status phasor_patterns_create(int states, size_t neurons, size_t count,
                                   struct phasor_patterns **patterns) {
    *patterns = NULL;
    if (neurons == 0 || count == 0 || states < 0 || states == 1 || states > PHASOR_STATES_MOST)
        return STATUS_INVALID;
    struct phasor_patterns *set = memory_allocate(1, sizeof *set);
    if (!set) return STATUS_NO_MEMORY;
    *set = (struct phasor_patterns){states, neurons, count, stride_of(count), NULL, NULL};
    set->re = memory_allocate(neurons, set->stride * sizeof *set->re);
    set->im = memory_allocate(neurons, set->stride * sizeof *set->im);
    *patterns = set;
    if (set->re && set->im) return STATUS_OK;
    phasor_patterns_destroy(patterns);
    return STATUS_NO_MEMORY;
}

void phasor_patterns_destroy(struct phasor_patterns **patterns) {
    if (!*patterns) return;
    memory_free((*patterns)->re);
    memory_free((*patterns)->im);
    memory_free(*patterns);
    *patterns = NULL;
}

double complex phasor_root(int states, size_t index) {
    size_t quarters = 4 * index;
    if (quarters % (size_t)states == 0) {
        static const double axis[] = {1, 0, -1, 0};
        size_t quarter = quarters / (size_t)states;
        return phasor_number(axis[quarter % 4], axis[(quarter + 3) % 4]);
    }
    double angle = TURN * (double)index / states;
    return phasor_number(cos(angle), sin(angle));
}

static double complex random_state(int states, struct random_source source, uint64_t index) {
    if (states != PHASOR_ANY) return phasor_root(states, random_below(source, index, (uint64_t)states));
    double angle = TURN * random_uniform(source, index);
    return phasor_number(cos(angle), sin(angle));
}

void phasor_patterns_draw(struct phasor_patterns *patterns, uint64_t key) {
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < patterns->neurons; i++) {
        struct random_source source = random_source(key, RANDOM_PATTERNS, (uint32_t)i);
        for (size_t p = 0; p < patterns->count; p++) {
            double complex state = random_state(patterns->states, source, p);
            patterns->re[i * patterns->stride + p] = creal(state);
            patterns->im[i * patterns->stride + p] = cimag(state);
        }
    }
}

void phasor_patterns_set(struct phasor_patterns *patterns, size_t index, const double complex *spins) {
    for (size_t i = 0; i < patterns->neurons; i++) {
        patterns->re[i * patterns->stride + index] = creal(spins[i]);
        patterns->im[i * patterns->stride + index] = cimag(spins[i]);
    }
}

void phasor_patterns_spins(const struct phasor_patterns *patterns, size_t index, double complex *spins) {
    for (size_t i = 0; i < patterns->neurons; i++)
        spins[i] = phasor_number(patterns->re[i * patterns->stride + index],
                                 patterns->im[i * patterns->stride + index]);
}

double phasor_overlap(const struct phasor_patterns *patterns, size_t index, const double complex *spins) {
    double complex sum = 0;
    for (size_t i = 0; i < patterns->neurons; i++)
        sum += phasor_number(patterns->re[i * patterns->stride + index],
                             -patterns->im[i * patterns->stride + index]) *
               spins[i];
    return cabs(sum) / (double)patterns->neurons;
}

enum status phasor_disturb(int states, size_t neurons, double overlap, struct random_source source,
                           double complex *spins) {
    size_t replaced = (size_t)llround((double)neurons * (1 - overlap));
    if (replaced == 0) return STATUS_OK;
    struct rank_queue queue = {.entries = memory_allocate(neurons, sizeof *queue.entries)};
    if (!queue.entries) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < neurons; i++)
        queue.entries[i] = (struct rank_entry){.rank = random_bits(source, i), .neuron = (uint32_t)i};
    rank_queue_arrange(&queue, neurons);
    for (size_t n = 0; n < replaced; n++) {
        uint32_t neuron = rank_queue_pop(&queue).neuron;
        spins[neuron] = random_state(states, source, neurons + neuron);
    }
    memory_free(queue.entries);
    return STATUS_OK;
}
