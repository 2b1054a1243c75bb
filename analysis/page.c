/* The page: its head and the ledger. */
#include <string.h>

#include "analysis/describe.h"
#include "analysis/html.h"
#include "analysis/report_page.h"

struct warnings {
    FILE *out;
    size_t count;
};

static void print_warning(const char *sentence, void *context) {
    struct warnings *list = context;
    if (list->count++ == 0) fputs("<ul class=\"warnings\">\n", list->out);
    fputs("<li>", list->out);
    html_text(sentence, list->out);
    fputs("</li>\n", list->out);
}

static void print_tally(const struct ledger *ledger, FILE *out) {
    size_t counts[VERDICT_COUNT] = {0};
    for (size_t i = 0; i < ledger->count; i++)
        counts[ledger->rows[i].verdict]++;
    fputs("<ul class=\"tally\">", out);
    for (int v = 0; v < VERDICT_COUNT; v++) {
        if (counts[v] == 0) continue;
        fprintf(out, "<li><strong>%zu</strong> ", counts[v]);
        page_badge((enum verdict)v, out);
        fputs("</li>", out);
    }
    fputs("</ul>\n", out);
}

static void print_subtitle(const char *text, const char *before, FILE *out) {
    if (!*text) return;
    fputs(before, out);
    html_text(text, out);
}

static void print_header(const struct ledger *ledger, const struct results *results, FILE *out) {
    char size[128];
    describe_size(results, size, sizeof size);
    fputs("<header><p class=\"kicker\">engram</p><h1>Ledger of claims</h1>\n<p class=\"soft\">Campaign ",
          out);
    html_text(describe_provenance(results, "campaign_name"), out);
    print_subtitle(describe_provenance(results, "launchdate"), " &#xb7; ", out);
    print_subtitle(describe_provenance(results, "cpu_model"), " &#xb7; ", out);
    print_subtitle(size, " &#xb7; ", out);
    fputs("</p>\n", out);
    print_tally(ledger, out);
    struct warnings list = {out, 0};
    describe_warnings(results, print_warning, &list);
    if (list.count > 0) fputs("</ul>\n", out);
    fputs("</header>\n", out);
}

/* --- the ledger ------------------------------------------------------------------------------------------
 */

static void print_figures(const struct measurement *measurement, FILE *out) {
    char value[NUMBER_INTERVAL_SIZE], quantity[DESCRIBE_QUANTITY_SIZE];
    describe_quantity(measurement, quantity);
    number_with_interval(measurement->value, measurement->low, measurement->high, value);
    fputs("<li>", out);
    page_strip(measurement, out);
    html_figures(value, out);
    fputs("<span>", out);
    html_prose(quantity, out);
    fputs("</span></li>", out);
}

/* Prints up to `most` of the deciding measurements that are reproduced by themselves, or that are not.
 * Returns how many there are. */
static size_t print_deciding(const struct finding *finding, bool reproduced, size_t most, FILE *out) {
    size_t count = 0;
    for (size_t i = 0; i < finding->measurement_count; i++) {
        const struct measurement *measurement = &finding->measurements[i];
        if (!describe_decides(measurement) || !describe_is_measured(measurement)) continue;
        if ((verdict_of_measurement(measurement) == VERDICT_REPRODUCED) != reproduced) continue;
        if (count++ < most) print_figures(measurement, out);
    }
    return count;
}

/* Some of the deciding measurements, first those that keep the row from being reproduced. */
static void print_measured(const struct finding *finding, FILE *out) {
    enum { SHOWN = 3, AGAINST = 2 };
    fputs("<ul>", out);
    size_t against = print_deciding(finding, false, AGAINST, out);
    size_t shown = against < AGAINST ? against : AGAINST, room = SHOWN - shown;
    size_t agreeing = print_deciding(finding, true, room, out);
    shown += agreeing < room ? agreeing : room;
    if (against + agreeing > shown)
        fprintf(out, "<li><span>and %zu more</span></li>", against + agreeing - shown);
    fputs("</ul>", out);
}

static void print_row(const struct ledger_row *row, FILE *out) {
    fputs("<tr><td>", out);
    char why[160];
    describe_why(row, why, sizeof why);
    page_badge(row->verdict, out);
    fputs("<span class=\"why\">", out);
    html_text(why, out);
    fputs("</span></td><td><a href=\"#", out);
    html_text(row->claim->id, out);
    fputs("\">", out);
    html_text(row->claim->id, out);
    fputs("</a></td><td class=\"claim\">", out);
    html_prose(row->claim->statement, out);
    fputs("</td><td data-label=\"predicted\">", out);
    html_prose(row->claim->prediction, out);
    fputs("</td><td>", out);
    print_measured(&row->finding, out);
    fprintf(out, "</td><td class=\"right\" data-label=\"records\">%zu</td></tr>\n", row->finding.records);
}

static void print_ledger(const struct ledger *ledger, FILE *out) {
    fputs(
        "<table class=\"ledger cards\"><thead><tr><th>verdict</th><th>id</th><th>claim</th><th>predicted</th>"
        "<th>measured [95 %]</th><th class=\"right\">records</th></tr></thead><tbody>\n",
        out);
    for (size_t i = 0; i < ledger->count; i++)
        print_row(&ledger->rows[i], out);
    fputs(
        "</tbody></table>\n<p class=\"soft small\">Reproduced: the 95 % interval is narrow enough and agrees with "
        "the prediction within its tolerance. Not reproduced: the 99.9 % interval misses it. Definition-dependent: "
        "it holds under one stated definition and fails under another. Inconclusive: otherwise. n: what is behind a "
        "value and was resampled or counted: pattern sets, sizes, samples, problems, ranks, sweeps or runs.</p>\n",
        out);
}

void page_print(const struct ledger *ledger, const struct results *results, const struct plot *summary,
                const struct picture *pictures, FILE *out) {
    fputs(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>Ledger of claims: ",
        out);
    html_text(describe_provenance(results, "campaign_name"), out);
    fputs("</title>\n<style>\n", out);
    page_style(out);
    fputs("</style></head><body>\n", out);
    print_header(ledger, results, out);
    fputs("<main>\n", out);
    print_ledger(ledger, out);
    size_t plots = 1;
    if (summary->row_count > 0) {
        fputs("<section id=\"summary\">", out);
        page_figure(summary, pictures, 0, out);
        fputs("</section>\n", out);
    }
    for (size_t i = 0; i < ledger->count; i++) {
        page_claim(&ledger->rows[i], pictures, plots, out);
        plots += ledger->rows[i].finding.plot_count;
    }
    page_data(results, out);
    fputs("</main></body></html>\n", out);
}
