/* engram export: one table as CSV or JSON. */
#include <stdio.h>
#include <string.h>

#include "analysis/program/command.h"
#include "analysis/program/load.h"
#include "results/export.h"

struct export_arguments {
    char *path;
    const char *table, *format;
};

enum { OPTION_TABLE = 256 };

static const struct argp_option options[] = {
    {"table", OPTION_TABLE, "EXPERIMENT", 0, "The experiment whose records to export (required)", 0},
    {"format", OPTION_FORMAT, "FORMAT", 0, "csv (default) or json", 0},
    HELP_OPTION,
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct export_arguments *arguments = state->input;
    switch (key) {
    case OPTION_HELP:
        return command_help(state);
    case OPTION_TABLE:
        arguments->table = argument;
        return 0;
    case OPTION_FORMAT:
        arguments->format = argument;
        if (strcmp(argument, "csv") == 0 || strcmp(argument, "json") == 0) return 0;
        return command_usage(state, "--format takes csv or json, not '%s'", argument);
    case ARGP_KEY_ARG:
        if (arguments->path) return command_usage(state, "one file at a time");
        arguments->path = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->path) return command_usage(state, "which results?");
        return arguments->table ? 0 : command_usage(state, "which table? --table EXPERIMENT is required");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void complain_about_table(const struct results *results, const struct export_arguments *arguments) {
    fprintf(stderr, "engram: %s has no table '%s'; it has", arguments->path, arguments->table);
    for (size_t t = 0; t < results->table_count; t++)
        fprintf(stderr, " %s", results->tables[t].schema->name);
    fputs(results->table_count ? "\n" : " none\n", stderr);
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        options,
        parse,
        "R.h5",
        "Writes one table to standard output. JSON: an array of objects, one per record,"
        " array columns as arrays. CSV: array columns as values separated by spaces.",
        NULL,
        NULL,
        NULL};
    struct export_arguments arguments = {.format = "csv"};
    int code;
    if (!command_parse(&argp, argc, argv, &arguments, &code)) return code;

    struct results *results;
    struct error error = {STATUS_OK, ""};
    enum status status = load_results(1, &arguments.path, &results, &error);
    if (status != STATUS_OK) return command_fail(status, &error);
    const struct table *table = results_table(results, arguments.table);
    code = EXIT_DONE;
    if (!table) {
        complain_about_table(results, &arguments);
        code = EXIT_USAGE;
    } else {
        status = strcmp(arguments.format, "json") == 0 ? export_json(table, stdout, &error)
                                                       : export_csv(table, stdout, &error);
        if (status != STATUS_OK) code = command_fail(status, &error);
    }
    results_destroy(&results);
    return code;
}

const struct command command_export = {"export", "R.h5 --table NAME", "one table as CSV or JSON", run, false};
