#include "analysis/attention_identity.h"

#include <math.h>

/* A column of the record in roundings; infinite when it or the largest value is missing. */
static double in_roundings(const struct record *record, const char *column) {
    double value = record_real(record, column), largest = record_real(record, "largest_value");
    double roundings = value / (largest * ldexp(1, -24));
    return largest > 0 && roundings >= 0 ? roundings : INFINITY;
}

static struct at_length *place_of(double length, struct identity *identity) {
    for (size_t i = 0; i < identity->count; i++)
        if (identity->at[i].length == length) return &identity->at[i];
    if (identity->count == IDENTITY_LENGTHS_MAX) return NULL;
    struct at_length *place = &identity->at[identity->count++];
    *place = (struct at_length){.length = length};
    return place;
}

static void add_record(const struct record *record, const char *difference, const char *other_error,
                       struct identity *identity) {
    struct at_length *place = place_of(record_real(record, "length"), identity);
    if (place == NULL) return;
    double error = fmax(in_roundings(record, "output_error"), in_roundings(record, other_error));
    place->difference = fmax(place->difference, in_roundings(record, difference));
    place->error = fmax(place->error, error);
    identity->records++;
    identity->largest = fmax(identity->largest, place->difference);
    identity->largest_error = fmax(identity->largest_error, place->error);
    identity->shortest = fmin(identity->shortest, place->length);
    identity->longest = fmax(identity->longest, place->length);
}

void identity_gather(const struct selection *selection, const char *difference, const char *other_error,
                     struct identity *identity) {
    *identity = (struct identity){.shortest = INFINITY};
    for (size_t i = 0; i < selection->count; i++)
        add_record(selection->records[i], difference, other_error, identity);
}

/* "Any length" takes many lengths, and the shortest. */
bool identity_has_enough_lengths(const struct identity *identity) {
    return identity->count >= IDENTITY_LENGTHS_LEAST && identity->shortest == 1;
}

void identity_measure(const char *name, double largest, const struct identity *identity, int definition,
                      struct finding *finding) {
    struct measurement *m = finding_measurement(finding, "rounding", "%s", name);
    measurement_decides(m, CRITERION_AT_MOST, 0, IDENTITY_ROUNDINGS_MOST);
    if (m != NULL) m->definition = definition;
    if (identity->records == 0) return;
    if (!identity_has_enough_lengths(identity) && largest <= IDENTITY_ROUNDINGS_MOST) return;
    struct interval exact = interval_exact(largest, identity->records);
    measurement_set(m, &exact);
}

void identity_say_lengths(const struct identity *identity, struct finding *finding) {
    if (identity->records == 0) return;
    finding->records += identity->records;
    finding_sizes(finding, "%zu lengths, %.0f ... %.0f", identity->count, identity->shortest,
                  identity->longest);
}

void identity_say_rule(struct finding *finding) {
    finding_say(
        finding,
        "A rounding is 2^-24 of the largest value; at most %.0f count as equal; it takes %d lengths, with 1.",
        IDENTITY_ROUNDINGS_MOST, IDENTITY_LENGTHS_LEAST);
}

static double most_roundings(double x, const void *unused) {
    (void)x;
    (void)unused;
    return IDENTITY_ROUNDINGS_MOST;
}

struct plot *identity_plot(const char *name, const char *title, const struct identity *identity,
                           struct finding *finding) {
    struct plot *plot = identity->records == 0 ? NULL
                                               : finding_plot(finding, name, title, "length L",
                                                              "largest difference (roundings)");
    if (plot != NULL) plot->x_log = true;
    return plot;
}

enum status identity_plot_lengths(struct plot *plot, const char *label, int colour,
                                  const struct identity *identity, bool errors) {
    double x[IDENTITY_LENGTHS_MAX], y[IDENTITY_LENGTHS_MAX];
    for (size_t i = 0; i < identity->count; i++) {
        x[i] = identity->at[i].length;
        y[i] = errors ? identity->at[i].error : identity->at[i].difference;
    }
    return plot_series(plot, label, PLOT_POINTS, colour, identity->count, x, y, NULL, NULL);
}

enum status identity_plot_bound(struct plot *plot, const struct identity *identity) {
    if (plot == NULL || !(identity->longest > identity->shortest)) return STATUS_OK;
    return plot_curve(plot, "counts as equal", PLOT_DASHED, 0, identity->shortest, identity->longest, 1,
                      most_roundings, NULL);
}
