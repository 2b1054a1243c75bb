#include "analysis/layer_scaling.h"

#include <math.h>
#include <string.h>

#include "analysis/layer_split.h"
#include "core/base/memory.h"

static const char *grown_size(size_t way) {
    static const char *const sizes[LAYER_SPLIT_WAYS] = {"batch", "length", "batch", "width", "layers"};
    return sizes[way];
}

static double counted_operations(const struct record *record) {
    return record_real(record, "flops");
}

/* --- the bound ---------------------------------------------------------------------------------------- */

/* Chunks in which the sequence goes through a pipeline: eight for each stage where nothing else was asked
 * for. */
static double chunks_of(const struct record *record) {
    double length = record_real(record, "length"), chunk = record_real(record, "chunk");
    double stages = fmin(record_real(record, "ranks"), record_real(record, "layers"));
    if (!(chunk > 0)) chunk = ceil(length / (8 * stages));
    return ceil(length / fmin(chunk, length));
}

/* Operations of which none can begin before the one before it has ended. */
static double operations_in_turn(const struct scaling_point *point, double sum, double most) {
    if (strcmp(record_string(point->record, "split"), "layers") != 0) return most;
    double chunks = chunks_of(point->record);
    return (sum + (chunks - 1) * most) / chunks;
}

static enum status bound_by_work(const struct scaling_point *point, double *bound) {
    size_t count;
    double *operations = record_numbers(point->record, "flops_rank", &count), sum = 0, most = 0;
    if (operations == NULL) return STATUS_NO_MEMORY;
    for (size_t rank = 0; rank < count; rank++) {
        sum += operations[rank];
        most = fmax(most, operations[rank]);
    }
    memory_free(operations);
    *bound = sum / point->ranks / operations_in_turn(point, sum, most);
    return STATUS_OK;
}

/* --- the subjects ------------------------------------------------------------------------------------- */

static const char *const convolution_problem[] = {"batch", "length",   "width",  "kernel_size", "dilation",
                                                  "reads", "channels", "repeat", "threads",     NULL};
static const char *const recurrence_problem[] = {"cell",       "batch",  "length",  "width", "layers",
                                                 "directions", "repeat", "threads", NULL};

const struct scaling_subject convolution_scaling = {
    .experiment = "convolution",
    .seconds = "seconds",
    .problem = convolution_problem,
    .ways = LAYER_SPLIT_WAYS,
    .way_names = layer_split_ways,
    .is_split = layer_split_is,
    .grows = grown_size,
    .operations = counted_operations,
    .bound = bound_by_work,
};

const struct scaling_subject recurrence_scaling = {
    .experiment = "recurrent",
    .seconds = "seconds",
    .problem = recurrence_problem,
    .ways = LAYER_SPLIT_WAYS,
    .way_names = layer_split_ways,
    .is_split = layer_split_is,
    .grows = grown_size,
    .operations = counted_operations,
    .bound = bound_by_work,
};
