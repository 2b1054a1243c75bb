/* What the experiments with Hopfield networks share: names of rules and dynamics, columns of retrievals. */
#ifndef EXPERIMENTS_HOPFIELD_COLUMNS_H
#define EXPERIMENTS_HOPFIELD_COLUMNS_H

#include "core/associative/hopfield.h"
#include "results/record.h"

/* Choices of the parameters `rule` and `dynamics`, ended by NULL. */
extern const char *const hopfield_rules[];
extern const char *const hopfield_dynamics[];

/* Sets the columns of HOPFIELD_FIELDS from the outcomes of `trials` retrievals and the overlaps m reached. */
enum status hopfield_record(size_t trials, const struct outcome *outcomes, const double *overlaps,
                            struct record *record);

/* The rows of a column table for what hopfield_record sets. */
/* clang-format off */
#define HOPFIELD_FIELDS                                                                                      \
    {"overlap", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, -1, 1, NULL, 0,                                      \
     "Overlap (1/N) sum_i xi_i s_i of the final state with the wanted pattern"},                             \
    {"sweeps", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,                                     \
     "Passes over all neurons in which at least one flipped"},                                               \
    {"flips", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,                                      \
     "Flips of neurons, repeated ones included"},                                                            \
    {"cycles", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,                                    \
     "Trials that ended in a 2-cycle (synchronous updates); their overlap is that of one of its states"},    \
    {"capped", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,                                    \
     "Trials cut off by the limit on sweeps, neither at a fixed point nor in a 2-cycle"},              \
    {"energy_checks", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,                             \
     "Sweeps before and after which the energy was compared; minus sum_i |h_i| when synchronous"},           \
    {"energy_rises", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,                              \
     "Comparisons that found it risen"}
/* clang-format on */

#endif
