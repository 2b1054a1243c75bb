/* engram check: every mistake of a campaign at once. */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/program/command.h"
#include "analysis/program/load.h"
#include "parallel/host.h"

static error_t parse(int key, char *argument, struct argp_state *state) {
    const char **path = state->input;
    switch (key) {
    case OPTION_HELP:
        return command_help(state);
    case ARGP_KEY_ARG:
        if (*path) return command_usage(state, "one campaign at a time");
        *path = argument;
        return 0;
    case ARGP_KEY_END:
        return *path ? 0 : command_usage(state, "which campaign?");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run(int argc, char **argv) {
    static const struct argp_option options[] = {HELP_OPTION, {0}};
    static const struct argp argp = {
        options,
        parse,
        "CAMPAIGN.yaml",
        "Reports every mistake of a campaign file with its line, and runs nothing."
        " `-` reads standard input.",
        NULL,
        NULL,
        NULL};
    const char *path = NULL;
    int code;
    if (!command_parse(&argp, argc, argv, &path, &code)) return code;

    struct resources resources = {.ranks = 1, .threads = host()->cores};
    struct campaign *campaign;
    struct error error = {STATUS_OK, ""};
    enum status status = load_campaign(path, &resources, &campaign, &error);
    if (status != STATUS_OK) return command_fail(status, &error);
    printf("%s: %zu unit%s, no mistakes\n", path, campaign->unit_count, campaign->unit_count == 1 ? "" : "s");
    campaign_destroy(&campaign);
    return EXIT_DONE;
}

const struct command command_check = {"check", "CAMPAIGN.yaml", "every mistake of a campaign at once", run,
                                      false};
