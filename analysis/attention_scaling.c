#include "analysis/attention_scaling.h"

#include <math.h>
#include <string.h>

#include "analysis/attention_split.h"

double attention_operations(const struct record *record) {
    double length = record_real(record, "length");
    bool causal = strcmp(record_string(record, "mask"), "causal") == 0;
    double pairs = causal ? length * (length + 1) / 2 : length * length;
    return 4 * pairs * record_real(record, "head_width") * record_real(record, "heads") *
           record_real(record, "batch");
}

static const char *rows(size_t way) {
    (void)way;
    return "length";
}

static enum status bound_by_model(const struct scaling_point *point, double *bound) {
    double predicted = record_real(point->record, "seconds_predicted");
    double base_predicted = record_real(point->base, "seconds_predicted");
    *bound = predicted > 0 ? point->work * base_predicted / predicted : NAN;
    return STATUS_OK;
}

static const char *const problem[] = {"batch", "length", "head_width", "heads", "kv_heads",
                                      "mask",  "repeat", "threads",    NULL};

const struct scaling_subject attention_scaling = {
    .experiment = "attention",
    .seconds = "seconds_core",
    .problem = problem,
    .ways = SPLIT_SCHEDULES,
    .way_names = split_schedules,
    .is_split = split_ran_under,
    .grows = rows,
    .operations = attention_operations,
    .bound = bound_by_model,
};
