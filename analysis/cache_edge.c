#include "analysis/cache_edge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/finding.h"
#include "analysis/selection.h"

enum { CACHES = 2, FLOAT32 = 4 };

/* The number of a parameter, or `value` if that is the variable. */
static double parameter_or(const struct record *record, const char *variable, double value,
                           const char *name) {
    return strcmp(variable, name) == 0 ? value : record_real(record, name);
}

static double gates_of(const struct record *record) {
    const char *cell = record_string(record, "cell");
    return strcmp(cell, "lstm") == 0 ? 4 : strcmp(cell, "gru") == 0 ? 3 : 1;
}

double cache_edge_bytes(const struct record *record, const char *variable, double value) {
    const char *experiment = record->schema->name;
    bool attention = strcmp(experiment, "attention") == 0,
         convolution = strcmp(experiment, "convolution") == 0;
    if (attention) {
        double length = parameter_or(record, variable, value, "length");
        return 2 * FLOAT32 * length * parameter_or(record, variable, value, "head_width");
    }
    if (strcmp(variable, "length") == 0) return NAN;
    if (!convolution && strcmp(experiment, "recurrent") != 0) return NAN;
    double width = parameter_or(record, variable, value, "width");
    double matrices = convolution ? parameter_or(record, variable, value, "kernel_size") : gates_of(record);
    return FLOAT32 * matrices * width * width;
}

/* Bytes of a core's own cache and of the last one; 0: not known. */
static enum status read_caches(const struct results *results, double caches[CACHES]) {
    static const char *const columns[CACHES] = {"cache_core", "cache_last"};
    struct selection machine;
    memset(caches, 0, CACHES * sizeof *caches);
    CHECK(selection_create(results, "machine", &machine));
    for (size_t i = 0; i < machine.count; i++)
        for (size_t cache = 0; cache < CACHES; cache++) {
            double bytes = record_real(machine.records[i], columns[cache]);
            if (bytes > 0) caches[cache] = bytes;
        }
    selection_destroy(&machine);
    return STATUS_OK;
}

/* Where the bytes, a power of the variable, reach those of the cache. */
static double edge_of(const struct record *record, const char *variable, double cache) {
    double one = cache_edge_bytes(record, variable, 1);
    double power = log2(cache_edge_bytes(record, variable, 2) / one);
    return pow(cache / one, 1 / power);
}

static enum status plot_edge(const struct sweep *sweep, const char *part, double cache, double at, int colour,
                             struct plot *plot) {
    char label[64];
    bool attention = strcmp(sweep->first->schema->name, "attention") == 0;
    double x[2] = {at, at}, y[2] = {INFINITY, 0};
    for (size_t i = 0; i < sweep->count; i++) {
        y[0] = fmin(y[0], sweep->points[i].typical);
        y[1] = fmax(y[1], sweep->points[i].typical);
    }
    snprintf(label, sizeof label, "%s%s fill a cache of %g MiB", part, attention ? "keys, values" : "weights",
             cache / (1 << 20));
    return plot_series(plot, label, PLOT_DOTTED, colour, 2, x, y, NULL, NULL);
}

enum status cache_edge_plot(const struct results *results, const struct sweep *sweep, const char *variable,
                            const char *part, int colour, struct plot *plot) {
    double caches[CACHES];
    if (plot == NULL || sweep->count < 2) return STATUS_OK;
    CHECK(read_caches(results, caches));
    for (size_t i = 0; i < CACHES; i++) {
        double at = caches[i] > 0 ? edge_of(sweep->first, variable, caches[i]) : NAN;
        bool within = at > sweep->points[0].x && at < sweep->points[sweep->count - 1].x;
        if (within && (i == 0 || caches[i] != caches[i - 1]))
            CHECK(plot_edge(sweep, part, caches[i], at, colour, plot));
    }
    return STATUS_OK;
}
