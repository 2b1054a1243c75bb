#include "parallel/bench/bench_options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KV_HEADS_KEY = 256, BASELINE_KEY };

static const struct argp_option table[] = {
    {"schedule", 's', "NAME", 0, "one of the table, auto, or all of them in turns (ring)", 0},
    {"layout", 'o', "NAME", 0, "of the rows: contiguous, zigzag or striped (contiguous)", 0},
    {"ways", 'u', "N", 0, "ranks that share out heads (hybrid) or keys (tiles); 0: least bytes (0)", 0},
    {"mask", 'm', "MASK", 0, "full, causal or window:W (full)", 0},
    {"batch", 'b', "N", 0, "items (1)", 0},
    {"length", 'l', "N", 0, "of the sequence (8192)", 0},
    {"heads", 'n', "N", 0, "query heads (4)", 0},
    {"kv-heads", KV_HEADS_KEY, "N", 0, "key/value heads (as many as query heads)", 0},
    {"width", 'd', "N", 0, "of a head (128)", 0},
    {"threads", 't', "N", 0, "of each rank (1)", 0},
    {"seconds", 'T', "S", 0, "to measure for, at least three passes each (5)", 0},
    {"baseline", BASELINE_KEY, NULL, 0, "in turns with one process that has the threads of all ranks", 0},
    {"help", 'h', NULL, 0, "print this", 0},
    {0},
};

struct reading {
    struct bench_options *options;
    bool speaks;
};

static error_t complain(struct argp_state *state, const char *what, const char *argument) {
    const struct reading *reading = state->input;
    if (reading->speaks) fprintf(stderr, "%s: %s: %s\n", state->name, what, argument);
    return EINVAL;
}

static error_t read_number(struct argp_state *state, const char *argument, size_t least, size_t *number) {
    char *end;
    errno = 0;
    unsigned long long read = strtoull(argument, &end, 10);
    if (errno || end == argument || *end || *argument == '-' || read < least || read > SIZE_MAX / 2)
        return complain(state, "not a number that will do", argument);
    *number = (size_t)read;
    return 0;
}

static error_t read_int(struct argp_state *state, const char *argument, size_t least, int *number) {
    size_t read;
    error_t error = read_number(state, argument, least, &read);
    if (!error && read > 1 << 20) error = complain(state, "too large", argument);
    if (!error) *number = (int)read;
    return error;
}

static error_t read_seconds(struct argp_state *state, const char *argument, double *seconds) {
    char *end;
    *seconds = strtod(argument, &end);
    bool good = end != argument && !*end && *seconds >= 0 && *seconds < 1e6;
    return good ? 0 : complain(state, "not a time that will do", argument);
}

static error_t read_layout(struct argp_state *state, const char *argument, enum sequence_layout *layout) {
    for (int i = 0; sequence_layout_names[i]; i++)
        if (strcmp(argument, sequence_layout_names[i]) == 0) {
            *layout = (enum sequence_layout)i;
            return 0;
        }
    return complain(state, "no such layout", argument);
}

static error_t read_mask(struct argp_state *state, const char *argument, struct bench_options *options) {
    static const char window[] = "window:";
    options->mask_text = argument;
    if (strncmp(argument, window, sizeof window - 1) == 0) {
        options->mask.kind = ATTENTION_WINDOW;
        return read_number(state, argument + sizeof window - 1, 1, &options->mask.window);
    }
    options->mask.kind = strcmp(argument, "causal") == 0 ? ATTENTION_CAUSAL : ATTENTION_FULL;
    bool known = options->mask.kind == ATTENTION_CAUSAL || strcmp(argument, "full") == 0;
    return known ? 0 : complain(state, "no such mask", argument);
}

static error_t read_schedule(struct argp_state *state, const char *argument, struct bench_options *options) {
    options->schedule = argument;
    bool known = strcmp(argument, "auto") == 0 || strcmp(argument, "all") == 0 || schedule_named(argument);
    return known ? 0 : complain(state, "no such schedule", argument);
}

static error_t help(struct argp_state *state) {
    const struct reading *reading = state->input;
    unsigned parts = ARGP_HELP_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC;
    if (reading->speaks) argp_help(state->root_argp, stdout, parts, state->name);
    return ECANCELED;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct bench_options *options = ((struct reading *)state->input)->options;
    struct attention_shape *shape = &options->split.shape;
    switch (key) {
    case 's':
        return read_schedule(state, argument, options);
    case 'o':
        return read_layout(state, argument, &options->split.layout);
    case 'u':
        return read_int(state, argument, 0, &options->split.ways);
    case 'm':
        return read_mask(state, argument, options);
    case 'b':
        return read_number(state, argument, 1, &shape->batch);
    case 'l':
        return read_number(state, argument, 1, &shape->query_length);
    case 'n':
        return read_number(state, argument, 1, &shape->heads);
    case KV_HEADS_KEY:
        return read_number(state, argument, 1, &shape->kv_heads);
    case 'd':
        return read_number(state, argument, 1, &shape->head_width);
    case 't':
        return read_int(state, argument, 1, &options->threads);
    case 'T':
        return read_seconds(state, argument, &options->seconds);
    case BASELINE_KEY:
        options->baseline = true;
        return 0;
    case 'h':
        return help(state);
    case ARGP_KEY_ARG:
        return complain(state, "not expected", argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int bench_options_read(int argc, char **argv, int rank, int ranks, struct bench_options *options) {
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .doc = "Times schedules of attention under mpirun, in turns, and prints one JSON object a line.",
    };
    *options = (struct bench_options){
        .schedule = "ring",
        .split = {.shape = {1, 4, 0, 8192, 8192, 128}, .ranks = ranks},
        .mask = attention_mask_none(),
        .mask_text = "full",
        .threads = 1,
        .seconds = 5,
    };
    struct reading reading = {options, rank == 0};
    unsigned flags = ARGP_NO_EXIT | ARGP_NO_HELP | (rank == 0 ? 0 : ARGP_NO_ERRS);
    int error = argp_parse(&argp, argc, argv, flags, NULL, &reading);
    struct attention_shape *shape = &options->split.shape;
    shape->key_length = shape->query_length;
    if (shape->kv_heads == 0) shape->kv_heads = shape->heads;
    if (error == 0 || error == ECANCELED) return error;
    return EINVAL;
}
