/* What claims write their findings with. */
#ifndef ANALYSIS_FINDING_H
#define ANALYSIS_FINDING_H

#include "analysis/claim.h"

/* The next measurement of a finding, zeroed, with prediction NaN (reported only), value NaN and no bounds;
 * NULL when it is full. The name is printf-style. */
struct measurement *finding_measurement(struct finding *finding, const char *unit, const char *name, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts an interval into a measurement; what is NULL is left alone. */
void measurement_set(struct measurement *measurement, const struct interval *interval);

/* Makes a measurement one that decides. */
void measurement_decides(struct measurement *measurement, enum criterion criterion, double prediction,
                         double tolerance);

/* The next plot of a finding with its axes; NULL when it is full. */
struct plot *finding_plot(struct finding *finding, const char *name, const char *title, const char *x_label,
                          const char *y_label);

/* The next table of a finding, without columns and rows; NULL when it is full or memory is out. */
struct finding_table *finding_table(struct finding *finding, const char *name, const char *title,
                                    const char *row_head);

/* Hands a capacity to the figure of all capacities, in patterns per neuron; the definition is printf-style.
 * What is not measured is left out. */
void finding_capacity(struct finding *finding, const char *model, double claimed,
                      const struct interval *measured, const char *definition, ...)
    __attribute__((format(printf, 5, 6)));

/* Appends to the sizes, printf-style, separated from what is there by a comma. */
void finding_sizes(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends to the reason, printf-style; what does not fit is cut off. */
void finding_say(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the reason with a full stop in place of whatever list mark or blank it was left with. */
void finding_end_sentence(struct finding *finding);

/* A curve of `points` places between low and high, evenly or (logarithmic) in constant ratio. NULL plot:
 * nothing. */
enum status plot_curve(struct plot *plot, const char *label, enum plot_style style, int colour, double low,
                       double high, int logarithmic, double (*curve)(double x, const void *context),
                       const void *context);

/* How a residual is taken. */
enum residual { RESIDUAL_RATIO, RESIDUAL_DIFFERENCE };

/* Adds what a fitted curve leaves of a series to the plot NAME_residuals, folded, which is made on first use
 * with the x axis of `plot`. NULL plot or points, or a full finding: nothing. STATUS_NO_MEMORY. */
enum status finding_residuals(struct finding *finding, const struct plot *plot, const struct series *points,
                              enum residual kind, double (*curve)(double x, const void *context),
                              const void *context);

/* The series that was added last; NULL: none. */
const struct series *plot_last_series(const struct plot *plot);

/* plot_add for claims: a full plot or a NULL one is no error, being out of memory is. */
enum status plot_series(struct plot *plot, const char *label, enum plot_style style, int colour, size_t count,
                        const double *x, const double *y, const double *low, const double *high);

#endif
