/* The section of one claim. */
#include <math.h>
#include <string.h>

#include "analysis/describe.h"
#include "analysis/html.h"
#include "analysis/report_page.h"

/* --- a measurement as a picture: the agreeing values as a band, the interval as a bar --------------- */

enum { STRIP_WIDTH = 144, STRIP_HEIGHT = 20, STRIP_EDGE = 6 };

struct strip {
    double low, high; /* what it spans */
    double band_low, band_high;
};

/* False: nothing that could be drawn. */
static bool strip_of(const struct measurement *measurement, struct strip *strip) {
    double from = measurement->prediction - measurement->tolerance;
    double to = measurement->prediction + measurement->tolerance;
    if (!isfinite(from) || !isfinite(to) || !isfinite(measurement->value)) return false;
    double low = isfinite(measurement->low) ? measurement->low : measurement->value;
    double high = isfinite(measurement->high) ? measurement->high : measurement->value;
    strip->low = fmin(fmin(from, low), measurement->value);
    strip->high = fmax(fmax(to, high), measurement->value);
    double margin = (strip->high - strip->low) * 0.15;
    if (!(margin > 0)) margin = fmax(fabs(strip->high), 1e-300);
    strip->low -= margin;
    strip->high += margin;
    strip->band_low = measurement->criterion == CRITERION_AT_MOST ? strip->low : from;
    strip->band_high = measurement->criterion == CRITERION_AT_LEAST ? strip->high : to;
    return true;
}

/* In tenths of a unit, so that no decimal point of a locale appears; what lies outside goes to the edge. */
static int place(const struct strip *strip, double value) {
    double part = fmin(fmax((value - strip->low) / (strip->high - strip->low), 0), 1);
    return (int)lround(10 * (STRIP_EDGE + part * (STRIP_WIDTH - 2 * STRIP_EDGE)));
}

static void print_line(const char *name, int from_x, int from_y, int to_x, int to_y, FILE *out) {
    fprintf(
        out,
        "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" vector-effect=\"non-scaling-stroke\"/>",
        name, from_x, from_y, to_x, to_y);
}

void page_strip(const struct measurement *measurement, FILE *out) {
    enum { MIDDLE = STRIP_HEIGHT * 5, BOTTOM = STRIP_HEIGHT * 10 };
    struct strip strip;
    if (!strip_of(measurement, &strip)) return;
    int from = place(&strip, strip.band_low), to = place(&strip, strip.band_high);
    fprintf(out, "<svg class=\"strip\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">", STRIP_WIDTH * 10,
            BOTTOM);
    fprintf(out, "<rect class=\"band\" x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\"/>", from, to - from,
            BOTTOM);
    int predicted = place(&strip, measurement->prediction);
    print_line("predicted", predicted, 0, predicted, BOTTOM, out);
    print_line("bar", place(&strip, measurement->low), MIDDLE, place(&strip, measurement->high), MIDDLE, out);
    fprintf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"40\"/></svg>", place(&strip, measurement->value), MIDDLE);
}

/* --- the table -------------------------------------------------------------------------------------- */

static void print_cell(const char *label, const char *name, const char *figures, FILE *out) {
    fprintf(out, "<td class=\"%s\"%s%s%s>", name, *figures ? " data-label=\"" : "", *figures ? label : "",
            *figures ? "\"" : "");
    html_figures(figures, out);
    fputs("</td>", out);
}

static void print_measurement(const struct measurement *measurement, FILE *out) {
    char prediction[NUMBER_INTERVAL_SIZE], value[NUMBER_INTERVAL_SIZE], n[24] = "";
    describe_prediction(measurement, prediction);
    number_with_interval(measurement->value, measurement->low, measurement->high, value);
    if (measurement->n > 0) snprintf(n, sizeof n, "%zu", measurement->n);
    fprintf(out, "<tr%s><td>", describe_decides(measurement) ? "" : " class=\"only\"");
    html_prose(measurement->name, out);
    if (*measurement->unit && strcmp(measurement->unit, "1") != 0) {
        fputs(" <span class=\"soft\">(", out);
        html_text(measurement->unit, out);
        fputs(")</span>", out);
    }
    fputs("</td>", out);
    print_cell("predicted", "figure", prediction, out);
    print_cell("measured", "figure", value, out);
    fputs("<td>", out);
    page_strip(measurement, out);
    fputs("</td>", out);
    print_cell("n", "figure right", n, out);
    fputs("</tr>\n", out);
}

static void print_missing(const struct finding *finding, FILE *out) {
    const char *before = "<details class=\"small\"><summary>Not measured</summary><ul>";
    for (size_t i = 0; i < finding->measurement_count; i++) {
        if (describe_is_measured(&finding->measurements[i])) continue;
        fprintf(out, "%s<li>", before);
        html_prose(finding->measurements[i].name, out);
        fputs("</li>", out);
        before = "";
    }
    fputs("</ul></details>\n", out);
}

static void print_measurements(const struct finding *finding, FILE *out) {
    size_t shown = 0;
    for (size_t i = 0; i < finding->measurement_count; i++) {
        if (!describe_is_measured(&finding->measurements[i])) continue;
        if (shown++ == 0)
            fputs(
                "<table class=\"measured cards\"><thead><tr><th>quantity</th><th>predicted</th>"
                "<th>measured [95 %]</th><th>interval, prediction</th><th class=\"right\">n</th></tr></thead>"
                "<tbody>\n",
                out);
        print_measurement(&finding->measurements[i], out);
    }
    if (shown > 0) fputs("</tbody></table>\n", out);
    if (shown < finding->measurement_count) print_missing(finding, out);
}

