#include "analysis/theory_order.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

#include "analysis/theory.h"

double theory_order_scale(int order, bool distinct) {
    double scale = 1;
    for (int k = 2; k < order; k++)
        scale *= distinct ? k : 2 * k - 1;
    return scale;
}

/* With y = m^(K-1) / sqrt(2 a): a = erf(y)^(2K-2) / (2 y^2), rises from 0, then falls as 1 / (2 y^2). */
static double load_of(int order, double y) {
    return gsl_pow_int(erf(y), 2 * order - 2) / (2 * y * y);
}

/* Golden-section search of the single maximum, to 1e-9 in y. */
static double spinodal_root(int order) {
    const double golden = 0.5 * (sqrt(5) - 1);
    double low = 0.1, high = 5;
    while (high - low > 1e-9) {
        double a = high - golden * (high - low), b = low + golden * (high - low);
        if (load_of(order, a) < load_of(order, b))
            low = a;
        else
            high = b;
    }
    return 0.5 * (low + high);
}

double theory_order_spinodal(int order) {
    return load_of(order, spinodal_root(order));
}

double theory_order_overlap(int order, double scaled_load) {
    if (order == 2) return theory_overlap(scaled_load);
    if (!(scaled_load >= 0)) return NAN;
    double low = spinodal_root(order);
    if (scaled_load > load_of(order, low)) return 0;
    /* erf < 1, so beyond this y the load is below the one asked for. */
    double high = fmax(low, 1 / sqrt(2 * scaled_load));
    if (high > 20) return 1; /* 1 - erf(20) is below the resolution of a double */
    for (int step = 0; step < 100; step++) {
        double middle = 0.5 * (low + high);
        if (load_of(order, middle) > scaled_load)
            low = middle;
        else
            high = middle;
    }
    return erf(0.5 * (low + high));
}

double theory_order_first_step_load(double error) {
    return 1 / gsl_pow_2(gsl_cdf_ugaussian_Qinv(error));
}
