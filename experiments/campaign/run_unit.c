#include "experiments/campaign/run.h"

#include "core/base/memory.h"
#include "parallel/host.h"
#include "parallel/signals.h"

size_t run_memory_share(int sharing) {
    return host()->memory / 10 * 9 / (size_t)(sharing > 0 ? sharing : 1);
}

double unit_expected_seconds(const struct unit *unit) {
    double operations_per_second = 2e9; /* of one core, to a factor of ten */
    if (unit->estimate.pace > 0) operations_per_second = 1e11 * unit->estimate.pace;
    return unit->estimate.seconds > 0 ? unit->estimate.seconds : unit->estimate.flops / operations_per_second;
}

bool run_should_stop(const struct run *run) {
    double limit = run->options->time_limit;
    return signals_stop_requested() || (limit > 0 && parallel_seconds() - run->started >= limit);
}

/* A record of the unit that says why there are no columns. */
static enum status failed_record(const struct unit *unit, const struct error *why, struct record **record) {
    CHECK(record_copy(unit->values, record));
    enum status status = record_set_string(*record, "status", "failed");
    if (status == STATUS_OK) status = record_set_string(*record, "reason", why->text);
    if (status != STATUS_OK) record_destroy(record);
    return status;
}

/* Runs the experiment; every member returns the same status and reason. */
static enum status run_experiment(const struct unit *unit, struct team *team, struct record *record,
                                  struct error *why) {
    struct point point = unit_point(unit);
    enum status status = unit->experiment->run(&point, team, record, why);
    if (status != STATUS_OK && why->text[0] == '\0') error_set(why, status, "%s", status_text(status));
    if (status == STATUS_OK && team_rank(team) == 0) {
        status = record_set_string(record, "status", "done");
        if (status == STATUS_OK) status = record_complete(record, why);
    }
    return team_agree(team, status, why);
}

enum status run_unit(struct run *run, const struct unit *unit, struct team *team, struct error *error) {
    struct error why = {STATUS_OK, ""};
    struct record *record = NULL;
    memory_reset_high_water();
    enum status status = record_copy(unit->values, &record);
    if (status != STATUS_OK) error_set(&why, status, "no memory for the record");
    status = team_agree(team, status, &why);
    if (status == STATUS_OK) status = run_experiment(unit, team, record, &why);

    enum status stored = STATUS_OK;
    if (team_rank(team) == 0) {
        if (status != STATUS_OK) {
            record_destroy(&record);
            stored = failed_record(unit, &why, &record);
        }
        if (stored == STATUS_OK) stored = journal_append(run->journal, record, error);
        if (stored == STATUS_OK && status == STATUS_OK) {
            run->done++;
            tallies_note(&run->tallies, (size_t)(unit - run->campaign->units), record);
        }
        if (stored == STATUS_OK && status != STATUS_OK) run->failed++;
    }
    record_destroy(&record);
    return stored;
}
