/* AV5: self-attention ignores position, and takes any length. */
#include <math.h>
#include <stdio.h>

#include "analysis/attention_identity.h"
#include "analysis/claims_all.h"
#include "core/base/memory.h"

/* A difference that grew with the number of terms would go as L^(1/2) or faster; half of that is none. */
#define GROWTH_TOLERANCE 0.25
/* Below this a difference is as good as none; keeps logarithms finite. */
#define ROUNDINGS_FLOOR 0.01

enum {
    GROWTH_FIRST = 16, /* shorter sequences have too few terms to show a trend */
    GROWTH_LENGTHS_LEAST = 4,
    POSITION_KEY = 0x4156 + 5
};

/* ln(difference) against ln(length), one point a length. */
struct growth {
    size_t count;
    double x[IDENTITY_LENGTHS_MAX], y[IDENTITY_LENGTHS_MAX];
};

static void gather_growth(const struct identity *identity, struct growth *growth) {
    growth->count = 0;
    for (size_t i = 0; i < identity->count; i++) {
        const struct at_length *at = &identity->at[i];
        if (at->length < GROWTH_FIRST) continue;
        growth->x[growth->count] = log(at->length);
        growth->y[growth->count++] = log(fmax(at->difference, ROUNDINGS_FLOOR));
    }
}

/* The exponent e of difference ~ L^e by least squares. */
static void growth_exponent(const void *context, struct resampler *resampler, double *values) {
    const struct growth *growth = context;
    double n = (double)growth->count, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < growth->count; i++) {
        size_t place = resample_one(resampler, growth->count, i);
        double a = growth->x[place], b = growth->y[place];
        x += a, y += b, xx += a * a, xy += a * b;
    }
    double spread = n * xx - x * x;
    values[0] = spread > 0 ? (n * xy - x * y) / spread : NAN;
}

static enum status report_growth(const struct identity *identity, struct finding *finding) {
    struct measurement *m =
        finding_measurement(finding, "1", "permutation: exponent of the difference in the length");
    measurement_decides(m, CRITERION_AT_MOST, 0, GROWTH_TOLERANCE);
    struct growth growth;
    gather_growth(identity, &growth);
    if (growth.count < GROWTH_LENGTHS_LEAST || !isfinite(identity->largest)) return STATUS_OK;
    struct interval exponent;
    CHECK(bootstrap_interval(growth_exponent, &growth, POSITION_KEY, growth.count, growth.count, &exponent));
    measurement_set(m, &exponent);
    finding_say(finding, "it goes as L^%.2f from L = %d on; ", exponent.value, GROWTH_FIRST);
    return STATUS_OK;
}

/* Under a mask the order matters: the same comparison must see it. */
static enum status report_masked(const struct results *results, struct identity *masked, struct plot *plot,
                                 struct finding *finding) {
    struct selection causal;
    CHECK(selection_create(results, "attention_identities", &causal));
    selection_keep_text(&causal, "mask", "causal");
    identity_gather(&causal, "permutation_difference", "permuted_error", masked);
    selection_destroy(&causal);
    if (masked->records == 0 || !isfinite(masked->largest)) return STATUS_OK;
    struct interval exact = interval_exact(masked->largest, masked->records);
    measurement_set(
        finding_measurement(finding, "rounding", "control, causal mask: largest difference by permuting"),
        &exact);
    finding_say(finding, "under a causal mask, the control, by up to %.2g. ", masked->largest);
    return identity_plot_lengths(plot, "causal mask (control)", 3, masked, false);
}

static enum status report_permutation(const struct results *results, const struct selection *full,
                                      struct identity *identity, struct finding *finding) {
    identity_gather(full, "permutation_difference", "permuted_error", identity);
    identity_measure("permutation: largest difference", identity->largest, identity, 0, finding);
    identity_measure("any length: largest error against float64", identity->largest_error, identity, 0,
                     finding);
    if (identity->records > 0)
        finding_say(finding,
                    "Permuted inputs against permuted outputs: they differ by up to %.2g roundings; ",
                    identity->largest);
    CHECK(report_growth(identity, finding));
    identity_say_lengths(identity, finding);
    struct plot *plot =
        identity_plot("av5_permutation", "Permuted positions against permuted outputs", identity, finding);
    if (plot != NULL) {
        plot->y_log = true;
        snprintf(
            plot->caption, sizeof plot->caption,
            "The largest over all outputs of all records of a length, in roundings: 2^-24 of the largest value. "
            "Differences of 0 are not shown. A causal mask makes the order matter and shows that the comparison "
            "sees it.");
    }
    CHECK(identity_plot_lengths(plot, "no mask", 1, identity, false));
    CHECK(identity_plot_lengths(plot, "error against float64", 2, identity, true));
    CHECK(identity_plot_bound(plot, identity));
    CHECK(report_masked(results, identity, plot, finding));
    identity_say_rule(finding);
    return STATUS_OK;
}

static enum status find_permutation(const struct results *results, struct finding *finding) {
    struct selection full = {0};
    struct identity *identity = memory_allocate(1, sizeof *identity);
    enum status status =
        identity == NULL ? STATUS_NO_MEMORY : selection_create(results, "attention_identities", &full);
    if (status == STATUS_OK) {
        selection_keep_text(&full, "mask", "full");
        status = report_permutation(results, &full, identity, finding);
    }
    selection_destroy(&full);
    memory_free(identity);
    return status;
}

const struct claim claim_position = {
    .id = "AV5",
    .statement =
        "Self-attention ignores position: permuting inputs permutes outputs; and it takes any length",
    .source = "Vaswani et al. 2017, section 3.5; Lee et al. 2019",
    .prediction = "equal within rounding, at any length",
    .sources = {{"attention_identities",
                 "length mask permutation_difference output_error permuted_error largest_value"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_permutation,
};
