/* How near a softmax is to choosing one entry, and how little of its gradient is left then. */
#ifndef CORE_ATTENTION_SATURATION_H
#define CORE_ATTENTION_SATURATION_H

#include <stddef.h>

struct saturation {
    double largest;  /* the largest weight */
    double jacobian; /* Frobenius norm of diag(p) - p p^T, which is d softmax / d scores */
    double
        distance; /* sum of |weight - (1 at the largest score, 0 elsewhere)|: 0 is argmax, 2 the farthest */
};

/* Of softmax(beta scores[count]), count >= 1, scores finite and beta >= 0; weights[count] is written. Where
 * scores tie for the largest, the first counts as argmax. */
struct saturation softmax_saturation(size_t count, const double *scores, double beta, double *weights);

#endif
