/* Minimum probability flow (Sohl-Dickstein, Battaglino & DeWeese 2011; Hillar, Sohl-Dickstein & Koepsell
 * 2012). What leaves the patterns for the states one flip away is, up to a constant factor, K = sum over
 * patterns and neurons of exp(-s_i h_i), s the pattern and h_i = sum_j J_ij s_j the fields; J is symmetric
 * without a diagonal. ln K is convex in J and has the same minima. Matrices are by rows; of symmetric ones
 * only the entries on the diagonal and right of it are read or written. Sums have one order on one BLAS
 * thread. */
#ifndef CORE_ASSOCIATIVE_FLOW_H
#define CORE_ASSOCIATIVE_FLOW_H

#include "core/associative/patterns.h"

/* The patterns as real numbers: spins[count][neurons]. */
void flow_spins(const struct patterns *patterns, double *spins);

/* fields[count][neurons] of spins[count][neurons] in a symmetric matrix[neurons][neurons]. */
void flow_fields(size_t neurons, size_t count, const double *spins, const double *matrix, double *fields);

/* ln K of count * neurons = `entries` spins and their fields; unless NULL, shares[entries] are the terms of K
 * over K, each times its spin. Not finite when a field is not. */
double flow_log(size_t entries, const double *spins, const double *fields, double *shares);

/* gradient[neurons][neurons] of ln K in J_ij = J_ji: minus the sum over patterns of s_i s_j times the shares
 * of i and of j; 0 on the diagonal. */
void flow_gradient(size_t neurons, size_t count, const double *spins, const double *shares, double *gradient);

/* Operations of one set of fields, of one ln K with its shares, of one gradient; an exponential is one. */
double flow_fields_operations(size_t neurons, size_t count);
double flow_log_operations(size_t neurons, size_t count);
double flow_gradient_operations(size_t neurons, size_t count);

#endif
