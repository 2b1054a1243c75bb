#include "experiments/campaign/plan.h"

#include <math.h>
#include <string.h>

#include "experiments/campaign/parameter.h"
#include "experiments/campaign/plan_splits.h"
#include "parallel/host.h"

enum { TOO_LARGE_SHOWN = 5, METHODS_SHOWN = 8 };

/* Counted units do small integer work with branches between: Hopfield units of 500 to 4000 neurons run at
 * about 1/30 of the rate of a matrix product. */
static const double COUNTED_SLOWDOWN = 30;

/* What the units of one experiment come to. */
struct totals {
    size_t units, pending, too_large;
    int ranks;                    /* the most that a unit asks for */
    double flops, bytes, seconds; /* work, the largest memory of a rank, core seconds */
};

/* Rates of one core, from a machine record. */
struct rates {
    bool known;
    double product; /* FLOP/s of a matrix product */
};

/* "3.2 TFLOP": three digits with the prefix of a thousand. */
static void format_scaled(double value, const char *unit, char text[32]) {
    static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z"};
    size_t i = 0;
    while (value >= 999.5 && i + 1 < sizeof prefixes / sizeof *prefixes) {
        value /= 1000;
        i++;
    }
    snprintf(text, 32, "%.3g %s%s", value, prefixes[i], unit);
}

/* "1.5 GiB". */
static void format_bytes(double bytes, char text[32]) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t i = 0;
    while (bytes >= 1000 && i + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        i++;
    }
    snprintf(text, 32, "%.3g %s", bytes, units[i]);
}

/* "40 s", "1:05:00 h". */
static void format_duration(double seconds, char text[32]) {
    if (seconds < 60)
        snprintf(text, 32, "%.2g s", seconds);
    else if (seconds < 3600)
        snprintf(text, 32, "%.0f:%02.0f min", floor(seconds / 60), fmod(floor(seconds), 60));
    else
        snprintf(text, 32, "%.0f:%02.0f h", floor(seconds / 3600), floor(fmod(seconds, 3600) / 60));
}

/* The fastest matrix product of a core among the machine records. */
static struct rates read_rates(const struct results *machine) {
    struct rates rates = {false, 0};
    const struct table *table = machine ? results_table(machine, "machine") : NULL;
    for (size_t i = 0; table && i < table->count; i++) {
        const struct record *record = table->records[i];
        double cores = (double)record_integer(record, "ranks") * (double)record_integer(record, "threads");
        double rate = record_real(record, "blas_f32") / cores;
        if (!(rate > rates.product)) continue;
        rates = (struct rates){true, rate};
    }
    return rates;
}

/* Seconds of one unit on the ranks it takes; counted units fill all of them, or take ranks with all threads.
 */
static double unit_seconds(const struct unit *unit, const struct rates *rates,
                           const struct resources *resources) {
    double cores = unit->ranks > 0 ? unit->ranks : 1;
    if (schema_find(&unit->experiment->schema, "threads") >= 0)
        cores *= (double)record_integer(unit->values, "threads");
    double pass = unit->estimate.flops / (rates->product * cores);
    double slowdown = unit->estimate.pace > 0 ? 1 / unit->estimate.pace : COUNTED_SLOWDOWN;
    if (unit->experiment->kind == EXPERIMENT_COUNTED)
        return slowdown * pass / (unit->ranks > 0 ? resources->threads : resources->ranks);
    /* A warm-up and at least three samples, more while the cap is not reached. */
    return fmax(4 * pass, unit->estimate.seconds);
}

static void add_unit(struct totals *totals, const struct unit *unit, const struct plan_options *options,
                     size_t memory, const struct rates *rates) {
    totals->units++;
    totals->flops += unit->estimate.flops;
    totals->bytes = fmax(totals->bytes, unit->estimate.bytes_per_rank);
    if (unit->ranks > totals->ranks) totals->ranks = unit->ranks;
    if (unit->ranks > options->resources.ranks)
        totals->pending++;
    else if (rates->known)
        totals->seconds += unit_seconds(unit, rates, &options->resources);
    if (unit->estimate.bytes_per_rank > (double)memory) totals->too_large++;
}

static const char *plural(int count) {
    return count == 1 ? "" : "s";
}

static void print_row(FILE *out, const char *name, const char *kind, const struct totals *totals,
                      const struct rates *rates) {
    char work[32], memory[32], time[32] = "-";
    format_scaled(totals->flops, "FLOP", work);
    format_bytes(totals->bytes, memory);
    if (rates->known) format_duration(totals->seconds, time);
    fprintf(out, "%-18s %-8s %9zu  %11s  %11s  %11s  %8zu  %9zu\n", name, kind, totals->units, work, memory,
            time, totals->pending, totals->too_large);
}

/* The totals of one experiment in the campaign. */
static struct totals sum_experiment(const struct campaign *campaign, const struct experiment *experiment,
                                    const struct plan_options *options, size_t memory,
                                    const struct rates *rates) {
    struct totals totals = {0};
    for (size_t i = 0; i < campaign->unit_count; i++)
        if (campaign->units[i].experiment == experiment)
            add_unit(&totals, &campaign->units[i], options, memory, rates);
    return totals;
}

static void add_totals(struct totals *sum, const struct totals *part) {
    sum->units += part->units;
    sum->pending += part->pending;
    sum->too_large += part->too_large;
    if (part->ranks > sum->ranks) sum->ranks = part->ranks;
    sum->flops += part->flops;
    sum->seconds += part->seconds;
    sum->bytes = fmax(sum->bytes, part->bytes);
}

