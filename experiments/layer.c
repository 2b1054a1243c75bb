#include "experiments/layer.h"

#include <math.h>

#include "core/base/memory.h"
#include "core/base/work.h"
#include "experiments/timing.h"

size_t layer_choose_rows(struct random_source source, size_t length, size_t inner,
                         size_t rows[LAYER_ROWS_MAX]) {
    size_t count = 0;
    if (length <= inner + 2) {
        for (; count < length; count++)
            rows[count] = count;
        return count;
    }
    size_t between = length - 2;
    rows[count++] = 0;
    for (size_t stretch = 0; stretch < inner; stretch++) {
        size_t first = 1 + between * stretch / inner, end = 1 + between * (stretch + 1) / inner;
        rows[count++] = first + (size_t)random_below(source, stretch, end - first);
    }
    rows[count++] = length - 1;
    return count;
}

double layer_worse(double worst, double difference) {
    if (isnan(difference)) return INFINITY;
    return fmax(worst, fabs(difference));
}

struct layer layer_begin(void (*forward)(void *handle, const float *input, float *output)) {
    memory_reset_high_water();
    return (struct layer){.forward = forward, .memory_before = memory_in_use()};
}

enum status layer_draw_input(struct layer *layer, uint64_t data_key, size_t inputs, size_t outputs) {
    layer->input = memory_allocate(inputs, sizeof *layer->input);
    layer->output = memory_allocate(outputs, sizeof *layer->output);
    if (!layer->input || !layer->output) return STATUS_NO_MEMORY;
    random_fill_normal_f32(random_source(data_key, RANDOM_INPUTS, 0), 0, inputs, layer->input);
    return STATUS_OK;
}

void layer_free_arrays(struct layer *layer) {
    memory_free(layer->input);
    memory_free(layer->output);
    layer->input = layer->output = NULL;
}

/* A layer while it is timed. */
struct timed_layer {
    const struct layer *layer;
    struct work work; /* of the last pass */
};

static void pass(void *context, double *seconds) {
    struct timed_layer *timed = context;
    const struct layer *layer = timed->layer;
    struct work before = work_now();
    double start = parallel_seconds();
    layer->forward(layer->handle, layer->input, layer->output);
    seconds[0] += parallel_seconds() - start;
    timed->work = work_difference(before, work_now());
}

static enum status record_work(struct record *record, struct work work) {
    CHECK(record_set_real(record, "flops", (double)work_total(work)));
    CHECK(record_set_real(record, "flops_product", (double)work.product));
    CHECK(record_set_real(record, "flops_elementwise", (double)work.elementwise));
    return record_set_real(record, "flops_transcendental", (double)work.transcendental);
}

enum status layer_measure(const struct layer *layer, struct team *team, struct record *record) {
    struct timing timing;
    struct timed_layer timed = {.layer = layer};
    timing_collect(team, 1, pass, &timed, &timing);
    CHECK(record_work(record, timed.work));
    CHECK(record_set_reals(record, "seconds", timing.samples, timing.seconds[0]));
    size_t memory = memory_high_water() - layer->memory_before;
    CHECK(record_set_integer(record, "memory", (int64_t)memory));
    return timing_record(&timing, record);
}

enum status layer_record_check(struct record *record, double max_abs_error, size_t rows_checked) {
    CHECK(record_set_real(record, "max_abs_error", max_abs_error));
    return record_set_integer(record, "rows_checked", (int64_t)rows_checked);
}
