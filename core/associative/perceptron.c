#include "core/associative/perceptron.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

enum { LINE_ENTRIES = MEMORY_ALIGNMENT / sizeof(int16_t) };

void pattern_overlaps_clear(struct pattern_overlaps *overlaps) {
    memory_free(overlaps->entries);
    overlaps->entries = NULL;
}

enum status pattern_overlaps_compute(const struct patterns *patterns, struct pattern_overlaps *overlaps) {
    size_t count = patterns->count, words = patterns->words_per_pattern;
    size_t stride = (count + LINE_ENTRIES - 1) / LINE_ENTRIES * LINE_ENTRIES;
    int32_t *distances = memory_allocate(count, count * sizeof *distances);
    *overlaps = (struct pattern_overlaps){count, stride, memory_allocate(count, stride * sizeof(int16_t))};
    if (!distances || !overlaps->entries) {
        memory_free(distances);
        pattern_overlaps_clear(overlaps);
        return STATUS_NO_MEMORY;
    }
#pragma omp parallel for schedule(static)
    for (size_t p = 0; p < count; p++) {
        int32_t *row = distances + p * count;
        kernels()->hamming(words, patterns->by_pattern + p * words, count, patterns->by_pattern, row);
        for (size_t q = 0; q < count; q++)
            overlaps->entries[p * stride + q] = (int16_t)((int32_t)patterns->neurons - 2 * row[q]);
    }
    memory_free(distances);
    return STATUS_OK;
}

enum status perceptron_create(const struct pattern_overlaps *overlaps, struct perceptron *perceptron) {
    *perceptron = (struct perceptron){
        .fields = memory_allocate(overlaps->stride, sizeof(int32_t)),
        .taught = memory_allocate(overlaps->stride, sizeof(int32_t)),
        .wanted = memory_allocate(overlaps->stride, sizeof(int8_t)),
    };
    if (perceptron->fields && perceptron->taught && perceptron->wanted) return STATUS_OK;
    perceptron_clear(perceptron);
    return STATUS_NO_MEMORY;
}

void perceptron_clear(struct perceptron *perceptron) {
    memory_free(perceptron->fields);
    memory_free(perceptron->taught);
    memory_free(perceptron->wanted);
    *perceptron = (struct perceptron){0};
}

static void teach(const struct pattern_overlaps *overlaps, size_t neurons, size_t index,
                  struct perceptron *perceptron) {
    int32_t spin = perceptron->wanted[index];
    perceptron->squares += 2 * (int64_t)spin * perceptron->fields[index] + (int64_t)neurons;
    perceptron->taught[index] += spin;
    perceptron->lessons++;
    perceptron->adds += 2 * (int64_t)overlaps->count;
    kernels()->add_row_i16(overlaps->stride, spin, overlaps->entries + index * overlaps->stride,
                           perceptron->fields);
}

static void start(const struct patterns *patterns, const struct pattern_overlaps *overlaps, size_t neuron,
                  struct perceptron *perceptron) {
    const uint64_t *row = patterns->by_neuron + neuron * patterns->words_per_neuron;
    memset(perceptron->fields, 0, overlaps->stride * sizeof *perceptron->fields);
    memset(perceptron->taught, 0, overlaps->stride * sizeof *perceptron->taught);
    perceptron->lessons = perceptron->squares = 0;
    for (size_t p = 0; p < overlaps->count; p++)
        perceptron->wanted[p] = row[p / 64] >> p % 64 & 1 ? 1 : -1;
    for (size_t p = 0; p < overlaps->count; p++)
        teach(overlaps, patterns->neurons, p, perceptron);
}

static bool is_stable(const struct perceptron *perceptron, size_t index, double stability) {
    int64_t field = (int64_t)perceptron->wanted[index] * perceptron->fields[index] - perceptron->lessons;
    if (field <= 0 || stability == 0) return field > 0;
    int64_t squares = perceptron->squares - perceptron->lessons * perceptron->lessons;
    return (double)field >= stability * sqrt((double)squares);
}

bool perceptron_learn(const struct patterns *patterns, const struct pattern_overlaps *overlaps, size_t neuron,
                      double stability, size_t epochs, struct perceptron *perceptron) {
    const int64_t lessons_max = INT32_MAX / (int64_t)patterns->neurons;
    start(patterns, overlaps, neuron, perceptron);
    for (size_t epoch = 0; epoch < epochs; epoch++) {
        int64_t before = perceptron->lessons;
        for (size_t p = 0; p < overlaps->count; p++) {
            if (is_stable(perceptron, p, stability)) continue;
            if (perceptron->lessons == lessons_max) return false;
            teach(overlaps, patterns->neurons, p, perceptron);
        }
        perceptron->adds += (int64_t)overlaps->count;
        if (perceptron->lessons == before) return true;
    }
    return false;
}
