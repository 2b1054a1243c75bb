/* What the experiments that time layers share: the measurement of a layer that turns one sequence array into
 * another, which rows are checked, and how errors add up. */
#ifndef EXPERIMENTS_LAYER_H
#define EXPERIMENTS_LAYER_H

#include "core/base/random.h"
#include "experiments/experiment.h"

enum { LAYER_ROWS_MAX = 66 };

/* Rows of 0 .. length - 1 to hold against a reference, ascending: the first, the last, and one drawn from
 * each of up to `inner` equal stretches between them; all if there are no more. Returns their number, at most
 * inner + 2; inner is at most LAYER_ROWS_MAX - 2. */
size_t layer_choose_rows(struct random_source source, size_t length, size_t inner,
                         size_t rows[LAYER_ROWS_MAX]);

/* The larger error of `worst` and |difference|; infinity once a difference was not a number. */
double layer_worse(double worst, double difference);

/* A layer and the arrays it works on. */
struct layer {
    void (*forward)(void *handle, const float *input, float *output);
    void *handle;
    float *input, *output;
    size_t memory_before; /* bytes held before any of this was made */
};

/* Starts a mark of what is held from now on. */
struct layer layer_begin(void (*forward)(void *handle, const float *input, float *output));

/* Allocates the input and output of so many numbers and draws the input, standard normal. STATUS_NO_MEMORY.
 */
enum status layer_draw_input(struct layer *layer, uint64_t data_key, size_t inputs, size_t outputs);
void layer_free_arrays(struct layer *layer);

/* Times the forward pass, counts its work, and sets the columns of LAYER_FIELDS and TIMING_FIELDS.
 * Every rank of the team does the whole; the samples are the slowest rank's. Collective; the status is this
 * rank's. */
enum status layer_measure(const struct layer *layer, struct team *team, struct record *record);

/* Sets the columns max_abs_error and rows_checked of LAYER_FIELDS. */
enum status layer_record_check(struct record *record, double max_abs_error, size_t rows_checked);

#define LAYER_FIELDS(checked)                                                                                  \
    {"seconds", FIELD_REAL, DIMENSION_SAMPLE, "s", NULL, 0, 0, NULL, 0, "Time of a forward pass"},             \
        {"flops",                                                                                              \
         FIELD_REAL,                                                                                           \
         DIMENSION_SCALAR,                                                                                     \
         "1",                                                                                                  \
         NULL,                                                                                                 \
         0,                                                                                                    \
         0,                                                                                                    \
         NULL,                                                                                                 \
         0,                                                                                                    \
         "Operations that one pass executes, counted where they are done; a multiply-add is two"},             \
        {"flops_product", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Those in matrix products"}, \
        {"flops_elementwise",                                                                                  \
         FIELD_REAL,                                                                                           \
         DIMENSION_SCALAR,                                                                                     \
         "1",                                                                                                  \
         NULL,                                                                                                 \
         0,                                                                                                    \
         0,                                                                                                    \
         NULL,                                                                                                 \
         0,                                                                                                    \
         "Those outside products, one by one"},                                                                \
        {"flops_transcendental",                                                                               \
         FIELD_REAL,                                                                                           \
         DIMENSION_SCALAR,                                                                                     \
         "1",                                                                                                  \
         NULL,                                                                                                 \
         0,                                                                                                    \
         0,                                                                                                    \
         NULL,                                                                                                 \
         0,                                                                                                    \
         "Evaluations of tanh and the logistic function, one each"},                                           \
        {"memory",                                                                                             \
         FIELD_INTEGER,                                                                                        \
         DIMENSION_SCALAR,                                                                                     \
         "byte",                                                                                               \
         NULL,                                                                                                 \
         0,                                                                                                    \
         0,                                                                                                    \
         NULL,                                                                                                 \
         0,                                                                                                    \
         "The most memory that the layer held up to the end of the samples: weights, input, output, scratch"}, \
        {"max_abs_error",                                                                                      \
         FIELD_REAL,                                                                                           \
         DIMENSION_SCALAR,                                                                                     \
         "1",                                                                                                  \
         NULL,                                                                                                 \
         0,                                                                                                    \
         0,                                                                                                    \
         NULL,                                                                                                 \
         0,                                                                                                    \
         "Largest difference of an output from a float64 reference; outputs are of the order of 1"},           \
    {                                                                                                          \
        "rows_checked", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, checked                     \
    }

#endif
