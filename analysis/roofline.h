/* The roofline of attention on one rank (Williams, Waterman & Patterson 2009): rate against arithmetic
 * intensity, under what the machine experiment measured. */
#ifndef ANALYSIS_ROOFLINE_H
#define ANALYSIS_ROOFLINE_H

#include "analysis/finding.h"

/* Draws the plot, if the results hold both attention on one rank and what the machine can do with as many
 * threads, and reports each published shape's share of the peak. Intensity: executed operations of the two
 * products over the bytes that must move at least once, queries, keys, values and output in float32:
 * 4 B L d (2 H + 2 H_kv). STATUS_NO_MEMORY. */
enum status roofline_report(const struct results *results, struct finding *finding);

#endif
