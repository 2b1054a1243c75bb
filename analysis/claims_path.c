/* CX5: how far the first and the last position are apart, counted by running the layers. CX7: an LSTM's
 * parameters. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claims_all.h"
#include "analysis/finding.h"
#include "analysis/selection.h"

#define ORDER_TOLERANCE 0.05 /* an order read as a figure: a twentieth */

enum { LENGTHS_LEAST = 4, PATHS_MAX = 64, KIND_COUNT = 5 };

/* ceil(a / b) of positive integers. */
static double divided_up(double a, double b) {
    return ceil(a / b - 1e-9);
}

static double one_layer(double length, double kernel_size) {
    (void)length, (void)kernel_size;
    return 1;
}

static double every_step(double length, double kernel_size) {
    (void)kernel_size;
    return length;
}

/* A layer reaches k - 1 positions back. */
static double causal_layers(double length, double kernel_size) {
    return divided_up(length - 1, kernel_size - 1);
}

/* It reaches (k - 1) / 2 positions ahead. */
static double centred_layers(double length, double kernel_size) {
    return divided_up(length - 1, floor((kernel_size - 1) / 2));
}

/* n layers reach 1 + (k - 1) (1 + k + ... + k^(n-1)) = k^n positions: integers, since logarithms round. */
static double dilated_layers(double length, double kernel_size) {
    double layers = 0;
    for (double reach = 1; reach < length; reach *= kernel_size)
        layers++;
    return layers;
}

/* A kind of layer with the closed form of its path. */
struct kind {
    const char *name, *layer, *dilation, *side; /* layer NULL: any recurrent one */
    double (*closed_form)(double length, double kernel_size);
};

static const struct kind kinds[KIND_COUNT] = {
    {"attention", "attention", NULL, NULL, one_layer},
    {"recurrent", NULL, NULL, NULL, every_step},
    {"convolution, causal", "convolution", "none", "causal", causal_layers},
    {"convolution, centred", "convolution", "none", "centred", centred_layers},
    {"convolution, dilated", "convolution", "powers", "causal", dilated_layers},
};

static bool text_is(const struct record *record, const char *field, const char *text) {
    return text == NULL || strcmp(record_string(record, field), text) == 0;
}

static bool is_of_kind(const struct record *record, const struct kind *kind) {
    bool recurrent = !text_is(record, "layer", "attention") && !text_is(record, "layer", "convolution");
    if (kind->layer == NULL) return recurrent;
    return text_is(record, "layer", kind->layer) && text_is(record, "dilation", kind->dilation) &&
           text_is(record, "side", kind->side);
}

/* The paths of one kind. */
struct paths {
    size_t count, lengths; /* records; different lengths among the first PATHS_MAX */
    size_t different;      /* from the closed form */
    double of_order[2];    /* the least and the largest path over L / k */
    size_t shown;          /* points of the plot, of one kernel size */
    double x[PATHS_MAX], y[PATHS_MAX], expected[PATHS_MAX];
};

static void add_point(struct paths *paths, double length, double path, double expected) {
    for (size_t i = 0; i < paths->shown; i++)
        if (paths->x[i] == length) return;
    if (paths->shown == PATHS_MAX) return;
    paths->x[paths->shown] = length;
    paths->y[paths->shown] = path;
    paths->expected[paths->shown++] = expected;
    paths->lengths++;
}

static struct paths gather_paths(const struct selection *records, const struct kind *kind) {
    struct paths paths = {.of_order = {INFINITY, 0}};
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = records->records[i];
        if (!is_of_kind(record, kind)) continue;
        double length = record_real(record, "length"), taps = record_real(record, "kernel_size");
        double path = record_real(record, "path"), expected = kind->closed_form(length, taps);
        paths.count++;
        paths.different += !(path == expected);
        paths.of_order[0] = fmin(paths.of_order[0], path / (length / taps));
        paths.of_order[1] = fmax(paths.of_order[1], path / (length / taps));
        add_point(&paths, length, path, expected);
    }
    return paths;
}

static enum status report_kind(const struct kind *kind, const struct paths *paths, int colour,
                               struct plot *plot, struct finding *finding) {
    struct measurement *m =
        finding_measurement(finding, "1", "%s: paths other than the closed form", kind->name);
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    struct interval different = interval_exact((double)paths->different, paths->count);
    if (paths->lengths >= LENGTHS_LEAST) measurement_set(m, &different);
    finding->records += paths->count;
    CHECK(plot_series(plot, kind->name, PLOT_POINTS, colour, paths->shown, paths->x, paths->y, NULL, NULL));
    return plot_series(plot, "", PLOT_LINES, colour, paths->shown, paths->x, paths->expected, NULL, NULL);
}

