/* Measuring what the schedules' predictions need. */
#include <math.h>
#include <omp.h>

#include "core/base/memory.h"
#include "core/base/random.h"
#include "parallel/schedule.h"

/* Attention of moderate size, to measure the rate of this rank. */
struct probe {
    struct attention_shape shape;
    struct attention_plan *plan;
    float *inputs, *output; /* queries, keys and values are the same numbers */
};

/* A head a thread, so that all have the same to do; a pass takes a few milliseconds. */
static struct attention_shape probe_shape(void) {
    size_t heads = (size_t)omp_get_max_threads();
    return (struct attention_shape){1, heads, heads, 1024, 1024, 64};
}

static enum status probe_create(struct probe *probe) {
    struct attention_shape shape = probe_shape();
    size_t elements = shape.heads * shape.query_length * shape.head_width;
    *probe = (struct probe){.shape = shape,
                            .inputs = memory_allocate(elements, sizeof(float)),
                            .output = memory_allocate(elements, sizeof(float))};
    if (!probe->inputs || !probe->output) return STATUS_NO_MEMORY;
    random_fill_normal_f32(random_source(1, RANDOM_INPUTS, 0), 0, elements, probe->inputs);
    return attention_plan_create(&shape, &probe->plan);
}

static void probe_destroy(struct probe *probe) {
    attention_plan_destroy(&probe->plan);
    memory_free(probe->inputs);
    memory_free(probe->output);
}

static double probe_seconds(const struct probe *probe, const struct attention_mask *mask) {
    double start = parallel_seconds();
    attention_forward(probe->plan, mask, attention_scale(&probe->shape), probe->inputs, probe->inputs,
                      probe->inputs, probe->output, NULL);
    return parallel_seconds() - start;
}

enum status schedule_measure_rates(struct team *team, struct schedule_rates *rates) {
    enum { PASSES = 5 };
    struct attention_mask mask = attention_mask_none();
    struct probe probe;
    enum status status = team_agree(team, probe_create(&probe), NULL);
    if (status == STATUS_OK) {
        probe_seconds(&probe, &mask);
        team_barrier(team);
        double best = INFINITY; /* what disturbs a pass only delays it */
        for (int pass = 0; pass < PASSES; pass++)
            best = fmin(best, probe_seconds(&probe, &mask));
        team_maximum(team, 1, &best);
        rates->flops = attention_flops(&probe.shape, &mask) / best;
        team_measure_link(team, &rates->latency, &rates->bandwidth);
    }
    probe_destroy(&probe);
    return status;
}
