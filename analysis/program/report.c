/* engram report: the ledger of a results file. */
#include <stdio.h>

#include "analysis/program/command.h"
#include "analysis/program/load.h"
#include "analysis/report.h"

enum { FILES_MAX = 1024 };

struct report_arguments {
    size_t count;
    char *paths[FILES_MAX];
    char *folder;
    enum output_format format;
};

static const struct argp_option options[] = {
    {"output", 'o', "DIR", 0, "Also write report.html, ledger.json and plots into DIR", 0},
    FORMAT_OPTION,
    HELP_OPTION,
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct report_arguments *arguments = state->input;
    switch (key) {
    case OPTION_HELP:
        return command_help(state);
    case 'o':
        arguments->folder = argument;
        return *argument ? 0 : command_usage(state, "--output takes a folder, not ''");
    case OPTION_FORMAT:
        return command_format(state, argument, &arguments->format);
    case ARGP_KEY_ARG:
        if (arguments->count == FILES_MAX) return command_usage(state, "more than %d files", FILES_MAX);
        arguments->paths[arguments->count++] = argument;
        return 0;
    case ARGP_KEY_END:
        return arguments->count > 0 ? 0 : command_usage(state, "which results?");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum status print_ledger(const struct ledger *ledger, const struct results *results,
                                enum output_format format) {
    if (format == OUTPUT_JSON) return report_json(ledger, stdout);
    if (format == OUTPUT_MARKDOWN) return report_markdown(ledger, results, stdout);
    return report_text(ledger, results, stdout);
}

static enum status write_reports(const struct report_arguments *arguments, const struct results *results,
                                 struct error *error) {
    struct ledger *ledger;
    CHECK(ledger_create(results, &ledger));
    enum status status = print_ledger(ledger, results, arguments->format);
    if (status == STATUS_OK && arguments->folder)
        status = report_write(ledger, results, arguments->folder, error);
    ledger_destroy(&ledger);
    return status;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        options,
        parse,
        "R.h5 [MORE.h5 ...]",
        "Decides every claim on the results and prints the ledger; several files (the"
        " shards of one campaign) are merged. Reads a running or broken-off run too.",
        NULL,
        NULL,
        NULL};
    struct report_arguments arguments = {0};
    int code;
    if (!command_parse(&argp, argc, argv, &arguments, &code)) return code;

    struct results *results;
    struct error error = {STATUS_OK, ""};
    enum status status = load_results(arguments.count, arguments.paths, &results, &error);
    if (status != STATUS_OK) return command_fail(status, &error);
    status = write_reports(&arguments, results, &error);
    results_destroy(&results);
    return status == STATUS_OK ? EXIT_DONE : (command_fail(status, &error), EXIT_FAILED);
}

const struct command command_report = {"report", "R.h5 [MORE.h5 ...]",
                                       "the ledger; with -o also a page with plots", run, false};
