/* How much of the machine's matrix-product rate a layer reaches where its cost follows its law. */
#ifndef ANALYSIS_RATE_SHARE_H
#define ANALYSIS_RATE_SHARE_H

#include "analysis/scaling.h"

/* The best float32 matrix product that the experiment `machine` measured on one rank with as many threads, in
 * operations a second; NaN: there is none. STATUS_NO_MEMORY. */
enum status rate_share_product(const struct results *results, double threads, double *rate);

/* Executed operations over time over `product_rate`: the geometric mean over the points of `time` from
 * `first` on that `work` has too, with a bootstrap interval over points and samples. Unknown (NaN): no
 * product rate or no such points. STATUS_NO_MEMORY. */
enum status rate_share_measure(const struct sweep *work, const struct sweep *time, size_t first,
                               double product_rate, uint64_t key, struct interval *share);

#endif
