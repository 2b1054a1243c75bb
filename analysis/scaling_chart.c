#include "analysis/scaling_chart.h"

#include <math.h>
#include <stdio.h>

#include "analysis/finding.h"
#include "analysis/number.h"

_Static_assert(sizeof((struct plot_row *)0)->notes[0] >= NUMBER_INTERVAL_SIZE, "a note holds an interval");

enum { NOTE_RANKS = SCALING_KINDS }; /* the kinds' notes stand before it */

/* Distance of strong above, and of weak below, the middle of a row. */
static const double ASIDE = 0.17;

static void add_mark(struct scaling_marks *marks, double row, double value, double low, double high) {
    marks->value[marks->count] = value;
    marks->low[marks->count] = low;
    marks->high[marks->count] = high;
    marks->row[marks->count++] = row;
}

static void add_kind(struct scaling_chart *chart, int kind, const struct scaling_efficiency *at) {
    size_t place = chart->plot->row_count - 1;
    struct plot_row *row = &chart->plot->rows[place];
    double height = (double)place + (kind == SCALING_STRONG ? -ASIDE : ASIDE);
    add_mark(&chart->measured[kind], height, at->mean, at->low, at->high);
    if (!isnan(at->bound)) add_mark(&chart->bounds, height, at->bound, at->bound, at->bound);
    number_with_interval(at->mean, at->low, at->high, row->notes[kind]);
    snprintf(row->notes[NOTE_RANKS], sizeof row->notes[0], "%.0f", at->ranks);
}

enum status scaling_chart_way(struct scaling_chart *chart, const struct scaling_subject *subject, size_t way,
                              const struct scaling_curves *curves) {
    struct scaling_efficiency all[SCALING_RANKS_MAX], last[SCALING_KINDS];
    size_t counts[SCALING_KINDS], most = 0;
    for (int kind = 0; kind < SCALING_KINDS; kind++) {
        CHECK(scaling_efficiencies(&curves[kind], way, all, &counts[kind]));
        last[kind] = all[counts[kind] - 1];
        most = counts[kind] > most ? counts[kind] : most;
    }
    if (most < 2 || chart->plot->row_count == PLOT_ROWS_MAX) return STATUS_OK;
    if (plot_add_row(chart->plot, subject->way_names[way]) == NULL) return STATUS_NO_MEMORY;
    for (int kind = 0; kind < SCALING_KINDS; kind++)
        if (counts[kind] > 1) add_kind(chart, kind, &last[kind]);
    return STATUS_OK;
}

static void describe(struct plot *plot) {
    snprintf(
        plot->caption, sizeof plot->caption,
        "Rate of a rank over that of one rank alone, on the most ranks that a split ran on: geometric mean "
        "over problems, bars: their range, of a single problem the 95 %% interval. Triangles: the bound.");
    snprintf(plot->note_heads[SCALING_STRONG], sizeof plot->note_heads[0], "strong");
    snprintf(plot->note_heads[SCALING_WEAK], sizeof plot->note_heads[0], "weak");
    snprintf(plot->note_heads[NOTE_RANKS], sizeof plot->note_heads[0], "ranks");
}

enum status scaling_chart_end(struct scaling_chart *chart) {
    static const char *const labels[] = {"strong", "weak"};
    describe(chart->plot);
    for (int kind = 0; kind < SCALING_KINDS; kind++) {
        const struct scaling_marks *marks = &chart->measured[kind];
        CHECK(plot_series(chart->plot, labels[kind], PLOT_POINTS, kind, marks->count, marks->value,
                          marks->row, marks->low, marks->high));
    }
    const struct scaling_marks *bounds = &chart->bounds;
    return plot_series(chart->plot, "bound", PLOT_HOLLOW, 2, bounds->count, bounds->value, bounds->row, NULL,
                       NULL);
}
