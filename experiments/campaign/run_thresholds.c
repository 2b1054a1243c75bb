/* What people see of refining. */
#include "experiments/campaign/run.h"

#include <math.h>
#include <stdio.h>

enum { CURVES_SHOWN = 24 /* in a round; the end shows all */ };

/* "0.1702 +- 0.0011": two digits of the half-width, and as many places of the threshold. */
static void format_interval(const struct refine_step *step, char text[80]) {
    if (!isfinite(step->half_width)) {
        snprintf(text, 80, "not yet known");
        return;
    }
    double digits = step->half_width > 0 ? 1 - floor(log10(step->half_width)) : 6;
    int places = (int)fmax(0, fmin(12, digits));
    snprintf(text, 80, "%.*f +- %.*f", places, step->threshold, places, step->half_width);
}

static void show_step(const struct curves *curves, const struct curve *curve,
                      const struct refine_step *step) {
    char name[200], interval[80];
    curve_describe(curves, curve, name, sizeof name);
    format_interval(step, interval);
    fprintf(stderr, "engram:   %s: %s %s; %zu more units at", name, curve->refinement.vary->name, interval,
            step->place_count * step->repeats);
    for (size_t p = 0; p < step->place_count; p++)
        fprintf(stderr, " %.12g", step->places[p]);
    fputc('\n', stderr);
}

void rounds_show(const struct run *run, const struct rounds *rounds) {
    const struct curves *curves = &run->campaign->curves;
    size_t going = 0;
    progress_clear(&run->progress);
    fprintf(stderr, "engram: after round %zu:\n", run->progress.round);
    for (size_t c = 0; c < curves->count; c++) {
        const struct refine_step *step = &rounds->states[c].step;
        if (step->place_count > 0 && going++ < CURVES_SHOWN) show_step(curves, &curves->curves[c], step);
    }
    if (going > CURVES_SHOWN) fprintf(stderr, "engram:   and %zu more thresholds\n", going - CURVES_SHOWN);
}

/* How a curve ended, in words. */
static void describe_end(const struct curve *curve, const struct curve_state *state, char *text,
                         size_t size) {
    const struct refinement *asked = &curve->refinement;
    if (curve->refusal[0])
        snprintf(text, size, "goes no further: %s", curve->refusal);
    else if (state->waits)
        snprintf(text, size, "waits for units that are not done; --resume goes on");
    else if (state->step.state == REFINE_REACHED)
        snprintf(text, size, "as precise as asked (%.12g)", asked->precision);
    else if (state->step.state == REFINE_SPENT)
        snprintf(text, size, "budget spent before a precision of %.12g", asked->precision);
    else if (state->step.state == REFINE_NO_CROSSING)
        snprintf(text, size, "no crossing of %.12g within %.12g ... %.12g", asked->at, asked->vary->minimum,
                 asked->vary->maximum);
    else if (state->step.state == REFINE_NO_SHARE)
        snprintf(text, size, "%s is not a part of %s", asked->of->name, asked->out_of->name);
    else
        snprintf(text, size, "stopped early; --resume goes on");
}

void rounds_report(const struct run *run, const struct rounds *rounds) {
    const struct curves *curves = &run->campaign->curves;
    for (size_t c = 0; c < curves->count; c++) {
        const struct curve *curve = &curves->curves[c];
        char name[200], interval[80], end[300];
        if (curve->elsewhere) continue;
        if (c == 0) progress_clear(&run->progress);
        curve_describe(curves, curve, name, sizeof name);
        format_interval(&rounds->states[c].step, interval);
        describe_end(curve, &rounds->states[c], end, sizeof end);
        fprintf(stderr, "engram: threshold of %s: %s %s, %zu units: %s\n", name, curve->refinement.vary->name,
                interval, curve->units, end);
    }
}
