/* A part of the units of recurrent layers: all threads run a step in all directions, then the calling one
 * completes the hidden states with those of the other parts. */
#include <omp.h>
#include <string.h>

#include "core/sequence/recurrent.h"

/* One thread's view of a forward pass. */
struct pass {
    const struct recurrent *layer;
    const float *input;
    float *output;
    const struct recurrent_meeting *meeting;
    struct crew crew;
};

static bool is_last(const struct recurrent *layer, size_t index) {
    return index + 1 == layer->sizes.layers;
}

/* Between layers stand all units, in the output those of the part. */
static struct strand_arrays arrays_of(const struct pass *pass, size_t index, size_t direction) {
    const struct recurrent *layer = pass->layer;
    const struct recurrent_sizes *sizes = &layer->sizes;
    struct strand_arrays arrays = {.input = index == 0 ? pass->input : layer->between[(index - 1) % 2],
                                   .input_length = sizes->steps,
                                   .input_stride = recurrent_strand_inputs(sizes, index),
                                   .output = pass->output + direction * sizes->units,
                                   .output_length = sizes->steps,
                                   .output_stride = sizes->directions * sizes->units};
    if (is_last(layer, index)) return arrays;
    arrays.output = layer->between[index % 2] + direction * sizes->width + sizes->first_unit;
    arrays.output_stride = sizes->directions * sizes->width;
    return arrays;
}

static const struct strand *strand_of(const struct recurrent *layer, size_t index, size_t direction) {
    return &layer->strands[index * layer->sizes.directions + direction];
}

/* Puts the hidden states after a step where the next layer reads them. */
static void hand_up(const struct recurrent *layer, size_t index, size_t step, float *const *hidden) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    for (size_t direction = 0; direction < sizes->directions; direction++)
        for (size_t item = 0; item < sizes->batch; item++) {
            size_t position = direction == 1 ? sizes->steps - 1 - step : step;
            size_t row = (item * sizes->steps + position) * sizes->directions + direction;
            memcpy(layer->between[index % 2] + row * sizes->width, hidden[direction] + item * sizes->stride,
                   sizes->width * sizeof(float));
        }
}

/* The hidden states after a step become those of all units. */
static void complete(const struct pass *pass, size_t index, size_t step) {
    const struct recurrent *layer = pass->layer;
    if (is_last(layer, index) && step + 1 == layer->sizes.steps) return;
    if (pass->crew.thread == 0) {
        float *hidden[2] = {NULL, NULL};
        for (size_t direction = 0; direction < layer->sizes.directions; direction++)
            hidden[direction] = strand_of(layer, index, direction)->hidden[(step + 1) % 2];
        pass->meeting->complete(pass->meeting->context, hidden, layer->sizes.stride);
        if (!is_last(layer, index)) hand_up(layer, index, step, hidden);
    }
    barrier_wait(pass->crew.barrier);
}

static void run_stretch(const struct pass *pass, size_t index, struct stretch stretch) {
    const struct recurrent *layer = pass->layer;
    size_t directions = layer->sizes.directions;
    struct strand_arrays arrays[2];
    for (size_t direction = 0; direction < directions; direction++) {
        arrays[direction] = arrays_of(pass, index, direction);
        strand_prepare(layer, strand_of(layer, index, direction), &arrays[direction], stretch, &pass->crew);
    }
    for (size_t i = 0; i < stretch.steps; i++) {
        for (size_t direction = 0; direction < directions; direction++)
            strand_step(layer, strand_of(layer, index, direction), &arrays[direction], stretch, i,
                        &pass->crew);
        complete(pass, index, stretch.first + i);
    }
    for (size_t direction = 0; direction < directions; direction++)
        strand_count(layer, strand_of(layer, index, direction), stretch, &pass->crew);
}

static void run(const struct pass *pass) {
    const struct recurrent_sizes *sizes = &pass->layer->sizes;
    for (size_t index = 0; index < sizes->layers; index++)
        for (size_t first = 0; first < sizes->steps; first += sizes->stretch) {
            size_t left = sizes->steps - first;
            run_stretch(pass, index, (struct stretch){first, left < sizes->stretch ? left : sizes->stretch});
        }
}

void recurrent_forward_units(struct recurrent *layer, const float *input, float *output,
                             const struct recurrent_meeting *meeting) {
#pragma omp parallel
    {
        size_t threads = (size_t)omp_get_num_threads();
#pragma omp single
        barrier_begin(&layer->barriers[0], threads);
        const struct pass pass = {.layer = layer,
                                  .input = input,
                                  .output = output,
                                  .meeting = meeting,
                                  .crew = {(size_t)omp_get_thread_num(), threads, &layer->barriers[0]}};
        run(&pass);
    }
}
