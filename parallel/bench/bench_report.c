#include "parallel/bench/bench_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

static int compare_reals(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct quartiles {
    double low, median, high;
};

/* Between the two samples that lie around it, in proportion. */
static double quantile(size_t count, const double *sorted, double fraction) {
    double place = fraction * (double)(count - 1);
    size_t below = (size_t)place, above = below + 1 < count ? below + 1 : below;
    return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

/* Sorts the samples. */
static struct quartiles quartiles_of(size_t count, double *samples) {
    qsort(samples, count, sizeof *samples, compare_reals);
    return (struct quartiles){quantile(count, samples, 0.25), quantile(count, samples, 0.5),
                              quantile(count, samples, 0.75)};
}

/* A rank's numbers, reduced over the ranks. */
struct over_ranks {
    double maximum, mean;
};

static struct over_ranks reduce(const struct bench *bench, double mine) {
    struct over_ranks reduced = {mine, mine};
    team_maximum(bench->world, 1, &reduced.maximum);
    team_sum(bench->world, 1, &reduced.mean);
    reduced.mean /= team_size(bench->world);
    return reduced;
}

static void print_pair(FILE *file, const char *name, struct over_ranks pair) {
    fprintf(file, ", \"%s_max\": %.6g, \"%s_mean\": %.6g", name, pair.maximum, name, pair.mean);
}

static void print_case(FILE *file, const struct bench *bench, const struct bench_entrant *entrant) {
    const struct attention_split *split = &entrant->split;
    const struct attention_shape *shape = &split->shape;
    int ranks = entrant->schedule ? split->ranks : 1;
    fprintf(file, "{\"schedule\": \"%s\", \"layout\": \"%s\", \"ways\": %d, \"mask\": \"%s\"",
            entrant->schedule ? entrant->schedule->name : "one process", sequence_layout_names[split->layout],
            split->ways, bench->options->mask_text);
    fprintf(file, ", \"ranks\": %d, \"threads\": %d, \"batch\": %zu, \"length\": %zu, \"heads\": %zu", ranks,
            bench->options->threads * split->ranks / ranks, shape->batch, shape->query_length, shape->heads);
    fprintf(file, ", \"kv_heads\": %zu, \"width\": %zu", shape->kv_heads, shape->head_width);
}

static void print_rates(FILE *file, const struct bench *bench, const struct bench_entrant *entrant,
                        struct quartiles seconds) {
    double gflops = 1e-9 * attention_flops(&entrant->split.shape, &bench->mask);
    fprintf(file, ", \"gflops_median\": %.5g, \"gflops_low\": %.5g, \"gflops_high\": %.5g",
            gflops / seconds.median, gflops / seconds.high, gflops / seconds.low);
    fprintf(file, ", \"samples\": %zu, \"seconds_median\": %.6g", bench->samples, seconds.median);
}

/* What all ranks measured of a schedule; collective, printed where a file is given. */
static void report_traffic(const struct bench *bench, const struct bench_entrant *entrant, FILE *file) {
    double samples = (double)bench->samples;
    const struct split_traffic *sums = &entrant->sums;
    uint64_t elements = entrant->schedule->elements_sent(&entrant->split, team_rank(bench->world));
    struct over_ranks compute = reduce(bench, sums->seconds_compute / samples);
    struct over_ranks transfer = reduce(bench, sums->seconds_transfer / samples);
    struct over_ranks wait = reduce(bench, sums->seconds_wait / samples);
    struct over_ranks merge = reduce(bench, sums->seconds_merge / samples);
    struct over_ranks sent = reduce(bench, (double)sums->bytes_sent / samples);
    struct over_ranks predicted = reduce(bench, (double)elements * sizeof(float));
    if (!file) return;
    print_pair(file, "seconds_compute", compute);
    print_pair(file, "seconds_transfer", transfer);
    print_pair(file, "seconds_wait", wait);
    print_pair(file, "seconds_merge", merge);
    fprintf(file, ", \"imbalance\": %.4g", compute.mean > 0 ? compute.maximum / compute.mean : 1);
    fprintf(file, ", \"bytes_sent\": %.0f, \"bytes_predicted\": %.0f", sent.maximum, predicted.maximum);
    fprintf(file, ", \"seconds_predicted\": %.6g", entrant->seconds_predicted);
    if (entrant->reason[0]) fprintf(file, ", \"reason\": \"%s\"", entrant->reason);
}

static void print_ratio(FILE *file, const struct bench *bench, const struct bench_entrant *entrant,
                        double *room) {
    for (size_t i = 0; i < bench->samples; i++)
        room[i] = bench->entrants[0].seconds[i] / entrant->seconds[i];
    struct quartiles ratio = quartiles_of(bench->samples, room);
    fprintf(file, ", \"of_one_process\": %.4f, \"of_one_process_low\": %.4f, \"of_one_process_high\": %.4f",
            ratio.median, ratio.low, ratio.high);
}

static void report_entrant(const struct bench *bench, const struct bench_entrant *entrant, FILE *file) {
    double room[BENCH_SAMPLES_MAX];
    if (file) {
        memcpy(room, entrant->seconds, bench->samples * sizeof *room);
        print_case(file, bench, entrant);
        print_rates(file, bench, entrant, quartiles_of(bench->samples, room));
    }
    if (entrant->schedule) report_traffic(bench, entrant, file);
    double error = entrant->max_abs_error;
    team_maximum(bench->world, 1, &error);
    if (!file) return;
    if (entrant->schedule && bench->options->baseline) print_ratio(file, bench, entrant, room);
    /* JSON knows no infinity. */
    if (isfinite(error))
        fprintf(file, ", \"max_abs_error\": %.3g}\n", error);
    else
        fprintf(file, ", \"max_abs_error\": null}\n");
}

void bench_report(struct bench *bench, FILE *file) {
    FILE *mine = team_rank(bench->world) == 0 ? file : NULL;
    for (size_t i = 0; i < bench->count; i++)
        report_entrant(bench, &bench->entrants[i], mine);
}
