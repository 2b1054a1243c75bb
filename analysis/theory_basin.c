#include "analysis/theory_basin.h"

#include <math.h>
#include <stdbool.h>

static const double PI = 3.14159265358979323846;

/* Overlaps of retrieval lie above the first, those of forgetting fall below the second; a change below the
 * third is none. */
static const double RETRIEVED = 0.7, FORGOTTEN = 1e-3, REST = 1e-12;

enum { STEPS = 5000, HALVINGS = 40 };

static bool is_retrieved(double load, double overlap) {
    double sigma = sqrt(load);
    for (int step = 0; step < STEPS && overlap > FORGOTTEN; step++) {
        double ratio = overlap / sigma, density = exp(-ratio * ratio / 2) / sqrt(2 * PI);
        double next = erf(ratio / sqrt(2));
        double variance = load + 4 * density * density + 4 * load * density * overlap * next / sigma;
        if (fabs(next - overlap) + fabs(variance - sigma * sigma) < REST) break;
        overlap = next;
        sigma = sqrt(variance);
    }
    return overlap > RETRIEVED;
}

double theory_critical_overlap(double load) {
    double low = 0, high = 1;
    if (!(load > 0) || !is_retrieved(load, high)) return NAN;
    for (int halving = 0; halving < HALVINGS; halving++) {
        double middle = (low + high) / 2;
        if (is_retrieved(load, middle))
            high = middle;
        else
            low = middle;
    }
    return high;
}
