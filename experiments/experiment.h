/* An experiment: one constant table and two or three functions. Adding one = one file and a line in
 * registry.c. */
#ifndef EXPERIMENTS_EXPERIMENT_H
#define EXPERIMENTS_EXPERIMENT_H

#include "parallel/team.h"
#include "results/record.h"

enum experiment_kind {
    EXPERIMENT_TIMED,  /* runs alone, all other ranks asleep */
    EXPERIMENT_COUNTED /* fills all ranks; same record with however many ranks and threads */
};

/* One place in parameter space, all parameters resolved. */
struct point {
    const struct record *values; /* the parameters and `repeat`; columns are missing */
    uint64_t data_key;           /* all random data of the unit come from this key */
};

/* Parameter of a point by name: must be one of the experiment's parameters. */
int64_t point_integer(const struct point *point, const char *name);
double point_real(const struct point *point, const char *name);
const char *point_string(const struct point *point, const char *name);

/* What one unit will cost. */
struct estimate {
    double flops;          /* floating-point or comparable integer operations of one pass over the unit */
    double bytes_per_rank; /* memory at the peak */
    double seconds;        /* time cap of timed units, else 0 */
    double pace;           /* of the operations beside those of a matrix product; 0: the usual of the kind */
};

/* What the run offers, for resolving `max` and `auto`. */
struct resources {
    int ranks;
    int threads; /* per rank */
};

struct schedule_rates; /* parallel/schedule.h */

struct experiment {
    struct schema schema;
    enum experiment_kind kind;

    /* Replaces `auto` (parameters without a value, missing in `values`) by definite values and rejects
     * combinations that no single bound can: STATUS_INVALID with a sentence naming the parameters. May be
     * NULL. `max` was resolved before. */
    enum status (*resolve)(struct record *values, const struct resources *resources, struct error *error);

    struct estimate (*estimate)(const struct point *point);

    /* In a few words, how the unit is computed, where that is chosen from its size: for `engram plan`. The
     * text lives as long as the point. May be NULL. */
    const char *(*method)(const struct point *point);

    /* Of an experiment whose units several ranks may share: the parameters that say how, the first of them in
     * words, ended by NULL; and the predicted seconds of a pass at these rates, whose `flops` are of a matrix
     * product on a rank, NaN where the way is still open. For `engram plan`. Both or none may be NULL. */
    const char *const *split_parameters;
    double (*predict)(const struct point *point, const struct schedule_rates *rates);

    /* Runs one unit on a team and fills the columns of `record` on the team's rank 0 (others may fill theirs,
     * it is ignored). Collective over the team. The status need not be agreed: the runner does that. */
    enum status (*run)(const struct point *point, struct team *team, struct record *record,
                       struct error *error);
};

/* All experiments in the order of `engram list`, ended by NULL. */
const struct experiment *const *experiments(void);

/* By name, or NULL. */
const struct experiment *experiment_named(const char *name);

/* A named shape: values for parameters, for one experiment or several. */
struct shape {
    const char *name;                 /* "bert-base" */
    const char *summary;              /* what it is and where the figures come from */
    const char *experiment;           /* the experiment it belongs to */
    const char *const (*settings)[2]; /* {parameter, value as text}, ended by {NULL, NULL} */
};

/* All shapes, ended by one whose name is NULL. A name may stand for several experiments. */
extern const struct shape shapes[];

/* The shape of that name for that experiment, or NULL. */
const struct shape *shape_named(const char *name, const char *experiment);

#endif
