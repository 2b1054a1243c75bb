#include "experiments/campaign/run.h"

#include "core/base/memory.h"
#include "parallel/host.h"

/* Ranks 0 .. size - 1 as a team, kept from unit to unit of one size. */
struct lone_team {
    struct team *team; /* NULL on the ranks outside */
    int size;
};

static enum status lone_team_of(struct run *run, struct lone_team *lone, int size) {
    if (lone->size == size) return STATUS_OK;
    team_destroy(&lone->team);
    lone->size = 0;
    CHECK(team_first(run->world, size, &lone->team));
    lone->size = size;
    return STATUS_OK;
}

/* Of each member. Counted units share out all that the ranks of this host have. */
static int unit_threads(const struct run *run, const struct unit *unit, int on_host) {
    if (schema_find(&unit->experiment->schema, "threads") >= 0)
        return (int)record_integer(unit->values, "threads");
    if (unit->experiment->kind != EXPERIMENT_COUNTED) return run->threads;
    int threads = run->threads * run->host_ranks / on_host;
    return threads > 0 ? threads : 1;
}

/* One unit on a team's members, pinned for it alone. */
static enum status run_on_members(struct run *run, const struct unit *unit, struct team *team,
                                  struct error *error) {
    int on_host, place, oversubscribed;
    team_on_host(team, &on_host, &place);
    /* Where the system refuses to pin, the unit runs all the same: on some ranks alone it must not fail. */
    host_bind(on_host, place, unit_threads(run, unit, on_host), &oversubscribed);
    memory_set_limit(run_memory_share(on_host));
    enum status status = run_unit(run, unit, team, error);
    memory_set_limit(0);
    host_unbind();
    /* Nothing may be written while the next unit is timed. */
    if (status == STATUS_OK) status = journal_sync(run->journal, error);
    return status;
}

/* Rank 0's word, or any rank's stop signal, ends the phase for all. */
static bool agree_to_stop(struct run *run) {
    double stop = run_should_stop(run) ? 1 : 0;
    team_maximum(run->world, 1, &stop);
    return stop > 0;
}

enum status run_lone_units(struct run *run, struct error *error) {
    struct lone_team lone = {NULL, 0};
    enum status status = STATUS_OK;
    for (size_t i = run->first; i < run->campaign->unit_count && status == STATUS_OK; i++) {
        if (run->turns[i] != TURN_ALONE) continue;
        const struct unit *unit = &run->campaign->units[i];
        if (agree_to_stop(run)) break;
        if (team_rank(run->world) == 0) progress_show(&run->progress, unit->experiment->schema.name);
        status = lone_team_of(run, &lone, unit->ranks > 0 ? unit->ranks : 1);
        if (status == STATUS_OK && lone.team) status = run_on_members(run, unit, lone.team, error);
        status = team_agree(run->world, status, error);
        run->progress.units_done++;
        run->progress.expected_done += unit_expected_seconds(unit);
    }
    team_destroy(&lone.team);
    return status;
}
