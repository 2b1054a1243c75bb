#include "experiments/campaign/run.h"

#include <string.h>

#include "core/base/memory.h"
#include "parallel/host.h"

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
    if (run->first > 0) return STATUS_OK;
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

static const struct record *find_finished(const struct results *results, const struct unit *unit) {
    return results ? results_find(results, unit->experiment->schema.name, unit->identity) : NULL;
}

/* Rank 0 knows what is finished; the rest follows from the units alone, the same on every rank. Units that
 * failed are tried again. */
static void decide_turns(struct run *run, const struct results *results, struct run_summary *summary) {
    for (size_t i = run->first; i < run->campaign->unit_count; i++) {
        const struct unit *unit = &run->campaign->units[i];
        const struct record *record = find_finished(results, unit);
        bool skip = record && strcmp(record_string(record, "status"), "done") == 0;
        run->turns[i] = skip ? TURN_NEVER : (unsigned char)turn_of(run, unit);
        if (skip) tallies_note(&run->tallies, i, record);
        if (skip) summary->skipped++;
        if (!skip && run->turns[i] == TURN_NEVER) summary->pending++;
    }
}

/* Room for the turns and tallies of the round's units beside those of earlier rounds. */
static enum status make_room(struct run *run, struct error *error) {
    size_t count = run->campaign->unit_count;
    unsigned char *turns = memory_allocate(count, 1);
    enum status status = turns ? tallies_grow(&run->tallies, count) : STATUS_NO_MEMORY;
    if (status != STATUS_OK) {
        memory_free(turns);
        return error_set(error, status, "no memory to list %zu units", count);
    }
    if (run->first > 0) memcpy(turns, run->turns, run->first);
    memory_free(run->turns);
    run->turns = turns;
    return STATUS_OK;
}

enum status run_take_stock(struct run *run, const struct results *finished, struct run_summary *summary,
                           struct error *error) {
    CHECK(team_agree(run->world, make_room(run, error), error));
    if (team_rank(run->world) == 0) decide_turns(run, finished, summary);
    team_broadcast(run->world, run->campaign->unit_count - run->first, run->turns + run->first);
    return team_agree(run->world, check_memory(run, error), error);
}