/* Names the units that do not fit, repeats of a point once. */
static void print_too_large(FILE *out, const struct campaign *campaign, size_t memory) {
    size_t shown = 0;
    for (size_t i = 0; i < campaign->unit_count && shown < TOO_LARGE_SHOWN; i++) {
        const struct unit *unit = &campaign->units[i];
        char bytes[32], point[200];
        bool first = record_integer(unit->values, "repeat") == 0;
        if (!first || unit->estimate.bytes_per_rank <= (double)memory) continue;
        format_bytes(unit->estimate.bytes_per_rank, bytes);
        parameters_describe(unit->values, point, sizeof point);
        fprintf(out, "  %s per rank: %s with %s\n", bytes, unit->experiment->schema.name, point);
        shown++;
    }
}

/* What refining may add: a line for each entry that asks for it. Work is that of a unit of the first round.
 */
static void print_refined(FILE *out, const struct campaign *campaign) {
    const struct curves *curves = &campaign->curves;
    for (size_t first = 0, next; first < curves->count; first = next) {
        const struct curve *curve = &curves->curves[first];
        const struct refinement *asked = &curve->refinement;
        char work[32];
        double flops = 0;
        for (next = first; next < curves->count && curves->curves[next].entry == curve->entry;)
            next++;
        for (size_t m = 0; m < curves->member_count; m++)
            if (curves->members[m].curve >= first && curves->members[m].curve < next)
                flops += campaign->units[curves->members[m].unit].estimate.flops;
        size_t thresholds = next - first, units = thresholds * asked->first_round;
        format_scaled(flops * (double)asked->budget / (double)asked->first_round, "FLOP", work);
        fprintf(out,
                "refine: %s, %s where %s / %s is %.12g, to +-%.12g: %zu threshold%s, %zu units in the first "
                "round, at most %zu (about %s) in all\n",
                curve->experiment->schema.name, asked->vary->name, asked->of->name, asked->out_of->name,
                asked->at, asked->precision, thresholds, plural((int)thresholds), units,
                thresholds * asked->budget, work);
    }
}

/* Units of one experiment that are computed in the same way. */
struct method {
    const char *text;
    size_t units;
};

static void count_method(struct method methods[METHODS_SHOWN], const char *text) {
    for (size_t m = 0; m < METHODS_SHOWN; m++) {
        if (methods[m].text && strcmp(methods[m].text, text) != 0) continue;
        methods[m].text = text;
        methods[m].units++;
        return;
    }
}

/* How units will be computed, where an experiment chooses by their sizes. */
static void print_methods(FILE *out, const struct campaign *campaign, const struct experiment *experiment) {
    struct method methods[METHODS_SHOWN] = {{NULL, 0}};
    for (size_t i = 0; i < campaign->unit_count && experiment->method; i++) {
        const struct unit *unit = &campaign->units[i];
        struct point point = {.values = unit->values};
        if (unit->experiment == experiment) count_method(methods, experiment->method(&point));
    }
    for (size_t m = 0; m < METHODS_SHOWN && methods[m].text; m++)
        fprintf(out, "%s%s: %zu unit%s", m ? ", " : "computed with ", methods[m].text, methods[m].units,
                plural((int)methods[m].units));
    if (methods[0].text) fprintf(out, " of %s\n", experiment->schema.name);
}

/* What the columns of the table could not say. */
static void print_notes(FILE *out, const struct campaign *campaign, const struct totals *sum, size_t memory,
                        const struct rates *rates, const struct plan_options *options) {
    char text[32];
    format_bytes((double)memory, text);
    if (sum->too_large) {
        fprintf(out,
                "%zu units need more than a rank's %s: run does them one by one where a host holds them, "
                "and refuses them elsewhere:\n",
                sum->too_large, text);
        print_too_large(out, campaign, memory);
    }
    if (sum->pending)
        fprintf(
            out,
            "%zu units ask for more ranks than %d, up to %d: they stay pending (exit 3), for --resume in a "
            "larger job.\n",
            sum->pending, options->resources.ranks, sum->ranks);
    if (rates->known) {
        format_scaled(rates->product, "FLOP/s", text);
        fprintf(out, "Times: from %s of a core in matrix products, as the machine record measured it.\n",
                text);
    } else {
        fputs("Times need a measured rate: --machine R.h5 with a record of the experiment `machine`.\n", out);
    }
}

void plan_print(const struct campaign *campaign, const struct plan_options *options, FILE *out) {
    const struct resources *resources = &options->resources;
    size_t memory = options->memory_per_rank;
    if (!memory) memory = host()->memory / 10 * 9 / (size_t)resources->ranks;
    struct rates rates = read_rates(options->machine);
    struct totals sum = {0};
    char text[32];
    format_bytes((double)memory, text);
    fprintf(out, "%s: %zu units on %d rank%s of %d thread%s, %s per rank, seed %lld\n\n", campaign->name,
            campaign->unit_count, resources->ranks, plural(resources->ranks), resources->threads,
            plural(resources->threads), text, (long long)campaign->seed);
    fprintf(out, "%-18s %-8s %9s  %11s  %11s  %11s  %8s  %9s\n", "experiment", "kind", "units", "work",
            "memory/rank", "time", "pending", "too large");
    for (const struct experiment *const *e = experiments(); *e; e++) {
        struct totals totals = sum_experiment(campaign, *e, options, memory, &rates);
        if (totals.units == 0) continue;
        print_row(out, (*e)->schema.name, (*e)->kind == EXPERIMENT_TIMED ? "timed" : "counted", &totals,
                  &rates);
        add_totals(&sum, &totals);
    }
    print_row(out, "total", "", &sum, &rates);
    fputc('\n', out);
    for (const struct experiment *const *e = experiments(); *e; e++)
        print_methods(out, campaign, *e);
    print_refined(out, campaign);
    plan_splits_print(campaign, options->machine, out);
    print_notes(out, campaign, &sum, memory, &rates, options);
}
