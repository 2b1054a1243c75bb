/* engram run: a campaign on all ranks, into one results file. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/program/command.h"
#include "analysis/program/load.h"
#include "core/base/memory.h"
#include "experiments/campaign/runner.h"
#include "parallel/host.h"

struct run_arguments {
    char *campaign, *only;
    int shard, shards;
    struct run_options options;
};

enum { OPTION_RESUME = 256, OPTION_FORCE, OPTION_ONLY, OPTION_SHARD, OPTION_TIME_LIMIT, OPTION_TEAM_SIZE };

static const struct argp_option options[] = {
    {"output", 'o', "R.h5", 0, "The results file (required)", 0},
    {"resume", OPTION_RESUME, NULL, 0, "Run only what the file and its journal do not hold yet", 0},
    {"force", OPTION_FORCE, NULL, 0,
     "Start afresh, replacing existing results; they stay as R.h5.replaced until the new ones are complete",
     0},
    {"only", OPTION_ONLY, "EXPERIMENT", 0, "Only the units of this experiment", 0},
    {"shard", OPTION_SHARD, "I/N", 0, "Only part I of N (I from 0): for job arrays", 0},
    {"time-limit", OPTION_TIME_LIMIT, "S", 0, "Start nothing new after S seconds; exit 3", 0},
    {"team-size", OPTION_TEAM_SIZE, "T", 0, "Ranks that share one counted unit (default 1)", 0},
    HELP_OPTION,
    {0}};

static bool parse_shard(const char *text, int *shard, int *shards) {
    char first[16];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : sizeof first;
    if (length >= sizeof first) return false;
    memcpy(first, text, length);
    first[length] = '\0';
    return command_integer(slash + 1, 1, INT_MAX, shards) && command_integer(first, 0, *shards - 1, shard);
}

static error_t check_complete(const struct run_arguments *arguments, struct argp_state *state) {
    if (!arguments->campaign) return command_usage(state, "which campaign?");
    if (!arguments->options.output || !*arguments->options.output)
        return command_usage(state, "where to? -o R.h5 is required");
    if (arguments->options.resume && arguments->options.force)
        return command_usage(state, "--resume and --force exclude each other");
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    struct run_arguments *arguments = state->input;
    struct run_options *run = &arguments->options;
    switch (key) {
    case OPTION_HELP:
        return command_help(state);
    case 'o':
        run->output = argument;
        return 0;
    case OPTION_RESUME:
        run->resume = true;
        return 0;
    case OPTION_FORCE:
        run->force = true;
        return 0;
    case OPTION_ONLY:
        arguments->only = argument;
        return 0;
    case OPTION_SHARD:
        return parse_shard(argument, &arguments->shard, &arguments->shards)
                   ? 0
                   : command_usage(state, "--shard takes I/N with 0 <= I < N, not '%s'", argument);
    case OPTION_TIME_LIMIT:
        return command_seconds(argument, &run->time_limit)
                   ? 0
                   : command_usage(state, "--time-limit takes seconds, not '%s'", argument);
    case OPTION_TEAM_SIZE:
        return command_integer(argument, 1, 1 << 24, &run->team_size)
                   ? 0
                   : command_usage(state, "--team-size takes a whole number from 1, not '%s'", argument);
    case ARGP_KEY_ARG:
        if (arguments->campaign) return command_usage(state, "one campaign at a time");
        arguments->campaign = argument;
        return 0;
    case ARGP_KEY_END:
        return check_complete(arguments, state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Threads per rank: OMP_NUM_THREADS, else the cores of the fullest host divided by its ranks. Collective. */
static int choose_threads(struct team *world) {
    int ranks_here, place;
    team_on_host(world, &ranks_here, &place);
    double negative = -command_threads(ranks_here);
    team_maximum(world, 1, &negative);
    return (int)-negative;
}

/* Rank 0 reads the file, all ranks parse the same text. Collective, agreed. */
static enum status share_campaign(struct team *world, const char *path, const struct resources *resources,
                                  struct campaign **campaign, struct error *error) {
    char *text = NULL;
    size_t length = 0;
    bool first = team_rank(world) == 0;
    enum status status = first ? campaign_read_text(path, &text, &length, error) : STATUS_OK;
    status = team_agree(world, status, error);
    if (status != STATUS_OK) return status;
    void *data = text;
    status = team_share(world, &length, &data);
    FILE *messages = first ? stderr : fopen("/dev/null", "w");
    if (status == STATUS_OK && !messages) status = STATUS_IO;
    if (status == STATUS_OK) status = campaign_parse(path, data, length, resources, messages, campaign);
    if (messages && !first) fclose(messages);
    if (status == STATUS_INVALID)
        error_set(error, status, "%s has mistakes", path);
    else if (status != STATUS_OK)
        error_set(error, status, "%s: %s", path, status_text(status));
    memory_free(data);
    return team_agree(world, status, error);
}

