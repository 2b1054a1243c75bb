/* Which layer is cheapest at which length and width, and how the crossings move with the width. */
#ifndef ANALYSIS_CROSSOVER_MAP_H
#define ANALYSIS_CROSSOVER_MAP_H

#include "analysis/claim.h"
#include "analysis/crossover.h"

/* How the crossings in executed FLOPs of the core lie to their predictions at all widths. */
struct crossover_widths {
    size_t widths, crossings; /* within the measured lengths */
    double farthest;          /* largest |L* / prediction - 1| of them */
};

/* Adds to the finding a map of the cheapest layer for FLOPs and for time and a plot of L* against the width,
 * over the comparisons that share batch and threads with the best one. One width: no map. STATUS_NO_MEMORY.
 */
enum status crossover_map(const struct results *results, const struct comparisons *comparisons,
                          struct finding *finding, struct crossover_widths *widths);

#endif