/* The chapter's L / k, read as a number of layers. */
static void report_order(const struct paths *causal, struct finding *finding) {
    static const char *const ends[] = {"least", "largest"};
    for (size_t i = 0; i < 2; i++) {
        struct measurement *m =
            finding_measurement(finding, "1", "convolution, causal: %s path over L / k", ends[i]);
        measurement_decides(m, CRITERION_NEAR, 1, ORDER_TOLERANCE);
        if (m != NULL) m->definition = 1;
        struct interval ratio = interval_exact(causal->of_order[i], causal->count);
        if (causal->lengths >= LENGTHS_LEAST) measurement_set(m, &ratio);
    }
}

static enum status find_paths(const struct results *results, struct finding *finding) {
    struct plot *plot = finding_plot(finding, "cx5_path", "From the first position to the last", "L (length)",
                                     "layers, or steps");
    if (plot != NULL) {
        plot->x_log = plot->y_log = true;
        snprintf(
            plot->caption, sizeof plot->caption,
            "Layers on each other, or steps of a recurrent layer, until the last position changes with the first; "
            "lines: closed forms. Each length once, at the first kernel size that was run.");
    }
    struct selection records;
    CHECK(selection_create(results, "layer_paths", &records));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < KIND_COUNT && status == STATUS_OK; i++) {
        struct paths paths = gather_paths(&records, &kinds[i]);
        status = report_kind(&kinds[i], &paths, (int)i, plot, finding);
        if (kinds[i].closed_form == causal_layers) report_order(&paths, finding);
    }
    selection_destroy(&records);
    finding_say(
        finding,
        "Layers were run until the last position changed with the first, and counted, against 1 (attention), L "
        "(recurrent), ceil((L - 1) / (k - 1)) (causal), that with (k - 1) / 2 (centred) and the least n with k^n >= L "
        "(taps k^i apart); as a second definition the chapter's order L / k is read as a number of layers, to +-%.0f %%.",
        100 * ORDER_TOLERANCE);
    return status;
}

const struct claim claim_path_length = {
    .id = "CX5",
    .statement = "Longest path: attention 1, recurrence L, convolution L / k, dilated log_k L",
    .source = "Chapter 8, layer comparison; Vaswani et al. 2017, table 1",
    .prediction = "closed forms exactly; L / k as a figure",
    .sources = {{"layer_paths", "layer length kernel_size dilation side path"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_paths,
};

/* --- CX7
 * ---------------------------------------------------------------------------------------------------- */

static enum status find_parameters(const struct results *results, struct finding *finding) {
    struct selection records;
    CHECK(selection_create(results, "layer_paths", &records));
    selection_keep_text(&records, "layer", "lstm");
    size_t different = 0, unequal = 0;
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = records.records[i];
        double units = record_real(record, "width"), inputs = record_real(record, "inputs");
        double expected = 4 * units * (units + inputs + 1);
        different += !(record_real(record, "weights") == expected);
        unequal += units != inputs;
        least = fmin(least, expected), most = fmax(most, expected);
    }
    struct measurement *m =
        finding_measurement(finding, "1", "layers with another number than 4 D (D + M + 1)");
    measurement_decides(m, CRITERION_NEAR, 0, 0);
    struct interval found = interval_exact((double)different, records.count);
    if (unequal > 0) measurement_set(m, &found); /* with D = M alone the letters could be exchanged */
    finding->records = records.count;
    if (records.count > 0) finding_sizes(finding, "%.0f ... %.0f parameters", least, most);
    finding_say(
        finding,
        "Weights and biases of %zu LSTM layers, counted where they are allocated, against 4 D (D + M + 1); in %zu of "
        "them the inputs M are not as many as the hidden units D.",
        records.count, unequal);
    selection_destroy(&records);
    return STATUS_OK;
}

const struct claim claim_lstm_parameters = {
    .id = "CX7",
    .statement = "An LSTM of D hidden units and M inputs has 4 D (D + M + 1) parameters",
    .source = "Chapter 8; Hochreiter & Schmidhuber 1997, with forget gate",
    .prediction = "equal",
    .sources = {{"layer_paths", "layer width inputs weights"}},
    .decided_by = DECIDED_BY_STANDARD,
    .find = find_parameters,
};
