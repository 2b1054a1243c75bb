/* A unit of a layer that turns one sequence array into another, split over ranks or not: a convolution or a
 * recurrence. */
#ifndef EXPERIMENTS_SPLIT_LAYER_H
#define EXPERIMENTS_SPLIT_LAYER_H

#include "core/base/random.h"
#include "experiments/experiment.h"
#include "parallel/sequence_split.h"

/* What a rank has of a layer, and the arrays it works on. */
struct split_layer {
    struct sequence_split split;
    struct sequence_share in, out;
    struct sequence_run *run;
    float *input, *output;
    uint64_t data_key;
};

/* Compares rows of this rank's output with a float64 reference. STATUS_NO_MEMORY. Local. */
typedef enum status split_layer_check(const struct split_layer *layer, double *max_abs_error,
                                      size_t *rows_checked);

/* Draws `rows` rows of one sequence's input from row `first` on, standard normal. */
void split_layer_draw_rows(const struct split_layer *layer, size_t item, size_t first, size_t rows,
                           float *input);

/* Creates the layer, times its forward pass, counts its work and traffic, checks it, and sets the columns of
 * SPLIT_LAYER_FIELDS and TIMING_FIELDS. Samples are the slowest rank's, counts of all ranks. Collective over
 * the team; the status is this rank's. */
enum status split_layer_unit(const struct sequence_split *split, const struct point *point, struct team *team,
                             split_layer_check *check, struct record *record, struct error *error);

/* Sets kind and ranks of a split as the parameters say. */
void split_layer_read(const struct record *values, struct sequence_split *split);

/* STATUS_INVALID with a sentence when the split cannot be, or has more numbers than can be addressed. */
enum status split_layer_refuse(const struct sequence_split *split, struct error *error);

/* What a unit takes, the check with `check_bytes` on each rank. */
struct estimate split_layer_estimate(const struct sequence_split *split, double flops, double check_bytes);

/* Parameters of the split; `splits` is the list of choices. */
#define SPLIT_LAYER_PARAMETERS(splits, text)                                                                 \
    {"ranks",                                                                                                \
     FIELD_INTEGER,                                                                                          \
     DIMENSION_SCALAR,                                                                                       \
     "1",                                                                                                    \
     "1",                                                                                                    \
     1,                                                                                                      \
     1e6,                                                                                                    \
     NULL,                                                                                                   \
     FIELD_MAX,                                                                                              \
     "Ranks that share the layer"},                                                                          \
    {                                                                                                        \
        "split", FIELD_CHOICE, DIMENSION_SCALAR, "1", "none", 0, 0, splits, 0, text                          \
    }

#define SPLIT_LAYER_COLUMN(name, type, dimension, unit, text)                                                \
    { name, type, dimension, unit, NULL, 0, 0, NULL, 0, text }

#define SPLIT_LAYER_FIELDS(checked)                                                                              \
    SPLIT_LAYER_COLUMN("seconds", FIELD_REAL, DIMENSION_SAMPLE, "s",                                             \
                       "Time of a forward pass, slowest rank"),                                                  \
        SPLIT_LAYER_COLUMN(                                                                                      \
            "flops", FIELD_REAL, DIMENSION_SCALAR, "1",                                                          \
            "Operations that one pass executes, counted where they are done, all ranks; a multiply-add is two"), \
        SPLIT_LAYER_COLUMN("flops_product", FIELD_REAL, DIMENSION_SCALAR, "1", "Those in matrix products"),      \
        SPLIT_LAYER_COLUMN("flops_elementwise", FIELD_REAL, DIMENSION_SCALAR, "1",                               \
                           "Those outside products, one by one"),                                                \
        SPLIT_LAYER_COLUMN("flops_transcendental", FIELD_REAL, DIMENSION_SCALAR, "1",                            \
                           "Evaluations of tanh and the logistic function, one each"),                           \
        SPLIT_LAYER_COLUMN("flops_rank", FIELD_REAL, DIMENSION_RANK, "1",                                        \
                           "Operations that each rank executed in a pass"),                                      \
        SPLIT_LAYER_COLUMN("bytes_sent", FIELD_INTEGER, DIMENSION_RANK, "byte",                                  \
                           "What left each rank in the last pass, counted at the MPI calls"),                    \
        SPLIT_LAYER_COLUMN("bytes_predicted", FIELD_INTEGER, DIMENSION_RANK, "byte",                             \
                           "The same by the split's formula"),                                                   \
        SPLIT_LAYER_COLUMN("seconds_compute", FIELD_REAL, DIMENSION_RANK, "s",                                   \
                           "Time that each rank computed in the last pass"),                                     \
        SPLIT_LAYER_COLUMN(                                                                                      \
            "seconds_transfer", FIELD_REAL, DIMENSION_RANK, "s",                                                 \
            "Time for which its messages were under way in that pass, hidden behind computing or not"),          \
        SPLIT_LAYER_COLUMN(                                                                                      \
            "seconds_wait", FIELD_REAL, DIMENSION_RANK, "s",                                                     \
            "Time that it spent in that pass inside MPI or packing for it: what no computing hid"),              \
        SPLIT_LAYER_COLUMN(                                                                                      \
            "memory", FIELD_INTEGER, DIMENSION_SCALAR, "byte",                                                   \
            "The most memory that a rank held for the layer up to the end of the samples: weights, "             \
            "input, output, scratch"),                                                                           \
        SPLIT_LAYER_COLUMN(                                                                                      \
            "max_abs_error", FIELD_REAL, DIMENSION_SCALAR, "1",                                                  \
            "Largest difference of an output from a float64 reference; outputs are of the order of 1"),          \
        SPLIT_LAYER_COLUMN("rows_checked", FIELD_INTEGER, DIMENSION_SCALAR, "1", checked)

#endif
