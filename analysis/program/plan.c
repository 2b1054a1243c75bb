/* engram plan: what a campaign will take. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/program/command.h"
#include "analysis/program/load.h"
#include "experiments/campaign/plan.h"
#include "parallel/host.h"

struct plan_arguments {
    char *campaign, *machine;
    int ranks, threads;
    size_t memory_per_rank;
};

enum { OPTION_MACHINE = 256, OPTION_MEMORY };

/* "4GiB", "500M", "2e9": bytes; suffixes are powers of 1024. */
static bool parse_bytes(const char *text, size_t *bytes) {
    static const char suffixes[] = "KMGT";
    char *end;
    double number = strtod(text, &end);
    if (end == text || !isfinite(number) || number <= 0) return false;
    const char *suffix = *end ? strchr(suffixes, *end) : NULL;
    if (suffix) {
        number = ldexp(number, 10 * (int)(suffix - suffixes + 1));
        end++;
        if (strcmp(end, "iB") == 0 || strcmp(end, "B") == 0) end += strlen(end);
    }
    if (*end != '\0' || number > 0x1p62) return false;
    *bytes = (size_t)number;
    return true;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct plan_arguments *arguments = state->input;
    switch (key) {
    case OPTION_HELP:
        return command_help(state);
    case 'r':
        return command_integer(argument, 1, 1 << 24, &arguments->ranks)
                   ? 0
                   : command_usage(state, "--ranks takes a whole number from 1, not '%s'", argument);
    case 't':
        return command_integer(argument, 1, 1 << 16, &arguments->threads)
                   ? 0
                   : command_usage(state, "--threads takes a whole number from 1, not '%s'", argument);
    case OPTION_MEMORY:
        return parse_bytes(argument, &arguments->memory_per_rank)
                   ? 0
                   : command_usage(state, "--memory-per-rank takes bytes such as 4GiB, not '%s'", argument);
    case OPTION_MACHINE:
        arguments->machine = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->campaign) return command_usage(state, "one campaign at a time");
        arguments->campaign = argument;
        return 0;
    case ARGP_KEY_END:
        return arguments->campaign ? 0 : command_usage(state, "which campaign?");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
    {"ranks", 'r', "P", 0, "Ranks of the run (default 1)", 0},
    {"threads", 't', "T", 0, "Threads per rank (default: as `run` on this machine)", 0},
    {"memory-per-rank", OPTION_MEMORY, "B", 0, "Memory of a rank, such as 4GiB (default: this machine's)", 0},
    {"machine", OPTION_MACHINE, "R.h5", 0, "Results with a `machine` record, for estimates of time", 0},
    HELP_OPTION,
    {0}};

static int print_plan(const struct plan_arguments *arguments, const struct results *machine) {
    struct error error = {STATUS_OK, ""};
    struct plan_options plan = {{arguments->ranks, arguments->threads}, arguments->memory_per_rank, machine};
    struct campaign *campaign;
    enum status status = load_campaign(arguments->campaign, &plan.resources, &campaign, &error);
    if (status != STATUS_OK) return command_fail(status, &error);
    plan_print(campaign, &plan, stdout);
    campaign_destroy(&campaign);
    return EXIT_DONE;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {options,
                                     parse,
                                     "CAMPAIGN.yaml",
                                     "Shows units, work, memory per rank and what would be pending, without"
                                     " running anything; of refined thresholds the first round, and the most"
                                     " that their budgets allow.",
                                     NULL,
                                     NULL,
                                     NULL};
    struct plan_arguments arguments = {.ranks = 1, .threads = 0};
    int code;
    if (!command_parse(&argp, argc, argv, &arguments, &code)) return code;
    if (arguments.threads == 0) arguments.threads = command_threads(arguments.ranks);

    struct results *machine = NULL;
    struct error error = {STATUS_OK, ""};
    if (arguments.machine) {
        enum status status = load_results(1, &arguments.machine, &machine, &error);
        if (status != STATUS_OK) return command_fail(status, &error);
    }
    code = print_plan(&arguments, machine);
    results_destroy(&machine);
    return code;
}

const struct command command_plan = {"plan", "CAMPAIGN.yaml", "units, work, memory and time of a campaign",
                                     run, false};
