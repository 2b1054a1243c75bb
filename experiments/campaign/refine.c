#include "experiments/campaign/refine.h"

#include <math.h>

/* New places lie beside the threshold, so far away in quantiles of the fitted curve: near enough that a trial
 * tells nine tenths of what it can, far enough that an error of the slope does not matter. None is further
 * than QUANTILE_MAX from the middle. */
static const double BESIDE_MIN = 0.1, BESIDE_MAX = 0.45, QUANTILE_MAX = 2;

/* A line through places a quantile d from the level misses a curve of another shape by about CURVATURE d^2
 * (logistic and probit differ by 0.12 d^2 at a share of 0.9): such a bias may be a fifth of the precision. */
static const double CURVATURE = 0.12, BIAS_SHARE = 0.2;

/* Units further than so many times that are left out once those within suffice: they would pull the line away
 * from where the true curve passes. */
static const double WINDOW = 1.6, FREEDOM_MIN = 10;

/* On both sides of the threshold, units within so many quantiles must have been seen. */
static const double ENCLOSED_WITHIN = 1.5;

/* A precision of this part of the curve's width is coarse enough for the shape not to matter. */
static const double COARSE = 0.1;

/* A slope below so many standard errors may have either sign: nothing is known of the threshold. */
static const double SLOPE_ERRORS_MIN = 3;

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

/* Clusters at a place, and the neighbours of an inner place. */
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

/* What is known of the curve. */
struct knowledge {
    struct share_fit fit; /* of the threshold and its error */
    double slope;         /* of the fit to all units: which are near, and where new ones go, by one measure */
    double beside;        /* distance of new places from the level, in quantiles */
    bool sound;           /* by places near the level, or by a precision too coarse for the shape to matter */
};

/* Units beside the threshold that bring its error to the aim, at most as many as there are: later rounds know
 * better where to go. */
static double units_wanted(const struct refine_aim *aim, size_t count, const struct knowledge *known,
                           double weight, double trials) {
    const struct share_fit *fit = &known->fit;
    double target = AIM_BEYOND * aim->precision / student_half_width(fmax(fit->freedom, FREEDOM_MIN));
    double of_one = fit->design_effect / (trials * weight * known->slope * known->slope);
    double told = known->sound ? 1 / (fit->threshold_error * fit->threshold_error) : 0;
    return fmax(0, fmin(of_one * (1 / (target * target) - told), (double)count));
}

/* At two places around the threshold, no further away than what was seen is wide. */
static void surround(const struct refine_aim *aim, size_t count, const struct knowledge *known,
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

static bool has_slope(const struct share_fit *fit) {
    return fabs(fit->slope) >= SLOPE_ERRORS_MIN * fit->slope_error;
}

static void decide_with_fit(const struct refine_aim *aim, size_t count, const struct knowledge *known,
                            const struct view *view, struct refine_step *step) {
    const struct share_fit *fit = &known->fit;
    double place = fit->threshold, half_width = student_half_width(fit->freedom) * fit->threshold_error;
    bool below = place<view->low, above = place> view->high;
    if (!has_slope(fit)) {
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

/* Whether the fit to the units near the level may stand for that to all: it rises or falls as the other, and
 * they lie well on both sides of its threshold (places next to each other give any slope by chance). */
static bool can_replace(const struct share_fit *local, const struct knowledge *whole, size_t count,
                        const struct observation *near) {
    struct view view = look(count, near);
    double margin = 0.5 * whole->beside / fabs(whole->slope);
    bool encloses = view.low <= local->threshold - margin && local->threshold + margin <= view.high;
    return encloses && has_slope(local) && local->slope * whole->slope > 0 && local->freedom >= FREEDOM_MIN;
}

static bool is_enclosed(const struct share_fit *fit, size_t count, const struct observation *observations) {
    bool below = false, above = false;
    for (size_t i = 0; i < count; i++) {
        double away = fit->slope * (observations[i].place - fit->threshold);
        below = below || (away <= 0 && away >= -ENCLOSED_WITHIN);
        above = above || (away >= 0 && away <= ENCLOSED_WITHIN);
    }
    return below && above;
}

/* Fits all units, then those near the level if they suffice. */
static enum status learn(const struct refine_aim *aim, size_t count, const struct observation *observations,
                         struct observation *near, struct knowledge *known) {
    struct share_fit local;
    double level = normal_quantile(aim->level);
    CHECK(share_fit(count, observations, aim->level, &known->fit));
    known->slope = known->fit.slope;
    double fineness = aim->precision * fabs(known->fit.slope);
    known->beside = fmax(BESIDE_MIN, fmin(BESIDE_MAX, sqrt(BIAS_SHARE / CURVATURE * fineness)));
    known->sound = fineness >= COARSE && known->fit.freedom >= FREEDOM_MIN &&
                   is_enclosed(&known->fit, count, observations);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        double quantile = known->fit.intercept + known->fit.slope * observations[i].place;
        if (fabs(quantile - level) <= WINDOW * known->beside) near[kept++] = observations[i];
    }
    if (share_fit(kept, near, aim->level, &local) != STATUS_OK || !can_replace(&local, known, kept, near))
        return STATUS_OK;
    known->fit = local;
    known->sound = true;
    return STATUS_OK;
}

struct refine_step refine_decide(const struct refine_aim *aim, size_t count,
                                 const struct observation *observations, struct observation *near) {
    struct refine_step step = {.state = REFINE_NO_SHARE, .threshold = NAN, .half_width = INFINITY};
    struct view view = look(count, observations);
    struct knowledge known;
    bool one_outcome = isinf(view.success_low) || isinf(view.failure_low);
    if (!view.shares) return step;
    if (one_outcome)
        widen(aim, &view, count, true, true, &step);
    else if (view.success_high <= view.failure_low || view.success_low >= view.failure_high)
        divide(aim, count, observations, &view, &step);
    else if (learn(aim, count, observations, near, &known) == STATUS_OK)
        decide_with_fit(aim, count, &known, &view, &step);
    else
        search(aim, count, &view, &step);
    return step;
}
