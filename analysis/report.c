/* The report as a folder. */
#include "analysis/report.h"

#include <limits.h>
#include <string.h>

#include "analysis/document.h"
#include "analysis/report_page.h"
#include "analysis/summary.h"
#include "core/base/memory.h"

/* All plots of the page: the summary, then those of the rows. */
static size_t count_plots(const struct ledger *ledger) {
    size_t count = 1;
    for (size_t i = 0; i < ledger->count; i++)
        count += ledger->rows[i].finding.plot_count;
    return count;
}

/* Without gnuplot, or where it gives up, the page says so in the picture's place. */
static enum status draw(const struct plot *plot, const char *folder, struct picture *picture,
                        struct error *error) {
    struct error reason = {STATUS_OK, ""};
    enum status status = plot_save(plot, folder, &picture->svg, &reason);
    if (status == STATUS_OK) return STATUS_OK;
    if (status == STATUS_NOT_FOUND || status == STATUS_FAILED) {
        snprintf(picture->note, sizeof picture->note, "%.*s", (int)sizeof picture->note - 1, reason.text);
        return STATUS_OK;
    }
    return error_set(error, status, "%s", reason.text);
}

static enum status draw_all(const struct ledger *ledger, const struct plot *summary, const char *folder,
                            struct picture *pictures, struct error *error) {
    if (summary->row_count > 0) CHECK(draw(summary, folder, pictures, error));
    pictures++;
    for (size_t i = 0; i < ledger->count; i++)
        for (size_t p = 0; p < ledger->rows[i].finding.plot_count; p++)
            CHECK(draw(&ledger->rows[i].finding.plots[p], folder, pictures++, error));
    return STATUS_OK;
}

static enum status save(struct document *document, enum status status, const char *folder, const char *name,
                        struct error *error) {
    if (status == STATUS_OK) status = document_end(document);
    if (status == STATUS_OK)
        status = document_save(folder, name, document->text, document->size, error);
    else
        error_set(error, status, "%s: %s", name, status_text(status));
    document_clear(document);
    return status;
}

static enum status save_json(const struct ledger *ledger, const char *folder, struct error *error) {
    struct document document;
    enum status status = document_open(&document);
    if (status == STATUS_OK) status = report_json(ledger, document.out);
    return save(&document, status, folder, "ledger.json", error);
}

static enum status save_page(const struct ledger *ledger, const struct results *results,
                             const struct plot *summary, const struct picture *pictures, const char *folder,
                             struct error *error) {
    struct document document;
    enum status status = document_open(&document);
    if (status == STATUS_OK) page_print(ledger, results, summary, pictures, document.out);
    return save(&document, status, folder, "report.html", error);
}

enum status report_write(const struct ledger *ledger, const struct results *results, const char *folder,
                         struct error *error) {
    char plots[PATH_MAX];
    if (snprintf(plots, sizeof plots, "%s/plots", folder) >= PATH_MAX)
        return error_set(error, STATUS_IO, "%.200s...: the path is too long", folder);
    CHECK(document_folder(plots, error));
    size_t count = count_plots(ledger);
    struct picture *pictures = memory_allocate(count, sizeof *pictures);
    struct plot *summary = memory_allocate(1, sizeof *summary);
    enum status status = pictures && summary ? summary_plot(ledger, summary) : STATUS_NO_MEMORY;
    if (status != STATUS_OK)
        error_set(error, status, "no memory for the report");
    else
        status = draw_all(ledger, summary, plots, pictures, error);
    if (status == STATUS_OK) status = save_json(ledger, folder, error);
    if (status == STATUS_OK) status = save_page(ledger, results, summary, pictures, folder, error);
    for (size_t i = 0; pictures && i < count; i++)
        memory_free(pictures[i].svg);
    if (summary) plot_clear(summary);
    memory_free(summary);
    memory_free(pictures);
    return status;
}
