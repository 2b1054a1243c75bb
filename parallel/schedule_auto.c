/* Choosing a schedule by predicted time, from measured rates. */
#include <math.h>
#include <stdio.h>

#include "core/base/memory.h"
#include "core/base/random.h"
#include "parallel/schedule.h"

struct schedule_choice schedule_auto(const struct attention_split *split, const struct attention_mask *mask,
                                     const struct schedule_rates *rates) {
    struct schedule_choice best = {.schedule = NULL, .seconds = INFINITY};
    for (size_t i = 0; schedules()[i]; i++) {
        const struct schedule *schedule = schedules()[i];
        struct attention_split tried = *split;
        if (schedule->choose_ways && tried.ways == 0) tried.ways = schedule->choose_ways(&tried);
        if (schedule->refuses(&tried)) continue;
        double seconds = schedule->seconds(&tried, mask, rates);
        if (best.schedule && !(seconds < best.seconds)) continue;
        best.schedule = schedule;
        best.ways = tried.ways;
        best.seconds = seconds;
    }
    if (best.schedule)
        snprintf(best.reason, sizeof best.reason, "%s: %.3g s predicted, the least", best.schedule->name,
                 best.seconds);
    return best;
}

/* Attention of moderate size, to measure the rate of this rank. */
struct probe {
    struct attention_plan *plan;
    float *inputs, *output; /* queries, keys and values are the same numbers */
};

static const struct attention_shape PROBE = {1, 2, 2, 768, 768, 64};

static enum status probe_create(struct probe *probe) {
    size_t elements = PROBE.heads * PROBE.query_length * PROBE.head_width;
    *probe = (struct probe){.inputs = memory_allocate(elements, sizeof(float)),
                            .output = memory_allocate(elements, sizeof(float))};
    if (!probe->inputs || !probe->output) return STATUS_NO_MEMORY;
    random_fill_normal_f32(random_source(1, RANDOM_INPUTS, 0), 0, elements, probe->inputs);
    return attention_plan_create(&PROBE, &probe->plan);
}

static void probe_destroy(struct probe *probe) {
    attention_plan_destroy(&probe->plan);
    memory_free(probe->inputs);
    memory_free(probe->output);
}

static double probe_seconds(const struct probe *probe, const struct attention_mask *mask) {
    double start = parallel_seconds();
    attention_forward(probe->plan, mask, attention_scale(&PROBE), probe->inputs, probe->inputs, probe->inputs,
                      probe->output, NULL);
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
        double best = INFINITY;
        for (int pass = 0; pass < PASSES; pass++)
            best = fmin(best, probe_seconds(&probe, &mask));
        team_maximum(team, 1, &best);
        rates->flops = attention_flops(&PROBE, &mask) / best;
        team_measure_link(team, &rates->latency, &rates->bandwidth);
    }
    probe_destroy(&probe);
    return status;
}
