/* Pictures of the phases of a network at a temperature. Private to claim HF4. */
#ifndef ANALYSIS_PHASE_PLOTS_H
#define ANALYSIS_PHASE_PLOTS_H

#include "analysis/finding.h"
#include "analysis/phase_points.h"

/* The plane of load and temperature: overlaps from pattern starts of the size, where retrieval ends, lines of
 * theory; overlaps against temperature; q from random starts of the largest size that has them. Sizes without
 * data give plots without them. STATUS_NO_MEMORY. */
enum status phase_plots(const struct phase_points *points, double neurons, struct finding *finding);

#endif
