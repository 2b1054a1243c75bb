#include "analysis/summary.h"

#include <math.h>
#include <stdio.h>

#include "analysis/finding.h"
#include "analysis/number.h"

_Static_assert(sizeof((struct plot_row *)0)->notes[0] >= NUMBER_INTERVAL_SIZE, "a note holds an interval");

enum { CLAIMED_DIGITS = 3, NOTE_CLAIMED = 0, NOTE_MEASURED, NOTE_DEFINITION };

/* The points of one kind: values over rows. */
struct marks {
    size_t count;
    double value[PLOT_ROWS_MAX], row[PLOT_ROWS_MAX], low[PLOT_ROWS_MAX], high[PLOT_ROWS_MAX];
};

static void add_mark(struct marks *marks, size_t row, double value, double low, double high) {
    size_t place = marks->count++;
    marks->row[place] = (double)row;
    marks->value[place] = value;
    marks->low[place] = low;
    marks->high[place] = high;
}

/* Written out up to a million, as measured values are. */
static void write_claimed(double value, char *text) {
    double unit = pow(10, floor(log10(value)) - CLAIMED_DIGITS + 1);
    if (value >= 1000 && value < 1e6)
        number_rounded(round(value / unit) * unit, text);
    else
        number_significant(value, CLAIMED_DIGITS, text);
}

static enum status add_row(struct plot *plot, const struct known_capacity *capacity, const char *id) {
    struct plot_row *row = plot_add_row(plot, capacity->model);
    if (row == NULL) return STATUS_NO_MEMORY;
    if (isfinite(capacity->claimed)) write_claimed(capacity->claimed, row->notes[NOTE_CLAIMED]);
    number_with_interval(capacity->value, capacity->low, capacity->high, row->notes[NOTE_MEASURED]);
    snprintf(row->notes[NOTE_DEFINITION], sizeof row->notes[0], "%s: %s", id, capacity->definition);
    return STATUS_OK;
}

static void describe(struct plot *plot) {
    snprintf(plot->name, sizeof plot->name, "summary_capacity");
    snprintf(plot->title, sizeof plot->title, "What every model stores: claim beside measurement");
    snprintf(plot->x_label, sizeof plot->x_label,
             "patterns per neuron, P/N (modern networks: per dimension)");
    snprintf(
        plot->caption, sizeof plot->caption,
        "Hollow: what is claimed, for infinite size unless it depends on the size stated. Filled: measured, with "
        "95 %% interval. Each is a capacity under the definition beside it; those of different definitions are "
        "not one scale.");
    snprintf(plot->note_heads[NOTE_CLAIMED], sizeof plot->note_heads[0], "claimed");
    snprintf(plot->note_heads[NOTE_MEASURED], sizeof plot->note_heads[0], "measured [95 %%]");
    snprintf(plot->note_heads[NOTE_DEFINITION], sizeof plot->note_heads[0], "row: what counts as stored");
    plot->x_log = true;
}

static enum status add_series(struct plot *plot, const char *label, enum plot_style style, int colour,
                              const struct marks *marks, bool bars) {
    return plot_series(plot, label, style, colour, marks->count, marks->value, marks->row,
                       bars ? marks->low : NULL, bars ? marks->high : NULL);
}

/* Values and claims; a bar that reaches far lower is cut off. */
static void set_range(struct plot *plot, const struct marks *decided, const struct marks *open,
                      const struct marks *claimed) {
    const struct marks *all[] = {decided, open, claimed};
    double low = INFINITY, high = 0;
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < all[k]->count; i++) {
            low = fmin(low, all[k]->value[i]);
            high = fmax(high, all[k]->value[i]);
        }
    plot->x_low = low / 3, plot->x_high = high * 2;
}

enum status summary_plot(const struct ledger *ledger, struct plot *plot) {
    struct marks claimed = {0}, decided = {0}, open = {0};
    *plot = (struct plot){0};
    describe(plot);
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_row *row = &ledger->rows[i];
        for (size_t k = 0; k < row->finding.capacity_count && plot->row_count < PLOT_ROWS_MAX; k++) {
            const struct known_capacity *capacity = &row->finding.capacities[k];
            size_t place = plot->row_count;
            CHECK(add_row(plot, capacity, row->claim->id));
            if (isfinite(capacity->claimed))
                add_mark(&claimed, place, capacity->claimed, capacity->claimed, capacity->claimed);
            add_mark(row->verdict == VERDICT_INCONCLUSIVE ? &open : &decided, place, capacity->value,
                     capacity->low, capacity->high);
        }
    }
    set_range(plot, &decided, &open, &claimed);
    CHECK(add_series(plot, "measured", PLOT_POINTS, 0, &decided, true));
    CHECK(add_series(plot, "measured, row inconclusive", PLOT_POINTS, 3, &open, true));
    return add_series(plot, "claimed", PLOT_HOLLOW, 1, &claimed, false);
}
