/* attention_bench [-s SECONDS] [-n SIZE] [-k TABLE]: rate of attention beside what bounds it, measured in
 * turns in one run: a product of SIZE x SIZE matrices by OpenBLAS, or reading memory for a single query. One
 * line per case: medians, their ratio, the spread and the error against float64. Threads: OMP_NUM_THREADS. */
#include <cblas.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/attention/attention.h"
#include "core/base/memory.h"
#include "core/base/random.h"
#include "core/kernels/kernels.h"
#include "core/kernels/rates.h"

enum { SAMPLES_MAX = 64, SAMPLES_MIN = 3, ERROR_ROWS = 16 };

/* What a case is held against. */
enum bound { PRODUCT, READING, OWN_FULL };

struct bench_case {
    const char *name;
    struct attention_shape shape;
    enum attention_mask_kind mask;
    enum bound bound;
    float spread; /* standard deviation of the logits */
};

static const struct bench_case CASES[] = {
    {"L 6144, width 64", {1, 4, 4, 6144, 6144, 64}, ATTENTION_FULL, PRODUCT, 1},
    {"L 6144, width 128", {1, 4, 4, 6144, 6144, 128}, ATTENTION_FULL, PRODUCT, 1},
    {"L 6144, width 64, causal", {1, 4, 4, 6144, 6144, 64}, ATTENTION_CAUSAL, PRODUCT, 1},
    {"L 6144, width 128, causal", {1, 4, 4, 6144, 6144, 128}, ATTENTION_CAUSAL, PRODUCT, 1},
    {"causal, own full, width 64", {1, 4, 4, 6144, 6144, 64}, ATTENTION_CAUSAL, OWN_FULL, 1},
    {"causal, own full, width 128", {1, 4, 4, 6144, 6144, 128}, ATTENTION_CAUSAL, OWN_FULL, 1},
    {"BERT-base, batch 8", {8, 12, 12, 512, 512, 64}, ATTENTION_FULL, PRODUCT, 1},
    {"ViT-B/16, batch 16", {16, 12, 12, 197, 197, 64}, ATTENTION_FULL, PRODUCT, 1},
    {"GPT-2 XL, causal", {1, 25, 25, 1024, 1024, 64}, ATTENTION_CAUSAL, PRODUCT, 1},
    {"Llama-3-8B at 2048, causal", {1, 32, 8, 2048, 2048, 128}, ATTENTION_CAUSAL, PRODUCT, 1},
    {"Llama-3-8B at 8192, causal", {1, 32, 8, 8192, 8192, 128}, ATTENTION_CAUSAL, PRODUCT, 1},
    {"logits of +-80, width 64", {1, 4, 4, 2048, 2048, 64}, ATTENTION_FULL, PRODUCT, 20},
    {"1 query, 32768 keys, 32/8", {1, 32, 8, 1, 32768, 128}, ATTENTION_FULL, READING, 1},
};

/* Inputs and outputs of one case, and what it is measured beside. */
struct bench {
    const struct bench_case *of;
    struct attention_mask mask;
    struct attention_plan *plan;
    float *queries, *keys, *values, *output, *log_sum_exp;
    const float *factor; /* [size][size] */
    float *product;
    int size;
};

