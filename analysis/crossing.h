/* Where two measured cost curves cross. */
#ifndef ANALYSIS_CROSSING_H
#define ANALYSIS_CROSSING_H

#include "analysis/scaling.h"

/* How two curves lie over the places that both were measured at. */
struct crossing {
    size_t places; /* common places; fewer than 2: nothing is known */
    double lowest, highest;
    size_t cheaper;     /* places where the first curve lies below the second */
    struct interval at; /* where the first curve comes to lie above the second for good */
};

/* The last change from cheaper to dearer, between measured places by interpolating the ratio of the curves'
 * medians linearly: exact where one cost is a x + b x^2 and the other c x. A curve that is cheaper everywhere
 * crosses beyond the highest place, one that is dearer at the lowest and everywhere else before it: then the
 * interval has one end there and is open to the other side. The interval of a crossing
 * between comes from a bootstrap over samples; where each place holds one counted value it spans this
 * interpolation and the one in log-log. STATUS_NO_MEMORY. */
enum status crossing_measure(const struct sweep *first, const struct sweep *second, uint64_t key,
                             struct crossing *crossing);

#endif
