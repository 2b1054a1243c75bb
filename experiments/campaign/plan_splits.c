#include "experiments/campaign/plan_splits.h"

#include <math.h>
#include <string.h>

#include "parallel/schedule.h"

enum { FIELDS_MAX = 32, WAYS_MAX = 8 };

/* Rates of a core and of the link, the best of all machine records. False when one of them is missing. */
static bool read_rates(const struct results *machine, struct schedule_rates *rates) {
    const struct table *table = machine ? results_table(machine, "machine") : NULL;
    *rates = (struct schedule_rates){.latency = INFINITY};
    for (size_t i = 0; table && i < table->count; i++) {
        const struct record *record = table->records[i];
        double cores = record_real(record, "ranks") * record_real(record, "threads");
        rates->flops = fmax(rates->flops, record_real(record, "blas_f32") / cores);
        rates->latency = fmin(rates->latency, record_real(record, "link_latency"));
        rates->bandwidth = fmax(rates->bandwidth, record_real(record, "link_bandwidth"));
    }
    return rates->flops > 0 && rates->bandwidth > 0 && isfinite(rates->latency);
}

static bool is_listed(const char *name, const char *const *list) {
    while (*list && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

/* The parameters that make the problem: all but those that say how it is split. */
static void list_problem(const struct experiment *experiment, const char *fields[FIELDS_MAX]) {
    size_t count = 0;
    const struct field *field = experiment->schema.parameters;
    for (; field->name && count + 1 < FIELDS_MAX; field++)
        if (!is_listed(field->name, experiment->split_parameters)) fields[count++] = field->name;
    fields[count] = NULL;
}

static double predict(const struct unit *unit, const struct schedule_rates *of_core) {
    const struct point point = {.values = unit->values, .data_key = unit->data_key};
    struct schedule_rates rates = *of_core;
    rates.flops *= (double)point_integer(&point, "threads");
    return unit->experiment->predict(&point, &rates);
}

/* The units of one experiment on one number of ranks, and how many problems each way is fastest for. */
struct tally {
    const struct campaign *campaign;
    const struct experiment *experiment;
    const struct schedule_rates *rates;
    int ranks;
    const char *problem[FIELDS_MAX];
    size_t problems;
    struct {
        const char *name;
        size_t problems;
    } ways[WAYS_MAX];
};

static bool takes_part(const struct tally *tally, const struct unit *unit) {
    return unit->experiment == tally->experiment && unit->ranks == tally->ranks &&
           record_integer(unit->values, "repeat") == 0;
}

static bool is_same_problem(const struct tally *tally, const struct unit *a, const struct unit *b) {
    return takes_part(tally, b) && records_agree(a->values, b->values, tally->problem);
}

static void count_winner(struct tally *tally, const char *name) {
    tally->problems++;
    for (size_t way = 0; way < WAYS_MAX; way++) {
        if (tally->ways[way].name && strcmp(tally->ways[way].name, name) != 0) continue;
        tally->ways[way].name = name;
        tally->ways[way].problems++;
        return;
    }
}

/* The problem of the unit at `first`, if no unit before has it: of equals the first split wins. */
static void add_problem(struct tally *tally, size_t first) {
    const struct campaign *campaign = tally->campaign;
    const struct unit *unit = &campaign->units[first];
    double least = INFINITY;
    const char *winner = NULL;
    size_t splits = 0;
    for (size_t i = 0; i < campaign->unit_count; i++) {
        if (!is_same_problem(tally, unit, &campaign->units[i])) continue;
        if (i < first) return;
        double seconds = predict(&campaign->units[i], tally->rates);
        splits += isfinite(seconds);
        if (!(seconds < least)) continue;
        least = seconds;
        winner = record_string(campaign->units[i].values, tally->experiment->split_parameters[0]);
    }
    if (splits > 1) count_winner(tally, winner);
}

static void print_tally(const struct tally *tally, FILE *out) {
    if (tally->problems == 0) return;
    fprintf(out, "predicted fastest, %s on %d ranks:", tally->experiment->schema.name, tally->ranks);
    for (size_t way = 0; way < WAYS_MAX && tally->ways[way].name; way++)
        fprintf(out, "%s %s in %zu", way ? "," : "", tally->ways[way].name, tally->ways[way].problems);
    fprintf(out, " of %zu problem%s\n", tally->problems, tally->problems == 1 ? "" : "s");
}

static void print_ranks(const struct campaign *campaign, const struct experiment *experiment, int ranks,
                        const struct schedule_rates *rates, FILE *out) {
    struct tally tally = {.campaign = campaign, .experiment = experiment, .rates = rates, .ranks = ranks};
    list_problem(experiment, tally.problem);
    for (size_t i = 0; i < campaign->unit_count; i++)
        if (takes_part(&tally, &campaign->units[i])) add_problem(&tally, i);
    print_tally(&tally, out);
}

/* The next larger number of ranks that a unit of the experiment asks for; 0: none. */
static int next_ranks(const struct campaign *campaign, const struct experiment *experiment, int ranks) {
    int next = 0;
    for (size_t i = 0; i < campaign->unit_count; i++) {
        const struct unit *unit = &campaign->units[i];
        if (unit->experiment == experiment && unit->ranks > ranks && (next == 0 || unit->ranks < next))
            next = unit->ranks;
    }
    return next;
}

void plan_splits_print(const struct campaign *campaign, const struct results *machine, FILE *out) {
    struct schedule_rates rates;
    if (!read_rates(machine, &rates)) return;
    for (const struct experiment *const *e = experiments(); *e; e++) {
        if (!(*e)->predict) continue;
        for (int ranks = next_ranks(campaign, *e, 1); ranks > 0; ranks = next_ranks(campaign, *e, ranks))
            print_ranks(campaign, *e, ranks, &rates, out);
    }
}
