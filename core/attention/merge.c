/* Joining partial attentions over disjoint sets of keys. */
#include "core/attention/plan.h"

#include <math.h>
#include <string.h>

/* Rows that are worth waking threads for. */
enum { PARALLEL_MINIMUM = 1024 };

/* With Z = Z1 + Z2 the joint sum of exponentials, out = (Z1 out1 + Z2 out2) / Z. The larger log Z is taken
 * out before exponentiating, so that nothing overflows. */
static void merge_row(size_t width, const real *partial, real partial_log, real *output, real *log_sum) {
    if (partial_log == (real)-INFINITY) return;
    if (*log_sum == (real)-INFINITY) {
        memcpy(output, partial, width * sizeof *output);
        *log_sum = partial_log;
        return;
    }
    double larger = fmax((double)*log_sum, (double)partial_log);
    double here = exp((double)*log_sum - larger), there = exp((double)partial_log - larger);
    double total = here + there;
    real keep = (real)(here / total), add = (real)(there / total);
    for (size_t k = 0; k < width; k++)
        output[k] = keep * output[k] + add * partial[k];
    *log_sum = (real)(larger + log(total));
}

void REAL(attention_merge)(size_t rows, size_t head_width, const real *partial_output,
                           const real *partial_log_sum_exp, real *output, real *log_sum_exp) {
#pragma omp parallel for schedule(static) if (rows >= PARALLEL_MINIMUM)
    for (size_t row = 0; row < rows; row++)
        merge_row(head_width, partial_output + row * head_width, partial_log_sum_exp[row],
                  output + row * head_width, log_sum_exp + row);
}
