#include "experiments/campaign/runner.h"

#include "core/base/memory.h"
#include "experiments/campaign/output.h"
#include "experiments/campaign/run.h"
#include "parallel/signals.h"

/* What the round's units will take, for the progress line. */
static void expect_units(struct run *run) {
    size_t units = 0;
    double expected = 0;
    for (size_t i = run->first; i < run->campaign->unit_count; i++) {
        if (run->turns[i] == TURN_NEVER) continue;
        units++;
        double seconds = unit_expected_seconds(&run->campaign->units[i]);
        expected += run->turns[i] == TURN_SHARED ? seconds / team_size(run->world) : seconds;
    }
    progress_extend(&run->progress, units, expected);
}

/* Both phases of a round. Collective, agreed. */
static enum status run_round(struct run *run, struct error *error) {
    expect_units(run);
    enum status status = run_lone_units(run, error);
    if (status == STATUS_OK) status = run_shared_units(run, error);
    return team_agree(run->world, status, error);
}

/* The units of the file, then round by round those that refining adds. Collective, agreed. */
static enum status run_rounds(struct run *run, const struct results *finished, struct run_summary *summary,
                              struct error *error) {
    struct rounds rounds;
    bool more = true;
    enum status status = rounds_create(run, &rounds, error);
    progress_start(&run->progress);
    while (status == STATUS_OK && more) {
        status = run_round(run, error);
        if (status == STATUS_OK) status = rounds_next(run, &rounds, &more, error);
        if (status == STATUS_OK && more) status = run_take_stock(run, finished, summary, error);
    }
    if (status == STATUS_OK && team_rank(run->world) == 0) rounds_report(run, &rounds);
    rounds_clear(&rounds);
    return status;
}

/* All rounds with this rank's journal open. Collective, agreed. */
static enum status run_units(struct run *run, const struct results *finished, struct run_summary *summary,
                             struct error *error) {
    enum status status = journal_open(run->options->output, team_rank(run->world), &run->journal, error);
    status = team_agree(run->world, status, error);
    if (status == STATUS_OK) status = run_rounds(run, finished, summary, error);
    enum status closed = run->journal ? journal_close(&run->journal, error) : STATUS_OK;
    return team_agree(run->world, status != STATUS_OK ? status : closed, error);
}

/* Adds up what the ranks did. Collective. */
static void sum_up(struct run *run, struct run_summary *summary) {
    double counts[2] = {(double)run->done, (double)run->failed};
    team_sum(run->world, 2, counts);
    summary->done = (size_t)counts[0];
    summary->failed = (size_t)counts[1];
    size_t due = 0;
    for (size_t i = 0; i < run->campaign->unit_count; i++)
        due += run->turns[i] != TURN_NEVER;
    size_t left = due - summary->done - summary->failed;
    summary->stopped = left > 0;
    summary->pending += left;
    if (team_rank(run->world) == 0) {
        run->progress.units_done = summary->done + summary->failed;
        progress_end(&run->progress);
    }
}

/* From the open output to the finished file. Collective, agreed. */
static enum status work_through(struct run *run, struct output *output, json_t *provenance,
                                struct run_summary *summary, struct error *error) {
    bool first = team_rank(run->world) == 0;
    enum status listed = tallies_create(&run->campaign->curves, &run->tallies);
    if (listed != STATUS_OK) error_set(error, listed, "no memory to list what is refined");
    CHECK(team_agree(run->world, listed, error));
    CHECK(run_take_stock(run, output->finished, summary, error));
    enum status status = first ? output_begin(output, run->options->force, provenance, error) : STATUS_OK;
    CHECK(team_agree(run->world, status, error));
    status = run_units(run, output->finished, summary, error);
    sum_up(run, summary);
    /* What was journalled before a failure becomes part of the file when the run is resumed. */
    if (status == STATUS_OK && first) status = output_finish(run->campaign, output, summary, error);
    return team_agree(run->world, status, error);
}

enum status run_campaign(struct team *world, struct campaign *campaign, const struct run_options *options,
                         struct run_summary *summary, struct error *error) {
    struct run run = {.world = world,
                      .campaign = campaign,
                      .options = options,
                      .threads = options->threads,
                      .started = parallel_seconds()};
    struct output output = {0};
    json_t *provenance = NULL;
    *summary = (struct run_summary){0};
    team_on_host(world, &run.host_ranks, &run.host_place);
    signals_watch();

    enum status status = run_describe(&run, &provenance, error);
    if (status == STATUS_OK && team_rank(world) == 0)
        status = output_open(campaign, options, provenance, &output, error);
    status = team_agree(world, status, error);
    if (status == STATUS_OK) status = work_through(&run, &output, provenance, summary, error);
    output_close(&output);
    json_decref(provenance);
    memory_free(run.turns);
    tallies_clear(&run.tallies);
    team_broadcast(world, sizeof *summary, summary);
    return status;
}
