/* SP1: what must leave a rank follows from how a convolution or a recurrence is split. */
#include "analysis/byte_agreement.h"
#include "analysis/claims_all.h"
#include "analysis/layer_split.h"
#include "core/base/memory.h"

static enum status compare_way(const struct results *results, size_t way,
                               struct byte_comparison *comparison) {
    struct selection all;
    *comparison = (struct byte_comparison){0};
    CHECK(selection_create(results, layer_split_experiment(way), &all));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < all.count && status == STATUS_OK; i++) {
        const struct record *record = all.records[i];
        if (layer_split_is(record, way) && record_has_several_ranks(record))
            status = byte_compare(record, layer_split_bytes, way, comparison);
    }
    selection_destroy(&all);
    return status;
}

static enum status report_all(const struct results *results, struct byte_comparison *comparison,
                              struct finding *finding) {
    struct plot *plot = byte_plot(finding, "sp1_bytes",
                                  "One point per record and rank that sends anything (by batch none does); "
                                  "formula: the closed form where it applies, else the general one.");
    finding_say(finding, "Bytes counted at the MPI calls against the formulas, to the byte: ");
    for (size_t way = 0; way < LAYER_SPLIT_WAYS; way++) {
        CHECK(compare_way(results, way, comparison));
        CHECK(byte_report(layer_split_ways[way], true, (int)way + 1, comparison, plot, finding));
        if (comparison->records > 0)
            finding_sizes(finding, "%s %zu", layer_split_ways[way], comparison->general.values);
    }
    finding_end_sentence(finding);
    finding_say(finding, " Two ranks alone cannot tell P-1 from P/2: three decide, for every split.");
    return byte_plot_end(plot, finding);
}

static enum status find_bytes(const struct results *results, struct finding *finding) {
    struct byte_comparison *comparison = memory_allocate(1, sizeof *comparison);
    if (comparison == NULL) return STATUS_NO_MEMORY;
    enum status status = report_all(results, comparison, finding);
    memory_free(comparison);
    return status;
}

const struct claim claim_layer_bytes = {
    .id = "SP1",
    .statement = "A split layer sends what its formula says: nothing by batch, the reach (k-1) dilation of a "
                 "convolution, each step's hidden states by units, the sequence once a stage by layers",
    .source = "Halo exchange, all-gather and pipeline, as in AP1 for attention; long reaches in general form",
    .prediction = "equal, per record and rank",
    .sources = {{"convolution",
                 "batch length width kernel_size dilation reads ranks split bytes_sent bytes_predicted"},
                {"recurrent", "batch length width layers directions ranks split bytes_sent bytes_predicted"}},
    .decided_by = DECIDED_BY_RANKS,
    .find = find_bytes,
};
