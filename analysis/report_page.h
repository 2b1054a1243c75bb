/* The parts of the page. Private to this folder. */
#ifndef ANALYSIS_REPORT_PAGE_H
#define ANALYSIS_REPORT_PAGE_H

#include "analysis/report.h"

/* What became of a plot. */
struct picture {
    char *svg;      /* NULL: not drawn */
    char note[200]; /* why */
};

/* The whole page. pictures: of the summary (which may have no rows), then of all plots of all rows, in order.
 */
void page_print(const struct ledger *ledger, const struct results *results, const struct plot *summary,
                const struct picture *pictures, FILE *out);

/* The style sheet, without its element. */
void page_style(FILE *out);

/* A verdict as text and symbol. */
void page_badge(enum verdict verdict, FILE *out);

/* A deciding measurement as a picture: agreeing values as a band, its 95 % interval as a bar; else nothing.
 */
void page_strip(const struct measurement *measurement, FILE *out);

/* The section of one row: statement, measurements, plots; `first` is the number of its first plot. */
void page_claim(const struct ledger_row *row, const struct picture *pictures, size_t first, FILE *out);

/* A plot with its caption and the links to its files. The number tells its ids from those of other plots. */
void page_figure(const struct plot *plot, const struct picture *picture, size_t number, FILE *out);

/* Failed units, the machine, where the data come from, how to get them again. */
void page_data(const struct results *results, FILE *out);

#endif
