#include "experiments/campaign/refine.h"

#include <math.h>

#include "experiments/campaign/curve_fit.h"

/* No place is further than this from the middle of the fitted curve, in quantiles. */
static const double QUANTILE_MAX = 2;

/* A round aims a little beyond the precision, since its own outcome moves the estimate of the error. */
static const double AIM_BEYOND = 0.93;

/* Repeats of each place below which a round is not worth its end, where all ranks wait. */
enum { REPEATS_MIN = 4 };

/* What the units say without a fit. */
struct view {
    double low, high;                 /* places seen */
    double success_low, success_high; /* places with a success */
    double failure_low, failure_high;
    double trials; /* of a unit on average */
    bool shares;   /* successes are a part of the trials */
};

double refine_grain(double precision, bool whole) {
    double grain = pow(10, floor(log10(precision / 2 * (1 + 1e-12))));
    return whole ? fmax(1, grain) : grain;
}

static struct view look(size_t count, const struct observation *observations) {
    struct view view = {INFINITY, -INFINITY, INFINITY, -INFINITY, INFINITY, -INFINITY, 0, count > 0};
    for (size_t i = 0; i < count; i++) {
        const struct observation *o = &observations[i];
        view.shares = view.shares && o->successes >= 0 && o->trials > 0 && o->successes <= o->trials;
        view.trials += o->trials / (double)count;
        view.low = fmin(view.low, o->place);
        view.high = fmax(view.high, o->place);
        if (o->successes > 0) {
            view.success_low = fmin(view.success_low, o->place);
            view.success_high = fmax(view.success_high, o->place);
        }
        if (o->successes < o->trials) {
            view.failure_low = fmin(view.failure_low, o->place);
            view.failure_high = fmax(view.failure_high, o->place);
        }
    }
    return view;
}

/* --- choosing units ------------------------------------------------------------------------------- */

/* On the grain and within the bounds; `direction` says to which side a place is rounded. */
static double settle(const struct refine_aim *aim, double place, int direction) {
    double steps = place / aim->grain, nearest = round(steps);
    if (fabs(steps - nearest) > 1e-6) nearest = direction < 0 ? floor(steps) : ceil(steps);
    return fmax(aim->minimum, fmin(aim->maximum, nearest * aim->grain));
}

static void add_place(struct refine_step *step, double place) {
    if (step->place_count == 0 || step->places[step->place_count - 1] != place)
        step->places[step->place_count++] = place;
}

/* Ends the choice: so many repeats of each place, as far as the budget goes. */
static void spend(const struct refine_aim *aim, size_t spent, double repeats, struct refine_step *step) {
    size_t left = spent < aim->budget ? (aim->budget - spent) / step->place_count : 0;
    step->state = left > 0 ? REFINE_GOING : REFINE_SPENT;
    step->repeats = repeats < (double)left ? (size_t)repeats : left;
    if (step->state != REFINE_GOING) step->place_count = 0;
}

/* Past the places seen: by the grid's step, or by half of what was seen once that is more. */
static double reach(const struct refine_aim *aim, const struct view *view) {
    return fmax(aim->step, (view->high - view->low) / 2);
}

/* Places beyond one end or both; the curve ends where the bounds are seen already. */
static void widen(const struct refine_aim *aim, const struct view *view, size_t spent, bool down, bool up,
                  struct refine_step *step) {
    if (down && view->low > aim->minimum) add_place(step, settle(aim, view->low - reach(aim, view), -1));
    if (up && view->high < aim->maximum) add_place(step, settle(aim, view->high + reach(aim, view), 1));
    if (step->place_count == 0)
        step->state = REFINE_NO_CROSSING;
    else
        spend(aim, spent, (double)aim->repeats, step);
}

/* --- while there is no fit ------------------------------------------------------------------------ */

/* Units at a place, and the nearest places on both sides of one; infinite when there is none. */
static size_t count_at(size_t count, const struct observation *observations, double place) {
    size_t there = 0;
    for (size_t i = 0; i < count; i++)
        there += observations[i].place == place;
    return there;
}

static double place_below(size_t count, const struct observation *observations, double place) {
    double found = -INFINITY;
    for (size_t i = 0; i < count; i++)
        if (observations[i].place < place) found = fmax(found, observations[i].place);
    return found;
}

static double place_above(size_t count, const struct observation *observations, double place) {
    double found = INFINITY;
    for (size_t i = 0; i < count; i++)
        if (observations[i].place > place) found = fmin(found, observations[i].place);
    return found;
}

/* Units, all with one outcome, after which a share on the wrong side of the level would be a chance of 2.5 %:
 * `wrong` is the largest probability of that outcome there. */
static size_t units_to_be_sure(double wrong) {
    return (size_t)ceil(log(0.025) / log(wrong));
}

/* All successes on one side of all failures: the curve is steeper than the places are dense, and its place is
 * halfway between the innermost ones that are sure. */
