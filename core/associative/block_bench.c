/* block_bench [NEURONS [LOAD [BLOCK]]]: one retrieval in blocks from a stored pattern; additions a second
 * where a bit is set, beside the multiply-adds that the machine can do at most. Times are the processor's, of
 * all threads together (OMP_NUM_THREADS). Built on demand, for people: ninja block_bench. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/associative/block_retrieval.h"
#include "core/kernels/kernels.h"
#include "core/kernels/rates.h"

enum { KEY = 1, FMA_ROUNDS = 20000000 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double fma_rate(void) {
    double start = seconds(), operations = rates_fma_f32(FMA_ROUNDS);
    return operations / 2 / (seconds() - start);
}

static void show(const struct pattern_slice *slice, size_t block, double draw_seconds, double run_seconds,
                 const struct block_outcome *outcome) {
    double additions = (double)outcome->looks * (double)slice->patterns, peak = fma_rate();
    printf("{\"neurons\": %zu, \"patterns\": %zu, \"block\": %zu, \"kernels\": \"%s\", \"overlap\": %.6f, "
           "\"sweeps\": %llu, \"flips\": %llu, \"draw_seconds\": %.3f, \"run_seconds\": %.3f, "
           "\"additions_per_second\": %.4g, \"of_multiply_adds\": %.3f}\n",
           slice->neurons, slice->patterns, block, kernels()->name, outcome->overlap,
           (unsigned long long)outcome->sweeps, (unsigned long long)outcome->flips, draw_seconds, run_seconds,
           additions / run_seconds, additions / run_seconds / peak);
}

static enum status measure(size_t neurons, size_t patterns, size_t block, struct pattern_slice **slice,
                           struct block_retrieval **retrieval) {
    static struct block_outcome outcome;
    const struct block_settings settings = {.key = KEY};
    CHECK(pattern_slice_create(neurons, patterns, 0, neurons, slice));
    CHECK(block_retrieval_create(*slice, block, retrieval));
    double start = seconds();
    pattern_slice_draw(*slice, KEY);
    double drawn = seconds();
    CHECK(block_retrieval_run(*retrieval, &settings, NULL, &outcome));
    show(*slice, block, drawn - start, seconds() - drawn, &outcome);
    return STATUS_OK;
}

int main(int count, char **arguments) {
    size_t neurons = count > 1 ? strtoull(arguments[1], NULL, 10) : 100000;
    double load = count > 2 ? strtod(arguments[2], NULL) : 0.138;
    size_t block = count > 3 ? strtoull(arguments[3], NULL, 10) : neurons / 100;
    struct pattern_slice *slice = NULL;
    struct block_retrieval *retrieval = NULL;
    enum status status = measure(neurons, (size_t)llround(load * (double)neurons), block, &slice, &retrieval);
    if (status != STATUS_OK) fprintf(stderr, "block_bench: %s\n", status_text(status));
    block_retrieval_destroy(&retrieval);
    pattern_slice_destroy(&slice);
    return status == STATUS_OK ? 0 : 1;
}
