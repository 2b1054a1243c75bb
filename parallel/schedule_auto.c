/* Choosing a schedule by predicted time, from measured rates, and saying why. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "parallel/schedule.h"

/* One schedule with one grid. */
struct candidate {
    const struct schedule *schedule; /* NULL: none */
    struct attention_split split;
    double seconds; /* predicted */
};

static struct candidate predict(const struct schedule *schedule, const struct attention_split *split,
                                const struct attention_mask *mask, const struct schedule_rates *rates) {
    struct candidate made = {.schedule = schedule, .split = *split};
    if (schedule->refuses(split)) return (struct candidate){.schedule = NULL};
    made.seconds = schedule->seconds(split, mask, rates);
    return made;
}

/* The schedule's best grid, the one with the fewest ways of equals; the split's own if it names one. */
static struct candidate best_grid(const struct schedule *schedule, const struct attention_split *split,
                                  const struct attention_mask *mask, const struct schedule_rates *rates) {
    if (!schedule->choose_ways || split->ways != 0) return predict(schedule, split, mask, rates);
    struct candidate best = {.schedule = NULL};
    struct attention_split tried = *split;
    for (tried.ways = 1; tried.ways <= split->ranks; tried.ways++) {
        if (split->ranks % tried.ways != 0) continue;
        struct candidate candidate = predict(schedule, &tried, mask, rates);
        if (candidate.schedule && (!best.schedule || candidate.seconds < best.seconds)) best = candidate;
    }
    return best;
}

/* Appends to a text that may be full. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...) {
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static void append_candidate(char *text, size_t size, const struct candidate *candidate) {
    append(text, size, "%s", candidate->schedule->name);
    if (candidate->schedule->choose_ways) append(text, size, " (%d ways)", candidate->split.ways);
    if (candidate->seconds < 1)
        append(text, size, " %.3g ms", 1e3 * candidate->seconds);
    else
        append(text, size, " %.4g s", candidate->seconds);
}

/* Where the predicted time goes that even work without messages would not take. */
static void append_losses(char *text, size_t size, const struct candidate *candidate,
                          const struct attention_mask *mask, const struct schedule_rates *rates) {
    const struct attention_split *split = &candidate->split;
    struct schedule_rates free_link = {.flops = rates->flops, .latency = 0, .bandwidth = INFINITY};
    double compute = candidate->schedule->seconds(split, mask, &free_link);
    double even = attention_flops(&split->shape, mask) / split->ranks / rates->flops;
    double waiting = candidate->seconds > 0 ? 100 * (1 - compute / candidate->seconds) : 0;
    append(text, size, "%.1f %% of it waiting", fmax(waiting, 0));
    if (compute > 1.005 * even)
        append(text, size, ", %.0f %% more work on a rank than an even share", 100 * (compute / even - 1));
}

static struct schedule_choice explain(const struct candidate *best, const struct candidate *next,
                                      const struct attention_mask *mask, const struct schedule_rates *rates) {
    struct schedule_choice choice = {
        .schedule = best->schedule, .ways = best->split.ways, .seconds = best->seconds};
    size_t size = sizeof choice.reason;
    append_candidate(choice.reason, size, best);
    append(choice.reason, size, " predicted, ");
    append_losses(choice.reason, size, best, mask, rates);
    if (!next->schedule) return choice;
    append(choice.reason, size, "; next ");
    append_candidate(choice.reason, size, next);
    append(choice.reason, size, ", ");
    append_losses(choice.reason, size, next, mask, rates);
    return choice;
}

struct schedule_choice schedule_auto(const struct attention_split *split, const struct attention_mask *mask,
                                     const struct schedule_rates *rates) {
    struct candidate best = {.schedule = NULL}, next = {.schedule = NULL};
    for (size_t i = 0; schedules()[i]; i++) {
        struct candidate candidate = best_grid(schedules()[i], split, mask, rates);
        if (!candidate.schedule) continue;
        /* One with the same time is likely the same by another name, as tiles with one column: not the next.
         */
        if (!best.schedule || candidate.seconds < best.seconds) {
            next = best;
            best = candidate;
        } else if (candidate.seconds > best.seconds && (!next.schedule || candidate.seconds < next.seconds)) {
            next = candidate;
        }
    }
    if (best.schedule) return explain(&best, &next, mask, rates);
    return (struct schedule_choice){.seconds = INFINITY, .reason = "every schedule refuses this split"};
}