static int compare_reals(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(size_t count, double *values) {
    qsort(values, count, sizeof *values, compare_reals);
    return count % 2 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

static float *normal_array(size_t count, enum random_stream stream) {
    float *array = memory_allocate(count, sizeof *array);
    if (array) random_fill_normal_f32(random_source(1, stream, 0), 0, count, array);
    return array;
}

static size_t key_elements(const struct attention_shape *s) {
    return s->batch * s->kv_heads * s->key_length * s->head_width;
}

static void bench_free(struct bench *bench) {
    attention_plan_destroy(&bench->plan);
    memory_free(bench->queries);
    memory_free(bench->keys);
    memory_free(bench->values);
    memory_free(bench->output);
    memory_free(bench->log_sum_exp);
}

/* Frees nothing on failure: bench_free does. */
static enum status bench_create(struct bench *bench) {
    const struct attention_shape *s = &bench->of->shape;
    size_t rows = s->batch * s->heads * s->query_length, elements = rows * s->head_width;
    bench->mask = attention_mask_none();
    bench->mask.kind = bench->of->mask;
    bench->queries = normal_array(elements, RANDOM_QUERIES);
    bench->keys = normal_array(key_elements(s), RANDOM_KEYS);
    bench->values = normal_array(key_elements(s), RANDOM_VALUES);
    bench->output = memory_allocate(elements, sizeof(float));
    bench->log_sum_exp = memory_allocate(rows, sizeof(float));
    if (!bench->queries || !bench->keys || !bench->values || !bench->output || !bench->log_sum_exp)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < elements; i++)
        bench->queries[i] *= bench->of->spread;
    return attention_plan_create(s, &bench->plan);
}

/* The largest deviation from float64 over rows spread over the first and the last head. */
static double largest_error(const struct bench *bench) {
    const struct attention_shape *shape = &bench->of->shape;
    double worst = 0, exact[ATTENTION_WIDTH_MAX], log_sum;
    for (size_t i = 0; i < ERROR_ROWS; i++) {
        size_t row = i * (shape->query_length - 1) / (ERROR_ROWS - 1);
        size_t batch = i % 2 ? shape->batch - 1 : 0, head = i % 2 ? shape->heads - 1 : 0;
        attention_reference_row(shape, &bench->mask, (double)attention_scale(shape), bench->queries,
                                bench->keys, bench->values, batch, head, row, exact, &log_sum);
        const float *output =
            bench->output + ((batch * shape->heads + head) * shape->query_length + row) * shape->head_width;
        for (size_t k = 0; k < shape->head_width; k++)
            worst = fmax(worst, fabs((double)output[k] - exact[k]));
    }
    return worst;
}

/* Giga-units a second of one forward pass: operations on visible pairs, or bytes of keys and values. */
static double attention_rate(const struct bench *bench, const struct attention_mask *mask) {
    const struct attention_shape *shape = &bench->of->shape;
    double start = omp_get_wtime();
    attention_forward(bench->plan, mask, attention_scale(shape), bench->queries, bench->keys, bench->values,
                      bench->output, bench->log_sum_exp);
    double seconds = omp_get_wtime() - start;
    if (bench->of->bound == READING) return 2e-9 * (double)(key_elements(shape) * sizeof(float)) / seconds;
    return 1e-9 * attention_flops(shape, mask) / seconds;
}

/* The same of what bounds it. */
static double bound_rate(const struct bench *bench) {
    const int n = bench->size;
    const struct attention_mask full = attention_mask_none();
    double start = omp_get_wtime(), work;
    switch (bench->of->bound) {
    case OWN_FULL:
        return attention_rate(bench, &full);
    case READING:
        work = rates_read(key_elements(&bench->of->shape), bench->keys);
        work += rates_read(key_elements(&bench->of->shape), bench->values);
        break;
    default:
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, bench->factor, n, bench->factor, n,
                    0, bench->product, n);
        work = 2.0 * n * n * n;
    }
    return 1e-9 * work / (omp_get_wtime() - start);
}

/* Samples both in turns for `seconds` and prints what came out. */
static void measure(const struct bench *bench, double seconds) {
    static const char *const BOUNDS[] = {"sgemm", "reading", "full"};
    double ours[SAMPLES_MAX], bounds[SAMPLES_MAX], ratios[SAMPLES_MAX];
    bound_rate(bench);
    attention_rate(bench, &bench->mask);
    double error = largest_error(bench), start = omp_get_wtime();
    size_t samples = 0;
    while (samples < SAMPLES_MAX && (samples < SAMPLES_MIN || omp_get_wtime() - start < seconds)) {
        ours[samples] = attention_rate(bench, &bench->mask);
        bounds[samples] = bound_rate(bench);
        ratios[samples] = ours[samples] / bounds[samples];
        samples++;
    }
    double rate = median(samples, ours), bound = median(samples, bounds), ratio = median(samples, ratios);
    printf("%-28s %7.1f %s  %-7s %7.1f  ratio %.3f (%.3f to %.3f, n = %zu)  max error %.1e\n",
           bench->of->name, rate, bench->of->bound == READING ? "GB/s" : "GF/s", BOUNDS[bench->of->bound],
           bound, ratio, ratios[0], ratios[samples - 1], samples, error);
    fflush(stdout);
}

static enum status measure_all(double seconds, int size) {
    size_t elements = (size_t)size * (size_t)size;
    float *factor = normal_array(elements, RANDOM_INPUTS), *product = normal_array(elements, RANDOM_NOISE);
    enum status status = factor && product ? STATUS_OK : STATUS_NO_MEMORY;
    printf("kernels %s, %d threads, sgemm of %d\n", kernels()->name, omp_get_max_threads(), size);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES && status == STATUS_OK; i++) {
        struct bench bench = {.of = &CASES[i], .factor = factor, .product = product, .size = size};
        status = bench_create(&bench);
        if (status == STATUS_OK) measure(&bench, seconds);
        bench_free(&bench);
    }
    memory_free(factor);
    memory_free(product);
    return status;
}

int main(int argc, char **argv) {
    double seconds = 5;
    int size = 4096, option;
    enum status status = STATUS_OK;
    while ((option = getopt(argc, argv, "s:n:k:")) != -1)
        switch (option) {
        case 's':
            seconds = atof(optarg);
            break;
        case 'n':
            size = atoi(optarg);
            break;
        case 'k':
            status = kernels_choose(optarg);
            break;
        default:
            status = STATUS_INVALID;
        }
    if (size < 1 || optind < argc) status = STATUS_INVALID;
    if (status == STATUS_OK) status = measure_all(seconds, size);
    if (status != STATUS_OK)
        fprintf(stderr, "attention_bench [-s SECONDS] [-n SIZE] [-k TABLE]: %s\n", status_text(status));
    return status != STATUS_OK;
}