/* --- tables of figures ------------------------------------------------------------------------------- */

static void print_table_cell(const struct table_cell *cell, FILE *out) {
    char text[NUMBER_INTERVAL_SIZE];
    table_cell_text(cell, text);
    fputs("<td class=\"figure right\">", out);
    if (*cell->text)
        html_prose(text, out);
    else
        html_figures(text, out);
    fputs("</td>", out);
}

static void print_figures(const struct finding_table *table, FILE *out) {
    fputs("<div class=\"scroll\"><table class=\"figures\"><caption><b>", out);
    html_prose(table->title, out);
    fputs("</b> ", out);
    html_prose(table->caption, out);
    fputs("</caption><thead><tr><th>", out);
    html_prose(table->row_head, out);
    for (size_t c = 0; c < table->column_count; c++) {
        fputs("</th><th class=\"right\">", out);
        html_prose(table->heads[c], out);
    }
    fputs("</th></tr></thead><tbody>\n", out);
    for (size_t r = 0; r < table->row_count; r++) {
        fputs("<tr><td>", out);
        html_prose(table->rows[r].name, out);
        fputs("</td>", out);
        for (size_t c = 0; c < table->column_count; c++)
            print_table_cell(&table->rows[r].cells[c], out);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

/* --- plots and the whole ---------------------------------------------------------------------------- */

static void print_link(const char *name, const char *ending, const char *text, FILE *out) {
    fputs(" <a class=\"file\" href=\"plots/", out);
    html_text(name, out);
    fprintf(out, "%s\">%s</a>", ending, text);
}

void page_figure(const struct plot *plot, const struct picture *picture, size_t number, FILE *out) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "p%zu-", number);
    bool notes = *plot->note_heads[0] != '\0';
    fputs(plot->row_count == 0 ? "<figure>"
          : notes              ? "<figure class=\"wide notes\">"
                               : "<figure class=\"wide\">",
          out);
    if (picture->svg) {
        html_svg(picture->svg, prefix, plot->title, out);
    } else {
        fputs("<div class=\"missing\">No picture: ", out);
        html_text(picture->note, out);
        fputs("</div>", out);
    }
    fputs("<figcaption><b>", out);
    html_prose(plot->title, out);
    fputs("</b> ", out);
    html_prose(plot->caption, out);
    if (picture->svg) print_link(plot->name, ".svg", "SVG", out);
    print_link(plot->name, ".csv", "CSV", out);
    fputs("</figcaption></figure>\n", out);
}

/* The plots in a grid, those that are details in one behind a fold. */
static void print_plots(const struct finding *finding, bool folded, const struct picture *pictures,
                        size_t first, FILE *out) {
    size_t count = 0;
    for (size_t i = 0; i < finding->plot_count; i++) {
        if (finding->plots[i].folded != folded) continue;
        if (count++ == 0)
            fputs(
                folded
                    ? "<details class=\"fold\"><summary>Residuals of the fits</summary><div class=\"plots\">\n"
                    : "<div class=\"plots\">\n",
                out);
        page_figure(&finding->plots[i], &pictures[first + i], first + i, out);
    }
    if (count > 0) fputs(folded ? "</div></details>\n" : "</div>\n", out);
}

void page_badge(enum verdict verdict, FILE *out) {
    static const struct {
        const char *name, *symbol;
    } looks[VERDICT_COUNT] = {
        [VERDICT_REPRODUCED] = {"yes", "&#x2713;"},
        [VERDICT_NOT_REPRODUCED] = {"no", "&#xd7;"},
        [VERDICT_INCONCLUSIVE] = {"open", "?"},
        [VERDICT_DEFINITION_DEPENDENT] = {"split", "&#x25d0;"},
    };
    fprintf(out, "<span class=\"badge %s\"><i aria-hidden=\"true\">%s</i>%s</span>", looks[verdict].name,
            looks[verdict].symbol, verdict_name(verdict));
}

static void print_basis(const struct ledger_row *row, FILE *out) {
    fputs("<p class=\"soft small\">Claim: ", out);
    html_prose(row->claim->source, out);
    fprintf(out, ". Rests on %zu record%s", row->finding.records, row->finding.records == 1 ? "" : "s");
    if (*row->finding.sizes) {
        fputs(": ", out);
        html_prose(row->finding.sizes, out);
    }
    fputs(".</p>\n", out);
}

void page_claim(const struct ledger_row *row, const struct picture *pictures, size_t first, FILE *out) {
    fputs("<section id=\"", out);
    html_text(row->claim->id, out);
    fputs("\"><div class=\"claim-head\"><b>", out);
    html_text(row->claim->id, out);
    fputs("</b> ", out);
    page_badge(row->verdict, out);
    fputs("</div><h2>", out);
    html_prose(row->claim->statement, out);
    fputs("</h2>\n<p>", out);
    html_prose(row->finding.reason, out);
    fputs("</p>\n", out);
    print_basis(row, out);
    print_measurements(&row->finding, out);
    for (size_t i = 0; i < row->finding.table_count; i++)
        if (row->finding.tables[i].row_count > 0) print_figures(&row->finding.tables[i], out);
    print_plots(&row->finding, false, pictures, first, out);
    print_plots(&row->finding, true, pictures, first, out);
    fputs("</section>\n", out);
}
