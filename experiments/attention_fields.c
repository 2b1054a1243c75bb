/* Parameters and columns of the attention experiment. */
#include "experiments/attention_fields.h"

#include "core/attention/attention.h"
#include "experiments/timing.h"

static const char *const masks[] = {"full", "causal", NULL};
/* Those of parallel/schedule.h, and the choice among them. A test holds the two together. */
static const char *const schedule_names[] = {"auto",    "heads",  "ring",  "allgather",
                                             "ulysses", "hybrid", "tiles", NULL};
static const char *const layouts[] = {"contiguous", "zigzag", "striped", NULL};

const struct field attention_parameters[] = {
    {"batch", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_DATA, "Sequences B"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e8, NULL, FIELD_DATA,
     "Positions L of a sequence; queries and keys are equally many"},
    {"head_width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, ATTENTION_WIDTH_MAX, NULL, FIELD_DATA,
     "Width of a head; the layer is heads x head_width wide"},
    {"heads", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e5, NULL, FIELD_DATA, "Query heads H"},
    {"kv_heads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "auto", 1, 1e5, NULL, FIELD_DATA | FIELD_AUTO,
     "Key/value heads, each read by heads / kv_heads query heads; auto: as many as heads"},
    {"mask", FIELD_CHOICE, DIMENSION_SCALAR, "1", "full", 0, 0, masks, 0,
     "causal: a position sees itself and those before it"},
    {"ranks", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_MAX,
     "Ranks that share the layer"},
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of each rank"},
    {"schedule", FIELD_CHOICE, DIMENSION_SCALAR, "1", "auto", 0, 0, schedule_names, 0,
     "How the core is split over ranks; auto: what the cost model predicts to be fastest, at the rates of the "
     "machine that runs it"},
    {"layout", FIELD_CHOICE, DIMENSION_SCALAR, "1", "auto", 0, 0, layouts, FIELD_AUTO,
     "Which rows a rank has, where rows are split; auto: contiguous without a mask, zigzag with one"},
    {"ways", FIELD_INTEGER, DIMENSION_SCALAR, "1", "0", 0, 1e6, NULL, 0,
     "Of hybrid: ranks that share out the heads; of tiles: ranks that share out one query's keys; a divisor of "
     "ranks. 0: the grid that sends least"},
    {.name = NULL},
};

const struct field attention_columns[] = {
    {"seconds_core", FIELD_REAL, DIMENSION_SAMPLE, "s", NULL, 0, 0, NULL, 0,
     "Time of softmax(Q K^T) V with its messages, slowest rank"},
    {"seconds_projections", FIELD_REAL, DIMENSION_SAMPLE, "s", NULL, 0, 0, NULL, 0,
     "Time of the products with the query, key, value and output weights, slowest rank; where heads are split over "
     "ranks, without the sum of the partial outputs"},
    {"flops_core", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Operations that one pass executes in the products Q K^T and with V, all ranks; a multiply-add is two"},
    {"flops_softmax", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Those in the core outside the two products: scaling, maxima, exponentials, sums, merging"},
    {"flops_rank", FIELD_REAL, DIMENSION_RANK, "1", NULL, 0, 0, NULL, 0,
     "Operations that each rank executed in the two products"},
    {"flops_projections", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Those in the projections, all ranks"},
    {"bytes_sent", FIELD_INTEGER, DIMENSION_RANK, "byte", NULL, 0, 0, NULL, 0,
     "What left each rank in the last pass of the core, counted at the MPI calls"},
    {"bytes_predicted", FIELD_INTEGER, DIMENSION_RANK, "byte", NULL, 0, 0, NULL, 0,
     "The same by the schedule's formula"},
    {"seconds_compute", FIELD_REAL, DIMENSION_RANK, "s", NULL, 0, 0, NULL, 0,
     "Time that each rank computed in the last pass of the core"},
    {"seconds_transfer", FIELD_REAL, DIMENSION_RANK, "s", NULL, 0, 0, NULL, 0,
     "Time for which its messages were under way in that pass, hidden behind computing or not"},
    {"seconds_wait", FIELD_REAL, DIMENSION_RANK, "s", NULL, 0, 0, NULL, 0,
     "Time that it spent in that pass inside MPI or packing for it: what no computing hid"},
    {"seconds_merge", FIELD_REAL, DIMENSION_RANK, "s", NULL, 0, 0, NULL, 0,
     "Time that it merged partial results in that pass"},
    {"schedule_used", FIELD_STRING, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "The schedule that ran: the parameter, or what auto chose"},
    {"ways_used", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "The grid that ran; 0 for schedules without one"},
    {"choice", FIELD_STRING, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Why that schedule: asked for, or auto's reason"},
    {"seconds_predicted", FIELD_REAL, DIMENSION_SCALAR, "s", NULL, 0, 0, NULL, 0,
     "Time of the core by the schedule's cost model, at rates measured just before"},
    {"max_abs_error", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Largest difference of the core's output from a float64 reference; inputs are standard normal"},
    {"rows_checked", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Rows that were compared: of every head the first, the last and 64 drawn, or all if there are fewer"},
    {"memory", FIELD_INTEGER, DIMENSION_SCALAR, "byte", NULL, 0, 0, NULL, 0,
     "The most memory that a rank held for it up to the end of the samples: its share of the layer and scratch"},
    TIMING_FIELDS,
    {.name = NULL},
};
