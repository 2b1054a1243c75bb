/* Convolution and recurrence that are split over ranks: the ways, and what must leave a rank. */
#ifndef ANALYSIS_LAYER_SPLIT_H
#define ANALYSIS_LAYER_SPLIT_H

#include <stdbool.h>

#include "analysis/selection.h"

/* The ways to split, by their names in sentences and plots. */
enum { LAYER_SPLIT_WAYS = 5 };
extern const char *const layer_split_ways[LAYER_SPLIT_WAYS];

/* The experiment whose records are split that way, and whether this record is one of them. */
const char *layer_split_experiment(size_t way);
bool layer_split_is(const struct record *record, size_t way);

/* Bytes of float32 that must leave `rank`, in closed form, written here once more so that it does not share a
 * mistake with what is measured. B sequences, L positions, d wide, P ranks:
 *   batch                   0
 *   convolution, sequence   B d times the reach: (k-1-m) dilation positions to the next rank, m dilation to
 * the one before; m = 0 for the past, else floor((k-1) / 2); if no part is shorter than either recurrence,
 * units       B u s (A-1) (l L - 1): u own units, s directions, l layers, A = min(P, d) ranks with units;
 * after the last step of the last layer nobody reads recurrence, layers      B L d from each of the first A-1
 * ranks, A = min(P, l) NaN where the form does not apply. */
double layer_split_bytes(const struct record *record, size_t way, double rank);

#endif
