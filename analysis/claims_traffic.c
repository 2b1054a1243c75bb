/* AP1: what must leave a rank follows from how attention is split. */
#include "analysis/attention_split.h"
#include "analysis/byte_agreement.h"
#include "analysis/claims_all.h"
#include "core/base/memory.h"

static enum status compare_schedule(const struct selection *all, size_t schedule,
                                    struct byte_comparison *comparison) {
    *comparison = (struct byte_comparison){0};
    for (size_t i = 0; i < all->count; i++) {
        const struct record *record = all->records[i];
        if (!split_ran_under(record, schedule) || !record_has_several_ranks(record)) continue;
        CHECK(byte_compare(record, split_bytes, schedule, comparison));
    }
    return STATUS_OK;
}

static enum status report_all(const struct selection *all, struct byte_comparison *comparison,
                              struct finding *finding) {
    struct plot *plot = NULL;
    if (all->count > 0)
        plot =
            byte_plot(finding, "ap1_bytes",
                      "One point per record and rank that sends anything (under heads none does); formula: "
                      "the closed form of AP1 where it applies, else the schedule's general form for uneven "
                      "splits.");
    finding_say(finding, "Bytes counted at the MPI calls against the formulas, to the byte: ");
    for (size_t schedule = 0; schedule < SPLIT_SCHEDULES; schedule++) {
        const char *name = split_schedules[schedule];
        CHECK(compare_schedule(all, schedule, comparison));
        CHECK(byte_report(name, split_schedule_is_needed(schedule), (int)schedule + 1, comparison, plot,
                          finding));
        if (comparison->records > 0) finding_sizes(finding, "%s %zu", name, comparison->general.values);
    }
    finding_end_sentence(finding);
    finding_say(
        finding,
        " Two ranks alone cannot tell P-1 from P/2: three decide. Heads and ring must be there; what else ran "
        "on three is decided with them.");
    return byte_plot_end(plot, finding);
}

static enum status find_bytes(const struct results *results, struct finding *finding) {
    struct selection all = {0};
    struct byte_comparison *comparison = memory_allocate(1, sizeof *comparison);
    enum status status = comparison == NULL ? STATUS_NO_MEMORY : selection_create(results, "attention", &all);
    if (status == STATUS_OK) status = report_all(&all, comparison, finding);
    selection_destroy(&all);
    memory_free(comparison);
    return status;
}

const struct claim claim_attention_bytes = {
    .id = "AP1",
    .statement =
        "What must leave a rank follows from the split: nothing for heads, 2 H_kv c (P-1) elements for a ring, "
        "(2H + 2H_kv) c (P-1)/P for Ulysses",
    .source =
        "Communication formulas of parallel attention; hybrid and tiles in closed form, uneven splits in general form",
    .prediction = "equal, per record and rank",
    .sources = {{"attention",
                 "batch length head_width heads kv_heads ranks layout schedule_used ways_used bytes_sent "
                 "bytes_predicted"}},
    .decided_by = DECIDED_BY_RANKS,
    .find = find_bytes,
};
