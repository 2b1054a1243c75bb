#include "analysis/layer_split.h"

#include <math.h>
#include <string.h>

enum { CONVOLUTION_BATCH, SEQUENCE, RECURRENCE_BATCH, UNITS, LAYERS };

const char *const layer_split_ways[LAYER_SPLIT_WAYS] = {"convolution by batch", "convolution by sequence",
                                                        "recurrence by batch", "recurrence by units",
                                                        "recurrence by layers"};

#define BYTES_OF_ELEMENT 4.0

static const char *split_of(size_t way) {
    static const char *const splits[LAYER_SPLIT_WAYS] = {"batch", "sequence", "batch", "units", "layers"};
    return splits[way];
}

const char *layer_split_experiment(size_t way) {
    return way <= SEQUENCE ? "convolution" : "recurrent";
}

bool layer_split_is(const struct record *record, size_t way) {
    return strcmp(record->schema->name, layer_split_experiment(way)) == 0 &&
           strcmp(record_string(record, "split"), split_of(way)) == 0;
}

/* Sizes of a record. */
struct letters {
    double B, L, d, P;
};

static struct letters letters_of(const struct record *record) {
    return (struct letters){.B = record_real(record, "batch"),
                            .L = record_real(record, "length"),
                            .d = record_real(record, "width"),
                            .P = record_real(record, "ranks")};
}

static double halo_elements(const struct record *record, const struct letters *of, double rank) {
    double k = record_real(record, "kernel_size"), dilation = record_real(record, "dilation");
    double m = strcmp(record_string(record, "reads"), "past") == 0 ? 0 : floor((k - 1) / 2);
    double to_next = (k - 1 - m) * dilation, to_previous = m * dilation;
    if (fmax(to_next, to_previous) > floor(of->L / of->P)) return NAN;
    return of->B * of->d * ((rank < of->P - 1 ? to_next : 0) + (rank > 0 ? to_previous : 0));
}

static double units_elements(const struct record *record, const struct letters *of, double rank) {
    double units = floor(of->d / of->P) + (rank < fmod(of->d, of->P) ? 1 : 0);
    double directions = strcmp(record_string(record, "directions"), "both") == 0 ? 2 : 1;
    double steps = record_real(record, "layers") * of->L - 1;
    return of->B * units * directions * (fmin(of->P, of->d) - 1) * steps;
}

static double layers_elements(const struct record *record, const struct letters *of, double rank) {
    double stages = fmin(of->P, record_real(record, "layers"));
    return rank < stages - 1 ? of->B * of->L * of->d : 0;
}

double layer_split_bytes(const struct record *record, size_t way, double rank) {
    struct letters of = letters_of(record);
    switch (way) {
    case CONVOLUTION_BATCH:
    case RECURRENCE_BATCH:
        return 0;
    case SEQUENCE:
        return BYTES_OF_ELEMENT * halo_elements(record, &of, rank);
    case UNITS:
        return BYTES_OF_ELEMENT * units_elements(record, &of, rank);
    case LAYERS:
        return BYTES_OF_ELEMENT * layers_elements(record, &of, rank);
    default:
        return NAN;
    }
}
