/* What the rows on identities of attention have in common: differences by length, in roundings. */
#ifndef ANALYSIS_ATTENTION_IDENTITY_H
#define ANALYSIS_ATTENTION_IDENTITY_H

#include "analysis/finding.h"
#include "analysis/selection.h"

/* A rounding is 2^-24 of the largest value: outputs are averages of values. The sum of both sides' errors
 * against float64 would not do as a bound, since no difference can exceed it. This many are left by a
 * computation in float32 that is right to its last digits: a few for the products of a score, a few for an
 * exponential, and what averaging leaves of them. */
#define IDENTITY_ROUNDINGS_MOST 16.0

enum {
    IDENTITY_LENGTHS_LEAST = 8, /* different ones, 1 among them: "any length" */
    IDENTITY_LENGTHS_MAX = 256
};

/* All records of one length: the largest of each, in roundings. */
struct at_length {
    double length, difference, error;
};

struct identity {
    size_t records, count;
    double largest, largest_error; /* in roundings; infinite when a number is missing */
    double shortest, longest;
    struct at_length at[IDENTITY_LENGTHS_MAX];
};

/* Gathers one column of differences; errors are the larger of output_error and the named column. */
void identity_gather(const struct selection *selection, const char *difference, const char *other_error,
                     struct identity *identity);

bool identity_has_enough_lengths(const struct identity *identity);

/* A measurement that must be at most IDENTITY_ROUNDINGS_MOST; measured if there are enough lengths, or if it
 * is above that anyway. */
void identity_measure(const char *name, double largest, const struct identity *identity, int definition,
                      struct finding *finding);

void identity_say_lengths(const struct identity *identity, struct finding *finding);
void identity_say_rule(struct finding *finding);

/* The plot of a row, against length; NULL without records. */
struct plot *identity_plot(const char *name, const char *title, const struct identity *identity,
                           struct finding *finding);

/* The differences, or the errors, of every length. STATUS_NO_MEMORY. */
enum status identity_plot_lengths(struct plot *plot, const char *label, int colour,
                                  const struct identity *identity, bool errors);

/* The line below which sides count as equal. STATUS_NO_MEMORY. */
enum status identity_plot_bound(struct plot *plot, const struct identity *identity);

#endif
