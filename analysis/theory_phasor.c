#include "analysis/theory_phasor.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_bessel.h>

#include "analysis/theory.h"

/* Nodes of a sector: what is integrated is smooth there. */
enum { NODES = 64 };

/* A network at one y: overlap m and response c. */
struct moments {
    double overlap, response;
};

/* Any phase: means of cos and of |h| of a complex normal number about y. */
static struct moments any_phase(double y) {
    double x = 0.5 * y * y, i0 = gsl_sf_bessel_I0_scaled(x), i1 = gsl_sf_bessel_I1_scaled(x);
    return (struct moments){0.5 * sqrt(M_PI) * y * (i0 + i1), 0.5 * sqrt(M_PI) * i0};
}

/* At the angle t of h = y + z: its density, and the density times the mean of |h|. Integrals over the modulus
 * of r^k exp(-|r e^{it} - y|^2) / pi. */
static void at_angle(double y, double t, double *density, double *modulus) {
    double u = y * cos(t), rest = exp(-y * y * gsl_pow_2(sin(t))) / M_PI, edge = exp(-u * u);
    double tail = 0.5 * sqrt(M_PI) * erfc(-u);
    *density = rest * (0.5 * edge + u * tail);
    *modulus = rest * (0.5 * u * edge + (u * u + 0.5) * tail);
}

/* q states: sums over sectors about the roots. m = <cos of the root>, c = <|h| cos(angle to the root)> - y m.
 */
static struct moments roots(int states, double y, const gsl_integration_glfixed_table *table) {
    struct moments sums = {0, 0};
    double half = M_PI / states;
    for (int k = 0; k < states; k++) {
        double root = 2 * half * k;
        for (size_t n = 0; n < NODES; n++) {
            double t, weight, density, modulus;
            gsl_integration_glfixed_point(root - half, root + half, n, &t, &weight, table);
            at_angle(y, t, &density, &modulus);
            sums.overlap += weight * density * cos(root);
            sums.response += weight * modulus * cos(t - root);
        }
    }
    sums.response -= y * sums.overlap;
    return sums;
}

static double root_of_load(int states, double y, const gsl_integration_glfixed_table *table,
                           double *overlap) {
    struct moments moments = states == 0 ? any_phase(y) : roots(states, y, table);
    *overlap = moments.overlap;
    return moments.overlap / y - moments.response;
}

/* Golden-section search: for few states the curve has one maximum, for many a second one at large y, where
 * the steps between roots are resolved; it starts from the best of a grid. */
double theory_phasor_capacity(int states, double *overlap) {
    enum { GRID = 120 };
    if (states == 2) return theory_capacity(overlap); /* fields are real: only half of the noise matters */
    const double step = 0.1, golden = 0.5 * (sqrt(5) - 1);
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(NODES);
    if (table == NULL) return NAN;
    double best = step, m, largest = -INFINITY;
    for (int i = 1; i <= GRID; i++) {
        double value = root_of_load(states, i * step, table, &m);
        if (value > largest) largest = value, best = i * step;
    }
    double low = best - step, high = best + step;
    while (high - low > 1e-9) {
        double a = high - golden * (high - low), b = low + golden * (high - low);
        if (root_of_load(states, a, table, &m) < root_of_load(states, b, table, &m))
            low = a;
        else
            high = b;
    }
    largest = root_of_load(states, 0.5 * (low + high), table, &m);
    gsl_integration_glfixed_table_free(table);
    if (overlap != NULL) *overlap = m;
    return largest * largest;
}
