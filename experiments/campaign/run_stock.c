#include "experiments/campaign/run.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "parallel/host.h"

/* Identities of finished units, sorted, to search in. */
struct identities {
    size_t count;
    const char **sorted;
};

static int compare_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum status collect_finished(const struct results *results, struct identities *finished) {
    size_t count = 0;
    for (size_t t = 0; results && t < results->table_count; t++)
        count += results->tables[t].count;
    finished->count = 0;
    finished->sorted = memory_allocate(count, sizeof *finished->sorted);
    if (!finished->sorted) return STATUS_NO_MEMORY;
    for (size_t t = 0; results && t < results->table_count; t++) {
        const struct table *table = &results->tables[t];
        for (size_t r = 0; r < table->count; r++)
            if (strcmp(record_string(table->records[r], "status"), "done") == 0)
                finished->sorted[finished->count++] = record_string(table->records[r], "identity");
    }
    qsort(finished->sorted, finished->count, sizeof *finished->sorted, compare_text);
    return STATUS_OK;
}

static bool is_finished(const struct identities *finished, const char *identity) {
    return bsearch(&identity, finished->sorted, finished->count, sizeof *finished->sorted, compare_text);
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
static enum status decide_turns(struct run *run, const struct results *results, struct run_summary *summary) {
    struct identities finished;
    CHECK(collect_finished(results, &finished));
    for (size_t i = 0; i < run->campaign->unit_count; i++) {
        const struct unit *unit = &run->campaign->units[i];
        bool skip = is_finished(&finished, unit->identity);
        run->turns[i] = skip ? TURN_NEVER : (unsigned char)turn_of(run, unit);
        if (skip) summary->skipped++;
        if (!skip && run->turns[i] == TURN_NEVER) summary->pending++;
    }
    memory_free(finished.sorted);
    return STATUS_OK;
}

enum status run_take_stock(struct run *run, const struct results *finished, struct run_summary *summary,
                           struct error *error) {
    size_t count = run->campaign->unit_count;
    run->turns = memory_allocate(count, 1);
    enum status status = run->turns ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK && team_rank(run->world) == 0) status = decide_turns(run, finished, summary);
    if (status != STATUS_OK) error_set(error, status, "no memory to list %zu units", count);
    CHECK(team_agree(run->world, status, error));
    team_broadcast(run->world, count, run->turns);
    return team_agree(run->world, check_memory(run, error), error);
}
