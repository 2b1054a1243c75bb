#include "experiments/campaign/run.h"

#include <string.h>

#include "core/base/memory.h"
#include "parallel/host.h"

/* `results` may be NULL. Units that failed are tried again. */
static bool is_finished(const struct results *results, const struct unit *unit) {
    const struct record *record =
        results ? results_find(results, unit->experiment->schema.name, unit->identity) : NULL;
    return record && strcmp(record_string(record, "status"), "done") == 0;
}

static enum turn turn_of(const struct run *run, const struct unit *unit) {
    if (unit->ranks > team_size(run->world)) return TURN_NEVER;
    bool fits_beside_others = unit->estimate.bytes_per_rank <= (double)run_memory_share(run->host_ranks);
    bool alone = unit->experiment->kind == EXPERIMENT_TIMED || unit->ranks > 0 || !fits_beside_others;
    return alone ? TURN_ALONE : TURN_SHARED;
}

/* Ranks of the unit's team that share this host's memory. */
static int unit_host_ranks(const struct run *run, const struct unit *unit) {
    int ranks = unit->ranks > 0 ? unit->ranks : 1;
    return ranks < run->host_ranks ? ranks : run->host_ranks;
}

static enum status check_memory(const struct run *run, struct error *error) {
    for (size_t i = 0; i < run->campaign->unit_count; i++) {
        if (run->turns[i] == TURN_NEVER) continue;
        const struct unit *unit = &run->campaign->units[i];
        int sharing = unit_host_ranks(run, unit);
        double available = (double)run_memory_share(sharing);
        if (unit->estimate.bytes_per_rank <= available) continue;
        return error_set(
            error, STATUS_INVALID,
            "unit %s of %s needs %.1f GiB on each of %d rank%s of host %s, and %.1f GiB may be used "
            "there; run it on more hosts, or leave it out (`engram plan` shows all such units)",
            unit->identity, unit->experiment->schema.name, unit->estimate.bytes_per_rank / 0x1p30, sharing,
            sharing == 1 ? "" : "s", host()->name, available / 0x1p30);
    }
    return STATUS_OK;
}

/* Rank 0 knows what is finished; the rest follows from the units alone, the same on every rank. */
static void decide_turns(struct run *run, const struct results *results, struct run_summary *summary) {
    for (size_t i = 0; i < run->campaign->unit_count; i++) {
        const struct unit *unit = &run->campaign->units[i];
        bool skip = is_finished(results, unit);
        run->turns[i] = skip ? TURN_NEVER : (unsigned char)turn_of(run, unit);
        if (skip) summary->skipped++;
        if (!skip && run->turns[i] == TURN_NEVER) summary->pending++;
    }
}

enum status run_take_stock(struct run *run, const struct results *finished, struct run_summary *summary,
                           struct error *error) {
    size_t count = run->campaign->unit_count;
    run->turns = memory_allocate(count, 1);
    enum status status = run->turns ? STATUS_OK : STATUS_NO_MEMORY;
    if (status != STATUS_OK) error_set(error, status, "no memory to list %zu units", count);
    CHECK(team_agree(run->world, status, error));
    if (team_rank(run->world) == 0) decide_turns(run, finished, summary);
    team_broadcast(run->world, count, run->turns);
    return team_agree(run->world, check_memory(run, error), error);
}
