/* What attention, recurrent layers and convolutions cost at the shape of a published model. */
#ifndef ANALYSIS_SHAPE_COSTS_H
#define ANALYSIS_SHAPE_COSTS_H

#include "analysis/published.h"
#include "analysis/scaling.h"

/* What is compared: attention in two ways, its core alone and with projections, and its rivals: three
 * recurrent cells, convolutions of two kernel sizes. */
enum { CORE, LAYER, RIVALS, CANDIDATES = RIVALS + 5 };

extern const char *const candidate_names[CANDIDATES];

/* Costs of all candidates at one shape. */
struct shape_costs {
    const struct published_shape *shape;
    double work[CANDIDATES];                /* from counted terms, all sequences of the batch */
    double counted[CANDIDATES];             /* by the records; NaN: none */
    struct sweep_point seconds[CANDIDATES]; /* undisturbed samples; none: typical is NaN */
};

/* Reads the records of this very shape and batch on one rank and one thread; clear it with shape_costs_clear,
 * on failure too. Where the model has no attention: as many units, no mask, keys of its own for each head.
 * STATUS_NO_MEMORY. */
enum status shape_costs_read(const struct results *results, const struct published_shape *shape,
                             struct shape_costs *costs);
void shape_costs_clear(struct shape_costs *costs);

#endif
