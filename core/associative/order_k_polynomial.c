#include "core/associative/order_k_polynomial.h"

#include <math.h>
#include <string.h>

const char *const order_family_names[ORDER_FAMILY_COUNT + 1] = {"full", "distinct", NULL};

enum order_family order_family_named(const char *name) {
    enum order_family family = 0;
    while (family < ORDER_FAMILY_COUNT && strcmp(order_family_names[family], name) != 0)
        family++;
    return family;
}

/* f = M^K; f(M) - f(M - 2 x) by the binomial theorem, with x^2 = 1. */
static struct order_polynomials full_powers(int order) {
    switch (order) {
    case 2:
        return (struct order_polynomials){{0, 1}, {-1}, {0, 0, 1}, 4, 1};
    case 3:
        return (struct order_polynomials){{4, 0, 3}, {0, -6}, {0, 0, 0, 1}, 2, 1};
    default:
        return (struct order_polynomials){{0, 4, 0, 1}, {-2, 0, -3}, {0, 0, 0, 0, 1}, 8, 1};
    }
}

/* f = K! e_K of the N numbers xi_i s_i, whose power sums are M (odd) and N (even), as squares are 1; so
 * Newton's identities give e_K from M and N. f(M) - f(M - 2 x) = 2 K! x e_{K-1} of the other N - 1. */
static struct order_polynomials distinct_tuples(int order, int64_t n) {
    switch (order) {
    case 2:
        return (struct order_polynomials){{0, 1}, {-1}, {-n, 0, 1}, 4, 2};
    case 3:
        return (struct order_polynomials){{(int32_t)(2 - n), 0, 1}, {0, -2}, {0, 2 - 3 * n, 0, 1}, 6, 6};
    default:
        return (struct order_polynomials){{0, (int32_t)(8 - 3 * n), 0, 1},
                                          {3 * n - 6, 0, -3},
                                          {3 * n * n - 6 * n, 0, 8 - 6 * n, 0, 1},
                                          8,
                                          24};
    }
}

struct order_polynomials order_polynomials(struct order_rule rule, size_t neurons) {
    return rule.family == ORDER_FULL ? full_powers(rule.order)
                                     : distinct_tuples(rule.order, (int64_t)neurons);
}

static double absolute_sum(const double *magnitudes, int terms, double neurons) {
    double sum = 0;
    for (int power = terms - 1; power >= 0; power--)
        sum = sum * neurons + magnitudes[power];
    return sum;
}

/* Bounds of |weight|, of |weight| + |common| and of the scaled energy of one pattern, as float64: rounding is
 * far below the factor 2 that the limits leave. */
static void bounds(const struct order_polynomials *p, size_t neurons, double *weight, double *stability,
                   double *energy) {
    double w[4], c[3], e[5];
    for (int i = 0; i < 4; i++)
        w[i] = fabs((double)p->weight[i]);
    for (int i = 0; i < 3; i++)
        c[i] = fabs((double)p->common[i]);
    for (int i = 0; i < 5; i++)
        e[i] = fabs((double)p->energy[i]);
    *weight = absolute_sum(w, 4, (double)neurons);
    *stability = *weight + absolute_sum(c, 3, (double)neurons);
    *energy = absolute_sum(e, 5, (double)neurons);
}

int64_t order_weight_bound(const struct order_polynomials *polynomials, size_t neurons) {
    double weight, stability, energy;
    bounds(polynomials, neurons, &weight, &stability, &energy);
    return (int64_t)weight;
}

/* Integers never overflow: weights are kept in 32 bits and must stay below 2^31. Sums over patterns are of 64
 * bits; the largest are the energy and twice a sum of weights, less another, so 2^60 leaves room for a factor
 * of 8. Coefficients themselves are at most 6 N^2 < 2^63 and, in 32 bits, 3 N < 2^31. */
enum status order_check(struct order_rule rule, size_t neurons, size_t patterns, struct error *error) {
    if (rule.order < ORDER_LEAST || rule.order > ORDER_MOST || rule.family >= ORDER_FAMILY_COUNT)
        return error_set(error, STATUS_INVALID, "order: %d, there are orders %d to %d", rule.order,
                         ORDER_LEAST, ORDER_MOST);
    if (neurons > INT32_MAX / 4)
        return error_set(error, STATUS_UNSUPPORTED, "neurons: %zu, at most %d at any order", neurons,
                         INT32_MAX / 4);
    struct order_polynomials polynomials = order_polynomials(rule, neurons);
    double weight, stability, energy;
    bounds(&polynomials, neurons, &weight, &stability, &energy);
    if (weight > 0x1p30)
        return error_set(error, STATUS_UNSUPPORTED,
                         "neurons: %zu, whose weights of order %d are beyond 32 bits", neurons, rule.order);
    if ((double)patterns * fmax(stability, energy) > 0x1p60)
        return error_set(error, STATUS_UNSUPPORTED,
                         "neurons, load: sums over %zu patterns of order %d are beyond 64 bits", patterns,
                         rule.order);
    return STATUS_OK;
}
