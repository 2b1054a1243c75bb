#include "core/associative/flow.h"

#include <cblas.h>
#include <math.h>

void flow_spins(const struct patterns *patterns, double *spins) {
    for (size_t p = 0; p < patterns->count; p++) {
        const uint64_t *bits = patterns->by_pattern + p * patterns->words_per_pattern;
        for (size_t i = 0; i < patterns->neurons; i++)
            spins[p * patterns->neurons + i] = bits[i / 64] >> i % 64 & 1 ? 1 : -1;
    }
}

void flow_fields(size_t neurons, size_t count, const double *spins, const double *matrix, double *fields) {
    blasint n = (blasint)neurons, p = (blasint)count;
    cblas_dsymm(CblasRowMajor, CblasRight, CblasUpper, p, n, 1, matrix, n, spins, n, 0, fields, n);
}

double flow_log(size_t entries, const double *spins, const double *fields, double *shares) {
    double least = INFINITY, sum = 0;
    for (size_t e = 0; e < entries; e++)
        least = fmin(least, spins[e] * fields[e]);
    for (size_t e = 0; e < entries; e++) {
        double term = exp(least - spins[e] * fields[e]);
        sum += term;
        if (shares) shares[e] = spins[e] * term;
    }
    for (size_t e = 0; e < entries && shares; e++)
        shares[e] /= sum;
    return log(sum) - least;
}

void flow_gradient(size_t neurons, size_t count, const double *spins, const double *shares,
                   double *gradient) {
    blasint n = (blasint)neurons, p = (blasint)count;
    cblas_dsyr2k(CblasRowMajor, CblasUpper, CblasTrans, n, p, -1, spins, n, shares, n, 0, gradient, n);
    for (size_t i = 0; i < neurons; i++)
        gradient[i * neurons + i] = 0;
}

double flow_fields_operations(size_t neurons, size_t count) {
    return 2.0 * (double)neurons * (double)neurons * (double)count;
}

/* The smallest, the exponential with its argument, the sum, the share. */
double flow_log_operations(size_t neurons, size_t count) {
    return 7.0 * (double)neurons * (double)count;
}

/* Two products for half of a matrix. */
double flow_gradient_operations(size_t neurons, size_t count) {
    return 2.0 * (double)neurons * (double)neurons * (double)count;
}
