/* The curves of a campaign: shares against one parameter, whose threshold is refined in rounds of units. */
#ifndef EXPERIMENTS_CAMPAIGN_CURVES_H
#define EXPERIMENTS_CAMPAIGN_CURVES_H

#include "experiments/experiment.h"

enum {
    CURVES_MAX = 10000,
    REFINE_BUDGET_FACTOR = 10 /* the budget is so many times the first round unless it is given */
};

/* What `refine:` asks for in one entry. */
struct refinement {
    const struct field *vary;   /* parameter: a number */
    const struct field *of;     /* column: an integer */
    const struct field *out_of; /* parameter or column: an integer */
    double at, precision, step; /* step: of the first round's places, on average */
    int64_t repeats;            /* of each place in the first round */
    size_t first_round, budget; /* units of one curve */
    const struct axis *axis;    /* of the varied parameter, while the file is read */
};

/* One combination of the other parameters. */
struct curve {
    const struct experiment *experiment;
    size_t entry; /* which of the entries with `refine` it comes from */
    struct refinement refinement;
    struct record *values; /* as the file says, what is `auto` left open; the varied one does not count */
    uint64_t key;          /* hash of the combination */
    size_t units;          /* so far */
    int64_t next_repeat;   /* no unit has it yet */
    bool elsewhere;        /* another shard's, or left out */
    char refusal[200];     /* why the experiment rejects a place where it was to go on; empty: it does not */
};

/* A unit is a member of the curves that asked for it. */
struct member {
    size_t curve, unit;
};

struct curves {
    size_t count, capacity, entries;
    struct curve *curves;
    size_t reserved; /* units that budgets allow beyond the first round */
    size_t member_count, member_capacity;
    struct member *members; /* those of one curve in the order in which they were asked for */
};

/* Adds a curve and takes over its values also on failure: STATUS_NO_MEMORY. */
enum status curves_add(struct curves *curves, const struct curve *curve);

/* Makes a unit a member of a curve. STATUS_NO_MEMORY. */
enum status curves_add_member(struct curves *curves, size_t curve, size_t unit);

void curves_clear(struct curves *curves);

/* "hopfield_capacity with neurons 500": what tells the curve from others of its entry. */
void curve_describe(const struct curves *curves, const struct curve *curve, char *text, size_t size);

#endif
