/* AV3: several heads are the single heads side by side, to the bit (definition 0) and within rounding
 * (definition 1). */
#include <math.h>
#include <stdio.h>

#include "analysis/attention_identity.h"
#include "analysis/claims_all.h"
#include "core/base/memory.h"

static void report_bits(const struct selection *all, const struct identity *identity,
                        struct finding *finding) {
    struct measurement *m =
        finding_measurement(finding, "1", "to the bit: largest difference of several heads from one");
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    double largest = 0;
    for (size_t i = 0; i < all->count; i++) {
        double difference = record_real(all->records[i], "concatenation_difference");
        largest = fmax(largest, isnan(difference) ? INFINITY : fabs(difference));
    }
    if (identity->records == 0 || (!identity_has_enough_lengths(identity) && largest == 0)) return;
    struct interval exact = interval_exact(largest, identity->records);
    measurement_set(m, &exact);
    finding_say(
        finding,
        "All heads at once against each alone, grouped and causal ones too: they differ by %.3g at most. ",
        largest);
}

static bool has_several_heads(const struct record *record) {
    return record_real(record, "heads") >= 2;
}

static enum status report_concatenation(const struct selection *all, struct identity *identity,
                                        struct finding *finding) {
    identity_gather(all, "concatenation_difference", "single_error", identity);
    report_bits(all, identity, finding);
    identity_measure("within rounding: largest difference of several heads from one", identity->largest,
                     identity, 1, finding);
    identity_say_lengths(identity, finding);
    identity_say_rule(finding);
    struct plot *plot = identity_plot("av3_heads", "Several heads against each alone", identity, finding);
    if (plot == NULL) return STATUS_OK;
    snprintf(plot->caption, sizeof plot->caption,
             "The largest over all outputs of all records of a length. A rounding is 2^-24 of the largest "
             "value. Errors are of either side against float64.");
    CHECK(identity_plot_lengths(plot, "several heads - one head", 1, identity, false));
    CHECK(identity_plot_lengths(plot, "error against float64", 2, identity, true));
    return identity_plot_bound(plot, identity);
}

static enum status find_concatenation(const struct results *results, struct finding *finding) {
    struct selection all = {0};
    struct identity *identity = memory_allocate(1, sizeof *identity);
    enum status status =
        identity == NULL ? STATUS_NO_MEMORY : selection_create(results, "attention_identities", &all);
    if (status == STATUS_OK) {
        selection_keep(&all, has_several_heads);
        status = report_concatenation(&all, identity, finding);
    }
    selection_destroy(&all);
    memory_free(identity);
    return status;
}

const struct claim claim_multi_head = {
    .id = "AV3",
    .statement = "Multi-head attention is single heads side by side",
    .source = "Vaswani et al. 2017, section 3.2.2",
    .prediction = "equal to the bit; within rounding",
    .sources = {{"attention_identities",
                 "length heads mask concatenation_difference output_error single_error largest_value"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_concatenation,
};
