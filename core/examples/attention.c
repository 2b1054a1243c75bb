/* Attention on arrays of one's own: two query heads share one key/value head, causal. Prints one row, beside
 * the same row in float64. */
#include <math.h>
#include <stdio.h>

#include "core/attention/attention.h"

enum { HEADS = 2, LENGTH = 5, WIDTH = 4, ROW = LENGTH - 1 };

/* Any numbers will do. */
static void fill(size_t count, float phase, float *numbers) {
    for (size_t i = 0; i < count; i++)
        numbers[i] = sinf(phase + (float)(i * i));
}

int main(void) {
    static float queries[HEADS][LENGTH][WIDTH], keys[LENGTH][WIDTH], values[LENGTH][WIDTH];
    static float output[HEADS][LENGTH][WIDTH], log_sum_exp[HEADS][LENGTH];
    fill(sizeof queries / sizeof(float), 0, &queries[0][0][0]);
    fill(sizeof keys / sizeof(float), 1, &keys[0][0]);
    fill(sizeof values / sizeof(float), 2, &values[0][0]);

    struct attention_shape shape = {.batch = 1,
                                    .heads = HEADS,
                                    .kv_heads = 1,
                                    .query_length = LENGTH,
                                    .key_length = LENGTH,
                                    .head_width = WIDTH};
    struct attention_mask mask = attention_mask_none();
    mask.kind = ATTENTION_CAUSAL;
    float scale = attention_scale(&shape);

    struct attention_plan *plan = NULL;
    enum status status = attention_plan_create(&shape, &plan);
    if (status != STATUS_OK) {
        fprintf(stderr, "attention: %s\n", status_text(status));
        return 1;
    }
    attention_forward(plan, &mask, scale, &queries[0][0][0], &keys[0][0], &values[0][0], &output[0][0][0],
                      &log_sum_exp[0][0]);
    attention_plan_destroy(&plan);

    double reference[WIDTH], reference_log_sum_exp, error = 0;
    attention_reference_row(&shape, &mask, scale, &queries[0][0][0], &keys[0][0], &values[0][0], 0, HEADS - 1,
                            ROW, reference, &reference_log_sum_exp);
    for (size_t i = 0; i < WIDTH; i++) {
        printf("%9.6f (%9.6f)\n", output[HEADS - 1][ROW][i], reference[i]);
        error = fmax(error, fabs(output[HEADS - 1][ROW][i] - reference[i]));
    }
    return error < 1e-6 ? 0 : 1;
}
