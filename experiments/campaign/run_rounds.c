#include "experiments/campaign/run.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "experiments/campaign/extend.h"

/* --- what the curves' units came to ----------------------------------------------------------------- */

/* The observations of all curves, one curve after the other. */
struct sightings {
    struct observation *observations, *scratch; /* [members] */
    size_t *starts;                             /* [curves + 1] */
};

static void sightings_clear(struct sightings *sightings) {
    memory_free(sightings->observations);
    memory_free(sightings->scratch);
    memory_free(sightings->starts);
}

static enum status sightings_allocate(const struct curves *curves, struct sightings *sightings) {
    *sightings = (struct sightings){memory_allocate(curves->member_count, sizeof *sightings->observations),
                                    memory_allocate(curves->member_count, sizeof *sightings->scratch),
                                    memory_allocate(curves->count + 1, sizeof *sightings->starts)};
    return sightings->observations && sightings->scratch && sightings->starts ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Neighbours share their random inputs; the order does not depend on who ran what when. */
static int compare_observations(const void *a, const void *b) {
    const struct observation *left = a, *right = b;
    if (left->cluster != right->cluster) return left->cluster < right->cluster ? -1 : 1;
    return left->place < right->place ? -1 : left->place > right->place;
}

/* Collects what finished units say, and which curves wait for others. */
static void collect(const struct run *run, struct curve_state *states, struct sightings *sightings) {
    const struct curves *curves = &run->campaign->curves;
    size_t *next = sightings->starts;
    for (size_t c = 0; c < curves->count; c++)
        next[c + 1] = next[c] + (curves->curves[c].elsewhere ? 0 : curves->curves[c].units);
    for (size_t m = 0; m < curves->member_count; m++) {
        struct member member = curves->members[m];
        const struct curve *curve = &curves->curves[member.curve];
        if (curve->elsewhere) continue;
        if (!tallies_done(&run->tallies, member.unit)) states[member.curve].waits = true;
        sightings->observations[next[member.curve]++] =
            tallies_observe(&run->tallies, curve, run->campaign->units, member.unit);
    }
    for (size_t c = curves->count; c-- > 0;)
        next[c + 1] = next[c];
    next[0] = 0;
    for (size_t c = 0; c < curves->count; c++)
        qsort(sightings->observations + next[c], next[c + 1] - next[c], sizeof *sightings->observations,
              compare_observations);
}

/* --- where they go on --------------------------------------------------------------------------------- */

static struct refine_aim aim_of(const struct refinement *refinement) {
    const struct field *vary = refinement->vary;
    return (struct refine_aim){
        .level = refinement->at,
        .precision = refinement->precision,
        .minimum = vary->minimum,
        .maximum = vary->maximum,
        .step = refinement->step,
        .grain = refine_grain(refinement->precision, vary->type == FIELD_INTEGER),
        .repeats = (size_t)refinement->repeats,
        .budget = refinement->budget,
    };
}

static bool goes_on(const struct curve *curve, const struct curve_state *state) {
    return !curve->elsewhere && !curve->refusal[0] && !state->waits && state->step.state == REFINE_GOING;
}

/* Decides for every curve; returns the number of additions. */
static size_t decide(const struct run *run, struct curve_state *states, const struct sightings *sightings,
                     struct addition *additions) {
    const struct curves *curves = &run->campaign->curves;
    size_t count = 0;
    for (size_t c = 0; c < curves->count; c++) {
        struct refine_step *step = &states[c].step;
        size_t start = sightings->starts[c], seen = sightings->starts[c + 1] - start;
        if (!goes_on(&curves->curves[c], &states[c])) continue;
        struct refine_aim aim = aim_of(&curves->curves[c].refinement);
        *step = refine_decide(&aim, seen, sightings->observations + start, sightings->scratch);
        if (step->state != REFINE_GOING) continue;
        struct addition addition = {.curve = c, .place_count = step->place_count, .repeats = step->repeats};
        for (size_t p = 0; p < step->place_count; p++)
            addition.places[p] = step->places[p];
        additions[count++] = addition;
    }
    return count;
}

/* Rank 0's part of the end of a round. */
static enum status choose(const struct run *run, struct rounds *rounds, size_t *count,
                          struct addition *additions) {
    struct sightings sightings;
    enum status status = sightings_allocate(&run->campaign->curves, &sightings);
    if (status == STATUS_OK) {
        collect(run, rounds->states, &sightings);
        *count = decide(run, rounds->states, &sightings, additions);
    }
    sightings_clear(&sightings);
    return status;
}

/* --- together ----------------------------------------------------------------------------------------- */

enum status rounds_create(const struct run *run, struct rounds *rounds, struct error *error) {
    *rounds = (struct rounds){
        .states = memory_allocate(run->campaign->curves.count, sizeof *rounds->states),
        .resources = {team_size(run->world), run->threads},
    };
    enum status status = rounds->states ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t c = 0; rounds->states && c < run->campaign->curves.count; c++)
        rounds->states[c].step.half_width = INFINITY;
    if (status != STATUS_OK) error_set(error, status, "no memory for what is refined");
    return team_agree(run->world, status, error);
}

void rounds_clear(struct rounds *rounds) {
    memory_free(rounds->states);
    rounds->states = NULL;
}

/* Every rank noted the units it ran: adds them up. */
static void share_tallies(struct run *run) {
    size_t count;
    double *counts = tallies_from(&run->tallies, run->first, run->campaign->unit_count - run->first, &count);
    team_sum(run->world, count, counts);
}

/* The additions of rank 0 on all ranks, [curves]; the status is agreed. */
static enum status agree_additions(struct run *run, struct rounds *rounds, size_t *count,
                                   struct addition **additions, struct error *error) {
    *count = 0;
    *additions = memory_allocate(run->campaign->curves.count, sizeof **additions);
    enum status status = *additions ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK && team_rank(run->world) == 0) status = choose(run, rounds, count, *additions);
    if (status != STATUS_OK) error_set(error, status, "no memory to choose the next round");
    CHECK(team_agree(run->world, status, error));
    team_broadcast(run->world, sizeof *count, count);
    team_broadcast(run->world, *count * sizeof **additions, *additions);
    return STATUS_OK;
}

enum status rounds_next(struct run *run, struct rounds *rounds, bool *more, struct error *error) {
    struct addition *additions = NULL;
    size_t count = 0, units = run->campaign->unit_count;
    *more = false;
    if (run->campaign->curves.count == 0) return STATUS_OK;
    share_tallies(run);
    enum status status = agree_additions(run, rounds, &count, &additions, error);
    if (status == STATUS_OK && count > 0) {
        if (team_rank(run->world) == 0) rounds_show(run, rounds);
        status = campaign_extend(run->campaign, &rounds->resources, count, additions);
        if (status != STATUS_OK) error_set(error, status, "no memory for the next round");
        status = team_agree(run->world, status, error);
        run->first = units;
        *more = true;
    }
    memory_free(additions);
    return status;
}
