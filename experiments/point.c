#include "experiments/experiment.h"

int64_t point_integer(const struct point *point, const char *name) {
    return record_integer(point->values, name);
}

double point_real(const struct point *point, const char *name) {
    return record_real(point->values, name);
}

const char *point_string(const struct point *point, const char *name) {
    return record_string(point->values, name);
}