static void divide(const struct refine_aim *aim, size_t count, const struct observation *observations,
                   const struct view *view, struct refine_step *step) {
    bool falls = view->success_high <= view->failure_low;
    double low = falls ? view->success_high : view->failure_high;
    double high = falls ? view->failure_low : view->success_low;
    if (low == high) { /* both outcomes at one place */
        low = place_below(count, observations, low);
        high = place_above(count, observations, high);
        if (!isfinite(low) || !isfinite(high)) {
            widen(aim, view, count, !isfinite(low), !isfinite(high), step);
            return;
        }
    }
    step->threshold = (low + high) / 2;
    if ((high - low) / 2 > fmax(aim->precision, aim->grain)) {
        add_place(step, settle(aim, low + (high - low) / 3, -1));
        add_place(step, settle(aim, high - (high - low) / 3, 1));
        spend(aim, count, (double)aim->repeats, step);
        return;
    }
    size_t below = units_to_be_sure(falls ? aim->level : 1 - aim->level),
           above = units_to_be_sure(falls ? 1 - aim->level : aim->level);
    size_t at_low = count_at(count, observations, low), at_high = count_at(count, observations, high);
    if (at_low >= below && at_high >= above) {
        step->half_width = (high - low) / 2;
        step->state = REFINE_REACHED;
        return;
    }
    if (at_low < below) add_place(step, low);
    if (at_high < above) add_place(step, high);
    spend(aim, count, (double)(below > above ? below : above), step);
}

/* --- with a fit ----------------------------------------------------------------------------------- */

/* Units beside the threshold that bring its error to the aim, at most as many as there are: later rounds know
 * better where to go. */
static double units_wanted(const struct refine_aim *aim, size_t count, const struct curve_fit *known,
                           double weight, double trials) {
    const struct share_fit *fit = &known->fit;
    double target = AIM_BEYOND * aim->precision / student_half_width(fmax(fit->freedom, CURVE_FREEDOM_MIN));
    double of_one = fit->design_effect / (trials * weight * known->slope * known->slope);
    double told = known->sound ? 1 / (fit->threshold_error * fit->threshold_error) : 0;
    return fmax(0, fmin(of_one * (1 / (target * target) - told), (double)count));
}

/* At two places around the threshold, no further away than what was seen is wide. */
static void surround(const struct refine_aim *aim, size_t count, const struct curve_fit *known,
                     const struct view *view, struct refine_step *step) {
    const struct share_fit *fit = &known->fit;
    double level = normal_quantile(aim->level), away = reach(aim, view), apart = known->beside;
    if (known->slope < 0) apart = -apart;
    double below = fmax(-QUANTILE_MAX, fmin(QUANTILE_MAX, level - apart));
    double above = fmax(-QUANTILE_MAX, fmin(QUANTILE_MAX, level + apart));
    double left = (below - level) / known->slope, right = (above - level) / known->slope;
    add_place(step, settle(aim, fit->threshold + fmax(left, -away), -1));
    add_place(step, settle(aim, fit->threshold + fmin(right, away), 1));
    double weight = (probit_weight(below) + probit_weight(above)) / 2;
    double repeats = ceil(units_wanted(aim, count, known, weight, view->trials) / (double)step->place_count);
    spend(aim, count, fmax(REPEATS_MIN, repeats), step);
}

/* Nothing is known of the threshold: wider, and where the whole range is seen, more of its ends. */
static void search(const struct refine_aim *aim, size_t count, const struct view *view,
                   struct refine_step *step) {
    widen(aim, view, count, true, true, step);
    if (step->state != REFINE_NO_CROSSING) return;
    add_place(step, view->low);
    add_place(step, view->high);
    spend(aim, count, (double)aim->repeats, step);
}

static void decide_with_fit(const struct refine_aim *aim, size_t count, const struct curve_fit *known,
                            const struct view *view, struct refine_step *step) {
    const struct share_fit *fit = &known->fit;
    double place = fit->threshold, half_width = student_half_width(fit->freedom) * fit->threshold_error;
    bool below = view->low > place, above = view->high < place;
    if (!curve_has_slope(fit)) {
        search(aim, count, view, step);
        return;
    }
    step->threshold = place;
    step->half_width = half_width;
    if ((below && place + half_width < aim->minimum && view->low <= aim->minimum) ||
        (above && place - half_width > aim->maximum && view->high >= aim->maximum))
        step->state = REFINE_NO_CROSSING;
    else if (place < view->low - reach(aim, view))
        widen(aim, view, count, true, false, step);
    else if (place > view->high + reach(aim, view))
        widen(aim, view, count, false, true, step);
    else if (!below && !above && known->sound && half_width <= aim->precision)
        step->state = REFINE_REACHED;
    else
        surround(aim, count, known, view, step);
}

struct refine_step refine_decide(const struct refine_aim *aim, size_t count,
                                 const struct observation *observations, struct observation *near) {
    struct refine_step step = {.state = REFINE_NO_SHARE, .threshold = NAN, .half_width = INFINITY};
    struct view view = look(count, observations);
    struct curve_fit known;
    bool one_outcome = isinf(view.success_low) || isinf(view.failure_low);
    if (!view.shares) return step;
    if (one_outcome)
        widen(aim, &view, count, true, true, &step);
    else if (view.success_high <= view.failure_low || view.success_low >= view.failure_high)
        divide(aim, count, observations, &view, &step);
    else if (curve_fit(aim->level, aim->precision, count, observations, near, &known) == STATUS_OK)
        decide_with_fit(aim, count, &known, &view, &step);
    else
        search(aim, count, &view, &step);
    return step;
}
