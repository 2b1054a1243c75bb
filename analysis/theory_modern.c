#include "analysis/theory_modern.h"

#include <math.h>

/* E exp(k t) over the cosine t of random directions is 0F1(d/2; k^2/4), a series of positive terms; with its
 * derivative in k. */
static double mean_exponential(double dimension, double k, double *derivative) {
    double term = 1, sum = 1, slope = 0;
    for (int n = 0; term > 1e-17 * sum; n++) {
        term *= k * k / 4 / ((dimension / 2 + n) * (n + 1));
        sum += term;
        slope += 2 * (n + 1) * term / k;
    }
    *derivative = slope;
    return sum;
}

double theory_modern_patterns(double dimension, double beta, double error) {
    double k = beta * dimension, slope;
    double mean = mean_exponential(dimension, k, &slope);
    double share = error / (1 - slope / mean);
    if (!(share < 1)) return NAN;
    return 1 + share / (1 - share) * exp(k) / mean;
}

double theory_modern_rate(void) {
    double t = (sqrt(5) - 1) / 2; /* where t + ln(1 - t^2) / 2 is largest: t^2 + t = 1 */
    return 1 - t - log(1 - t * t) / 2;
}
