/* Bytes that left a rank, counted, against formulas: to the byte. What the rows on traffic have in common. */
#ifndef ANALYSIS_BYTE_AGREEMENT_H
#define ANALYSIS_BYTE_AGREEMENT_H

#include "analysis/finding.h"
#include "analysis/selection.h"

enum { BYTE_POINTS_MAX = 2048 };

/* Counted bytes of one way to split against one form of its formula. */
struct byte_agreement {
    size_t values;             /* ranks of records that were compared */
    double most_ranks;         /* of their records */
    double largest_difference; /* bytes; infinite when a number is missing */
};

struct byte_comparison {
    size_t records; /* with two ranks or more */
    struct byte_agreement closed, general;
    size_t points;
    double predicted[BYTE_POINTS_MAX], sent[BYTE_POINTS_MAX];
};

/* Bytes that must leave `rank` in closed form, NaN where the form does not apply. */
typedef double byte_form(const struct record *record, size_t way, double rank);

/* Adds a record of two ranks or more: column bytes_sent against the form of that way, and against column
 * bytes_predicted, the general form. STATUS_NO_MEMORY. */
enum status byte_compare(const struct record *record, byte_form *form, size_t way,
                         struct byte_comparison *comparison);

/* Sets the measurements of a way, says what came out and draws its points in a colour of their own. A way
 * that is needed leaves the row open while it is missing or ran on two ranks alone; the others decide it or
 * are reported. `plot` may be NULL when nothing was compared. STATUS_NO_MEMORY. */
enum status byte_report(const char *way, bool needed, int colour, const struct byte_comparison *comparison,
                        struct plot *plot, struct finding *finding);

/* The plot of counted against predicted bytes; NULL when the finding has no room. */
struct plot *byte_plot(struct finding *finding, const char *name, const char *caption);

/* Draws the line of equality over all points, or takes a plot without any away. STATUS_NO_MEMORY. */
enum status byte_plot_end(struct plot *plot, struct finding *finding);

#endif
