/* Energies of order K as polynomials of the overlaps M_p = sum_i xi_i s_i, with whole coefficients. Private
 * to order_k*.c. */
#ifndef CORE_ASSOCIATIVE_ORDER_K_POLYNOMIAL_H
#define CORE_ASSOCIATIVE_ORDER_K_POLYNOMIAL_H

#include "core/associative/order_k.h"

/* Let x = xi_i s_i. A flip of neuron i takes M to M - 2 x, and changes the energy by
 *     step * D_i,   D_i = sum_p (x weight(M_p) + common(M_p)),
 * since any function of M and of x = +-1 is of that form; the neuron is unstable when D_i < 0. */
struct order_polynomials {
    int32_t weight[4]; /* of M^0 ... M^3 */
    int64_t common[3];
    int64_t energy[5]; /* the energy times `scale` is - sum_p energy(M_p) */
    int64_t step;      /* of the energy times `scale` */
    int64_t scale;
};

/* Of a checked size. */
struct order_polynomials order_polynomials(struct order_rule rule, size_t neurons);

/* The largest that |weight(M)| can be at |M| <= neurons. */
int64_t order_weight_bound(const struct order_polynomials *polynomials, size_t neurons);

#endif
