#include "analysis/program/command.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parallel/host.h"

/* Not an errno that argp gives: tells the end after --help from a usage error. */
enum { HELP_WAS_SHOWN = -1 };

bool command_parse(const struct argp *argp, int argc, char **argv, void *options, int *code) {
    static char help[] = "--help";
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-h") == 0) argv[i] = help;
    unsigned flags = ARGP_NO_EXIT | ARGP_NO_HELP | (command_speaks() ? 0 : ARGP_NO_ERRS);
    error_t parsed = argp_parse(argp, argc, argv, flags, NULL, options);
    *code = parsed == HELP_WAS_SHOWN ? EXIT_DONE : EXIT_USAGE;
    return parsed == 0;
}

error_t command_help(struct argp_state *state) {
    const unsigned parts = ARGP_HELP_LONG | ARGP_HELP_USAGE | ARGP_HELP_DOC;
    if (command_speaks()) argp_help(state->root_argp, stdout, parts, state->name);
    return HELP_WAS_SHOWN;
}

error_t command_usage(struct argp_state *state, const char *format, ...) {
    if (command_speaks()) {
        va_list arguments;
        va_start(arguments, format);
        fprintf(stderr, "%s: ", state->name);
        vfprintf(stderr, format, arguments);
        fprintf(stderr, "\nTry '%s --help'.\n", state->name);
        va_end(arguments);
    }
    return EINVAL;
}

bool command_integer(const char *text, long low, long high, int *value) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || number < low || number > high) return false;
    *value = (int)number;
    return true;
}

bool command_seconds(const char *text, double *value) {
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(number) || number <= 0) return false;
    *value = number;
    return true;
}

int command_threads(int ranks_here) {
    const char *variable = getenv("OMP_NUM_THREADS");
    int threads;
    if (variable && command_integer(variable, 1, 1 << 16, &threads)) return threads;
    return host()->cores > ranks_here ? host()->cores / ranks_here : 1;
}

error_t command_format(struct argp_state *state, const char *text, enum output_format *format) {
    static const char *const names[] = {
        [OUTPUT_TEXT] = "text", [OUTPUT_JSON] = "json", [OUTPUT_MARKDOWN] = "markdown"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) != 0) continue;
        *format = (enum output_format)i;
        return 0;
    }
    return command_usage(state, "--format takes text, markdown or json, not '%s'", text);
}

int command_fail(enum status status, const struct error *error) {
    fprintf(stderr, "engram: %s\n", error->text[0] ? error->text : status_text(status));
    switch (status) {
    case STATUS_INVALID:
    case STATUS_NOT_FOUND:
    case STATUS_EXISTS:
    case STATUS_FORMAT:
    case STATUS_LOCKED:
    case STATUS_MISMATCH:
        return EXIT_USAGE;
    default:
        return EXIT_FAILED;
    }
}

bool command_speaks(void) {
    static const char *const rank_variables[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                                 "SLURM_PROCID"};
    for (size_t i = 0; i < sizeof rank_variables / sizeof *rank_variables; i++) {
        const char *rank = getenv(rank_variables[i]);
        if (rank) return atoi(rank) == 0;
    }
    return true;
}
