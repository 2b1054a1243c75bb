#include <string.h>

#include <gsl/gsl_errno.h>

#include "analysis/finding.h"
#include "core/base/memory.h"

void ledger_row_clear(struct ledger_row *row) {
    for (size_t i = 0; i < row->finding.plot_count; i++)
        plot_clear(&row->finding.plots[i]);
    row->finding.plot_count = 0;
    for (size_t i = 0; i < row->finding.table_count; i++)
        table_clear(&row->finding.tables[i]);
    row->finding.table_count = 0;
}

/* The name of the first table that a claim needs and the results do not have, or NULL. */
static const char *missing_table(const struct claim *claim, const struct results *results) {
    for (const struct claim_source *source = claim->sources; source->experiment != NULL; source++) {
        const struct table *table = results_table(results, source->experiment);
        if (table == NULL || table->count == 0) return source->experiment;
    }
    return NULL;
}

/* What it takes beyond these results; they may be those of the campaign that is meant to decide the row. */
static void say_what_is_missing(const struct claim *claim, const struct results *results,
                                struct finding *finding) {
    const char *missing = missing_table(claim, results);
    if (missing != NULL) finding_say(finding, " There are no records of %s.", missing);
    const char *campaign = json_string_value(json_object_get(results->provenance, "campaign_name"));
    size_t length = campaign == NULL ? 0 : strlen(campaign);
    bool this_one = length > 0 && strncmp(campaign, claim->decided_by, length) == 0 &&
                    strcmp(claim->decided_by + length, ".yaml") == 0;
    if (this_one)
        finding_say(finding, " These are results of %s, which was meant to decide it.", claim->decided_by);
    else
        finding_say(finding, " The campaign %s is meant to decide it.", claim->decided_by);
}

enum status ledger_decide(const struct claim *claim, const struct results *results, struct ledger_row *row) {
    *row = (struct ledger_row){.claim = claim, .verdict = VERDICT_INCONCLUSIVE};
    struct finding *finding = &row->finding;
    /* GSL would end the program where a value is out of range; here that leaves a measurement undecided. */
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    enum status status = claim->find(results, finding);
    gsl_set_error_handler(handler);
    if (status != STATUS_OK) {
        ledger_row_clear(row);
        return status;
    }
    finding_end_sentence(finding);
    row->verdict = verdict_of_row(finding->measurement_count, finding->measurements);
    if (row->verdict == VERDICT_INCONCLUSIVE) say_what_is_missing(claim, results, finding);
    return STATUS_OK;
}

enum status ledger_create(const struct results *results, struct ledger **ledger) {
    *ledger = NULL;
    size_t count = 0;
    while (claims()[count] != NULL)
        count++;
    struct ledger *new = memory_allocate(1, sizeof *new);
    if (new == NULL) return STATUS_NO_MEMORY;
    new->rows = memory_allocate(count, sizeof *new->rows);
    enum status status = new->rows == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = ledger_decide(claims()[i], results, &new->rows[i]);
        new->count += status == STATUS_OK;
    }
    if (status == STATUS_OK)
        *ledger = new;
    else
        ledger_destroy(&new);
    return status;
}

void ledger_destroy(struct ledger **ledger) {
    if (*ledger == NULL) return;
    for (size_t i = 0; i < (*ledger)->count; i++)
        ledger_row_clear(&(*ledger)->rows[i]);
    memory_free((*ledger)->rows);
    memory_free(*ledger);
    *ledger = NULL;
}