static int report_summary(const struct run_summary *summary, const char *output) {
    if (command_speaks()) {
        fprintf(stderr, "engram: %s: %zu units done, %zu failed, %zu were there, %zu pending\n", output,
                summary->done, summary->failed, summary->skipped, summary->pending);
        if (summary->stopped)
            fprintf(stderr, "engram: stopped early; --resume goes on\n");
        else if (summary->pending)
            fprintf(stderr, "engram: pending units ask for more ranks; --resume in a larger job runs them\n");
        if (summary->failed)
            fprintf(stderr, "engram: `engram report %s` gives the reasons of the failed units\n", output);
    }
    if (summary->failed) return EXIT_FAILED;
    return summary->stopped || summary->pending ? EXIT_RESUMABLE : EXIT_DONE;
}

/* Between parallel_start and parallel_stop. Collective. */
static int run_on(struct team *world, struct run_arguments *arguments) {
    struct error error = {STATUS_OK, ""};
    struct campaign *campaign = NULL;
    struct run_summary summary;
    struct resources resources = {team_size(world), choose_threads(world)};
    arguments->options.threads = resources.threads;
    if (team_rank(world) == 0 && host()->cores < host()->cores_machine)
        fprintf(stderr, "engram: confined to %d of %d cores; start mpirun with --bind-to none\n",
                host()->cores, host()->cores_machine);

    enum status status = share_campaign(world, arguments->campaign, &resources, &campaign, &error);
    if (status == STATUS_OK && arguments->only) {
        status = campaign_only(campaign, arguments->only, &error);
    }
    if (status == STATUS_OK) {
        if (arguments->shards > 1) campaign_shard(campaign, arguments->shard, arguments->shards);
        status = run_campaign(world, campaign, &arguments->options, &summary, &error);
    }
    campaign_destroy(&campaign);
    if (status == STATUS_OK) return report_summary(&summary, arguments->options.output);
    int code = team_rank(world) == 0 ? command_fail(status, &error) : 0;
    team_broadcast(world, sizeof code, &code);
    return code;
}

static int run_in_parallel(struct run_arguments *arguments) {
    struct team *world;
    enum status status = parallel_start(&world);
    if (status != STATUS_OK) {
        struct error error = {status, "MPI does not start"};
        return command_fail(status, &error);
    }
    int code = run_on(world, arguments);
    parallel_stop();
    return code;
}

/* The words as they were typed, for the provenance: argp reorders argv. NULL: out of memory. */
static const char **copy_command_line(int argc, char **argv) {
    const char **words = memory_allocate((size_t)argc + 2, sizeof *words);
    if (!words) return NULL;
    words[0] = "engram";
    words[1] = command_run.name;
    for (int i = 1; i < argc; i++)
        words[i + 1] = argv[i];
    return words;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        options,
        parse,
        "CAMPAIGN.yaml",
        "Runs a campaign's units on all ranks and writes one HDF5 file."
        "\vUnder mpirun, start with --bind-to none: ranks and threads are pinned per"
        " unit. SIGTERM or SIGUSR1 stops at the next safe point; sent to mpirun, SIGUSR1 keeps the exit status"
        " of 3, SIGTERM makes it mpirun's own. Where an entry has `refine`, rounds"
        " of units are added until its thresholds are as precise as asked or its budget is spent.",
        NULL,
        NULL,
        NULL};
    const char **command_line = copy_command_line(argc, argv);
    struct run_arguments arguments = {.options = {.command_line = command_line}};
    int code = EXIT_FAILED;
    bool parsed = command_line && command_parse(&argp, argc, argv, &arguments, &code);
    if (parsed) code = run_in_parallel(&arguments);
    memory_free(command_line);
    return code;
}

const struct command command_run = {"run", "CAMPAIGN.yaml -o R.h5", "run a campaign (also under mpirun)", run,
                                    true};
