/* engram compare: two machines or versions side by side. */
#include <stdio.h>

#include "analysis/compare.h"
#include "analysis/program/command.h"
#include "analysis/program/load.h"

struct compare_arguments {
    size_t count;
    char *paths[2];
    enum output_format format;
};

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct compare_arguments *arguments = state->input;
    switch (key) {
    case OPTION_HELP:
        return command_help(state);
    case OPTION_FORMAT:
        return command_format(state, argument, &arguments->format);
    case ARGP_KEY_ARG:
        if (arguments->count == 2) return command_usage(state, "two files, not more");
        arguments->paths[arguments->count++] = argument;
        return 0;
    case ARGP_KEY_END:
        return arguments->count == 2 ? 0 : command_usage(state, "which two results?");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum status print_sides(const struct compare_sides *sides, enum output_format format) {
    if (format == OUTPUT_JSON) return compare_json(sides, stdout);
    if (format == OUTPUT_MARKDOWN) return compare_markdown(sides, stdout);
    return compare_text(sides, stdout);
}

static int print_comparison(const struct compare_arguments *arguments, const struct results *a,
                            struct error *error) {
    struct results *b;
    struct compare_sides sides;
    enum status status = load_results(1, &arguments->paths[1], &b, error);
    if (status != STATUS_OK) return command_fail(status, error);
    status = compare_sides_create(arguments->paths[0], a, arguments->paths[1], b, &sides);
    if (status == STATUS_OK) {
        status = print_sides(&sides, arguments->format);
        compare_sides_clear(&sides);
    }
    results_destroy(&b);
    return status == STATUS_OK ? EXIT_DONE : command_fail(status, error);
}

static int run(int argc, char **argv) {
    static const struct argp_option options[] = {FORMAT_OPTION, HELP_OPTION, {0}};
    static const struct argp argp = {
        options,
        parse,
        "A.h5 B.h5",
        "Puts two results side by side, row by row, with ratio and interval; says \"no"
        " difference\" where the intervals do.",
        NULL,
        NULL,
        NULL};
    struct compare_arguments arguments = {0};
    int code;
    if (!command_parse(&argp, argc, argv, &arguments, &code)) return code;
    struct results *a;
    struct error error = {STATUS_OK, ""};
    enum status status = load_results(1, &arguments.paths[0], &a, &error);
    if (status != STATUS_OK) return command_fail(status, &error);
    code = print_comparison(&arguments, a, &error);
    results_destroy(&a);
    return code;
}

const struct command command_compare = {"compare", "A.h5 B.h5", "two machines or versions, row by row", run,
                                        false};
