/* attention_bench [SECONDS [TABLE...]]: rate of attention beside a matrix product of OpenBLAS, measured in
 * turns in one run, and the error against float64, one line per case. Threads: OMP_NUM_THREADS. */
#include <cblas.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/attention/attention.h"
#include "core/base/memory.h"
#include "core/base/random.h"
#include "core/kernels/kernels.h"

enum { PRODUCT_SIZE = 2048, SAMPLES_MAX = 64, ERROR_ROWS = 16 };

struct bench_case {
    const char *name;
    struct attention_shape shape;
    enum attention_mask_kind mask;
};

static const struct bench_case CASES[] = {
    {"L 6144, width 64", {1, 4, 4, 6144, 6144, 64}, ATTENTION_FULL},
    {"L 6144, width 128", {1, 4, 4, 6144, 6144, 128}, ATTENTION_FULL},
    {"L 6144, width 64, causal", {1, 4, 4, 6144, 6144, 64}, ATTENTION_CAUSAL},
    {"L 6144, width 128, causal", {1, 4, 4, 6144, 6144, 128}, ATTENTION_CAUSAL},
    {"BERT-base, batch 8", {8, 12, 12, 512, 512, 64}, ATTENTION_FULL},
    {"ViT-B/16, batch 16", {16, 12, 12, 197, 197, 64}, ATTENTION_FULL},
    {"GPT-2 XL, causal", {1, 25, 25, 1024, 1024, 64}, ATTENTION_CAUSAL},
    {"Llama-3-8B at 2048, causal", {1, 32, 8, 2048, 2048, 128}, ATTENTION_CAUSAL},
};

/* Inputs and outputs of one case. */
struct arrays {
    float *queries, *keys, *values, *output, *log_sum_exp;
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

static void arrays_free(struct arrays *arrays) {
    memory_free(arrays->queries);
    memory_free(arrays->keys);
    memory_free(arrays->values);
    memory_free(arrays->output);
    memory_free(arrays->log_sum_exp);
}

static enum status arrays_create(const struct attention_shape *s, struct arrays *arrays) {
    size_t rows = s->batch * s->heads * s->query_length;
    size_t key_rows = s->batch * s->kv_heads * s->key_length;
    *arrays = (struct arrays){
        .queries = normal_array(rows * s->head_width, RANDOM_QUERIES),
        .keys = normal_array(key_rows * s->head_width, RANDOM_KEYS),
        .values = normal_array(key_rows * s->head_width, RANDOM_VALUES),
        .output = memory_allocate(rows * s->head_width, sizeof(float)),
        .log_sum_exp = memory_allocate(rows, sizeof(float)),
    };
    if (arrays->queries && arrays->keys && arrays->values && arrays->output && arrays->log_sum_exp)
        return STATUS_OK;
    arrays_free(arrays);
    return STATUS_NO_MEMORY;
}

/* The largest deviation from float64 over rows spread over the first and the last head. */
static double largest_error(const struct attention_shape *shape, const struct attention_mask *mask,
                            const struct arrays *a) {
    double worst = 0, exact[ATTENTION_WIDTH_MAX], log_sum;
    for (size_t i = 0; i < ERROR_ROWS; i++) {
        size_t row = i * (shape->query_length - 1) / (ERROR_ROWS - 1);
        size_t batch = i % 2 ? shape->batch - 1 : 0, head = i % 2 ? shape->heads - 1 : 0;
        attention_reference_row(shape, mask, (double)attention_scale(shape), a->queries, a->keys, a->values,
                                batch, head, row, exact, &log_sum);
        const float *output =
            a->output + ((batch * shape->heads + head) * shape->query_length + row) * shape->head_width;
        for (size_t k = 0; k < shape->head_width; k++)
            worst = fmax(worst, fabs((double)output[k] - exact[k]));
    }
    return worst;
}

/* GF/s of one product of square matrices; factors[2] and product are theirs. */
static double product_rate(const float *left, const float *right, float *product) {
    const int n = PRODUCT_SIZE;
    double start = omp_get_wtime();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, left, n, right, n, 0, product, n);
    return 2e-9 * n * n * n / (omp_get_wtime() - start);
}

/* GF/s of one forward pass, from the operations on visible pairs. */
static double attention_rate(struct attention_plan *plan, const struct attention_shape *shape,
                             const struct attention_mask *mask, const struct arrays *a) {
    double start = omp_get_wtime();
    attention_forward(plan, mask, attention_scale(shape), a->queries, a->keys, a->values, a->output,
                      a->log_sum_exp);
    return 1e-9 * attention_flops(shape, mask) / (omp_get_wtime() - start);
}

/* Samples both in turns for `seconds` and prints medians, their ratio, the spread of attention and its error.
 */
static enum status measure(const struct bench_case *bench, double seconds, const float *left,
                           const float *right, float *product) {
    struct attention_mask mask = attention_mask_none();
    mask.kind = bench->mask;
    struct arrays arrays;
    struct attention_plan *plan;
    CHECK(arrays_create(&bench->shape, &arrays));
    enum status status = attention_plan_create(&bench->shape, &plan);
    if (status != STATUS_OK) {
        arrays_free(&arrays);
        return status;
    }
    double ours[SAMPLES_MAX], theirs[SAMPLES_MAX], start = omp_get_wtime();
    attention_rate(plan, &bench->shape, &mask, &arrays);
    product_rate(left, right, product);
    size_t samples = 0;
    while (samples < SAMPLES_MAX && (samples < 3 || omp_get_wtime() - start < seconds)) {
        ours[samples] = attention_rate(plan, &bench->shape, &mask, &arrays);
        theirs[samples++] = product_rate(left, right, product);
    }
    double rate = median(samples, ours), product_median = median(samples, theirs);
    printf(
        "%-28s attention %7.1f GF/s (%.1f to %.1f, n = %zu)  sgemm %7.1f GF/s  ratio %.3f  max error %.1e\n",
        bench->name, rate, ours[0], ours[samples - 1], samples, product_median, rate / product_median,
        largest_error(&bench->shape, &mask, &arrays));
    attention_plan_destroy(&plan);
    arrays_free(&arrays);
    return STATUS_OK;
}

static enum status measure_all(double seconds) {
    size_t size = (size_t)PRODUCT_SIZE * PRODUCT_SIZE;
    float *left = normal_array(size, RANDOM_INPUTS), *right = normal_array(size, RANDOM_WEIGHTS);
    float *product = normal_array(size, RANDOM_NOISE);
    enum status status = left && right && product ? STATUS_OK : STATUS_NO_MEMORY;
    printf("kernels %s, %d threads, sgemm of %d\n", kernels()->name, omp_get_max_threads(), PRODUCT_SIZE);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES && status == STATUS_OK; i++)
        status = measure(&CASES[i], seconds, left, right, product);
    memory_free(left);
    memory_free(right);
    memory_free(product);
    return status;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 3;
    enum status status = argc > 2 ? STATUS_OK : measure_all(seconds);
    for (int i = 2; i < argc && status == STATUS_OK; i++) {
        status = kernels_choose(argv[i]);
        if (status == STATUS_OK) status = measure_all(seconds);
    }
    if (status != STATUS_OK) fprintf(stderr, "attention_bench: %s\n", status_text(status));
    return status != STATUS_OK;
}
