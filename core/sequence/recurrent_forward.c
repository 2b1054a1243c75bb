/* Which threads run which strand when: all threads layer after layer, half of them in each direction, or as a
 * wavefront, where each thread has whole layers and is a stretch behind the layers below. */
#include <omp.h>

#include "core/sequence/recurrent.h"

/* Operations of one step of one layer up to which meeting after each step costs more than the wavefront's way
 * in and out, in which some layers wait. */
static const double WAVEFRONT_STEP_MAX = 1e6;

/* One thread's view of a forward pass. */
struct pass {
    const struct recurrent *layer;
    const struct recurrent_steps *steps;
    size_t thread, threads;
};

/* The last layer writes the output, the others the arrays between in turns. With two of these a layer may
 * overwrite, a stretch later, what the layer before the one below it has written. */
static struct strand_arrays arrays_of(const struct pass *pass, size_t index, size_t direction) {
    const struct recurrent *layer = pass->layer;
    const struct recurrent_steps *steps = pass->steps;
    size_t width = layer->sizes.width;
    bool first = index == 0, last = index + 1 == layer->sizes.layers;
    float *output = last ? steps->output : layer->between[index % 2];
    return (struct strand_arrays){.input = first ? steps->input : layer->between[(index - 1) % 2],
                                  .input_length = first ? steps->input_length : layer->sizes.steps,
                                  .input_stride = recurrent_strand_inputs(&layer->sizes, index),
                                  .output = output + direction * width,
                                  .output_length = last ? steps->output_length : layer->sizes.steps,
                                  .output_stride = layer->sizes.directions * width,
                                  .first = steps->first};
}

static size_t stretches_of(const struct pass *pass) {
    return (pass->steps->steps + pass->layer->sizes.stretch - 1) / pass->layer->sizes.stretch;
}

static void run_stretch(const struct pass *pass, size_t index, size_t direction, size_t stretch,
                        const struct crew *crew) {
    struct strand_arrays arrays = arrays_of(pass, index, direction);
    const struct recurrent_sizes *sizes = &pass->layer->sizes;
    size_t done = stretch * sizes->stretch, left = pass->steps->steps - done;
    struct stretch steps = {pass->steps->first + done, left < sizes->stretch ? left : sizes->stretch};
    strand_run(pass->layer, &pass->layer->strands[index * sizes->directions + direction], &arrays, steps,
               crew);
}

/* Layer after layer. Both directions of one are independent: with two threads or more each has its own. */
static void run_in_turn(const struct pass *pass) {
    const struct recurrent *layer = pass->layer;
    size_t directions = layer->sizes.directions, crews = pass->threads >= directions ? directions : 1;
    size_t mine = crews == 1 ? 0 : pass->thread * crews / pass->threads;
    size_t first = (mine * pass->threads + crews - 1) / crews;
    const struct crew crew = {pass->thread - first, layer->barriers[1 + mine].threads,
                              &layer->barriers[1 + mine]};
    for (size_t index = 0; index < layer->sizes.layers; index++) {
        for (size_t direction = mine; direction < directions; direction += crews)
            for (size_t stretch = 0; stretch < stretches_of(pass); stretch++)
                run_stretch(pass, index, direction, stretch, &crew);
        barrier_wait(&layer->barriers[0]);
    }
}

/* Layer i runs stretch s in round i + s. Each thread has as many layers, neighbours. */
static void run_wavefront(const struct pass *pass) {
    const struct recurrent *layer = pass->layer;
    size_t layers = layer->sizes.layers, stretches = stretches_of(pass), each = layers / pass->threads;
    struct barrier nobody = {.threads = 1};
    const struct crew alone = {0, 1, &nobody};
    for (size_t round = 0; round + 1 < stretches + layers; round++) {
        for (size_t index = pass->thread * each; index < (pass->thread + 1) * each; index++)
            if (round >= index && round - index < stretches)
                run_stretch(pass, index, 0, round - index, &alone);
        barrier_wait(&layer->barriers[0]);
    }
}

static bool wavefront_pays(const struct recurrent *layer, size_t threads) {
    const struct recurrent_sizes *sizes = &layer->sizes;
    double width = (double)sizes->width;
    double step = 2 * (double)layer->sizes.batch * (double)layer->cell->gates * width * width;
    return threads > 1 && sizes->directions == 1 && sizes->layers % threads == 0 &&
           step <= WAVEFRONT_STEP_MAX;
}

/* One barrier for all threads and one for those of each direction. */
static void begin_barriers(const struct recurrent *layer, size_t threads) {
    size_t directions = layer->sizes.directions, crews = threads >= directions ? directions : 1;
    barrier_begin(&layer->barriers[0], threads);
    for (size_t crew = 0; crew < crews; crew++) {
        size_t first = (crew * threads + crews - 1) / crews,
               next = ((crew + 1) * threads + crews - 1) / crews;
        barrier_begin(&layer->barriers[1 + crew], next - first);
    }
}

void recurrent_forward_steps(struct recurrent *layer, const struct recurrent_steps *steps) {
#pragma omp parallel
    {
        const struct pass pass = {.layer = layer,
                                  .steps = steps,
                                  .thread = (size_t)omp_get_thread_num(),
                                  .threads = (size_t)omp_get_num_threads()};
#pragma omp single
        begin_barriers(layer, pass.threads);
        if (wavefront_pays(layer, pass.threads))
            run_wavefront(&pass);
        else
            run_in_turn(&pass);
    }
}

void recurrent_forward(struct recurrent *layer, const float *input, float *output) {
    size_t length = layer->sizes.steps;
    recurrent_forward_steps(layer, &(struct recurrent_steps){.steps = length,
                                                             .input = input,
                                                             .output = output,
                                                             .input_length = length,
                                                             .output_length = length});
}
