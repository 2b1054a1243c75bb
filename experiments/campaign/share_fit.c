#include "experiments/campaign/share_fit.h"

#include <math.h>
#include <stdbool.h>

enum { SCORING_STEPS = 60, NEWTON_STEPS = 60 };

/* Beyond this the density underflows against p (1 - p), and the likelihood is flat anyway. */
static const double QUANTILE_MAX = 6;

/* Observations with places scaled to mean 0 and deviation 1, so that steps and limits are in natural units.
 */
struct scaled {
    size_t count;
    const struct observation *observations;
    double centre, width;
};

/* a + b x with a symmetric matrix of two by two that belongs to it. */
struct line {
    double a, b;
};
struct matrix {
    double aa, ab, bb;
};

static double lower_tail(double z) {
    return 0.5 * erfc(-z * sqrt(0.5));
}

static double density(double z) {
    return exp(-0.5 * z * z) / sqrt(2 * acos(-1));
}

double normal_quantile(double p) {
    double z = log(p / (1 - p)) / 1.702;
    for (int i = 0; i < NEWTON_STEPS; i++) {
        double step = fmax(-1, fmin(1, (lower_tail(z) - p) / density(z)));
        z -= step;
        if (fabs(step) < 1e-13) break;
    }
    return z;
}

double probit_weight(double quantile) {
    double z = fmax(-QUANTILE_MAX, fmin(QUANTILE_MAX, quantile)), f = density(z);
    return f * f / (lower_tail(z) * lower_tail(-z));
}

/* Cornish and Fisher's expansion in 1/freedom (Abramowitz & Stegun 26.7.5), good to 0.5 % from 3 degrees on.
 */
double student_half_width(double freedom) {
    const double z = 1.959963984540054;
    if (!(freedom >= 2)) return INFINITY;
    double z2 = z * z, g1 = z * (z2 + 1) / 4, g2 = z * ((5 * z2 + 16) * z2 + 3) / 96,
           g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
           g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + (g1 + (g2 + (g3 + g4 / freedom) / freedom) / freedom) / freedom;
}

/* Whether every success lies at or below (above) every failure: the likelihood grows with the slope for ever.
 */
static bool separated(size_t count, const struct observation *observations) {
    double success_low = INFINITY, success_high = -INFINITY, failure_low = INFINITY, failure_high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        const struct observation *o = &observations[i];
        if (o->successes > 0) {
            success_low = fmin(success_low, o->place);
            success_high = fmax(success_high, o->place);
        }
        if (o->successes < o->trials) {
            failure_low = fmin(failure_low, o->place);
            failure_high = fmax(failure_high, o->place);
        }
    }
    return success_high <= failure_low || success_low >= failure_high;
}

static enum status scale_places(struct scaled *data) {
    double sum = 0, squares = 0, all = 0;
    for (size_t i = 0; i < data->count; i++) {
        const struct observation *o = &data->observations[i];
        sum += o->trials * o->place;
        all += o->trials;
    }
    data->centre = sum / all;
    for (size_t i = 0; i < data->count; i++) {
        double away = data->observations[i].place - data->centre;
        squares += data->observations[i].trials * away * away;
    }
    data->width = sqrt(squares / all);
    return data->width > 1e-12 * fabs(data->centre) ? STATUS_OK : STATUS_INVALID;
}

static double scaled_place(const struct scaled *data, size_t i) {
    return (data->observations[i].place - data->centre) / data->width;
}

static double log_likelihood(const struct scaled *data, struct line line) {
    double sum = 0;
    for (size_t i = 0; i < data->count; i++) {
        const struct observation *o = &data->observations[i];
        double z = line.a + line.b * scaled_place(data, i), failures = o->trials - o->successes;
        if (o->successes > 0) sum += o->successes * log(lower_tail(z));
        if (failures > 0) sum += failures * log(lower_tail(-z));
    }
    return sum;
}

/* Slope of an observation's log-likelihood in its quantile. */
static double score_of(const struct observation *o, double quantile) {
    double z = fmax(-QUANTILE_MAX, fmin(QUANTILE_MAX, quantile)), p = lower_tail(z);
    return (o->successes - o->trials * p) * density(z) / (p * lower_tail(-z));
}

static struct line solve(const struct matrix *m, struct line right) {
    double determinant = m->aa * m->bb - m->ab * m->ab;
    return (struct line){(m->bb * right.a - m->ab * right.b) / determinant,
                         (m->aa * right.b - m->ab * right.a) / determinant};
}

/* Sums of scores and of the information over all observations. */
static void sum_scores(const struct scaled *data, struct line line, struct line *score,
                       struct matrix *information) {
    *score = (struct line){0, 0};
    *information = (struct matrix){0, 0, 0};
    for (size_t i = 0; i < data->count; i++) {
        double x = scaled_place(data, i), z = line.a + line.b * x;
        double slope = score_of(&data->observations[i], z);
        double weight = data->observations[i].trials * probit_weight(z);
        score->a += slope;
        score->b += slope * x;
        information->aa += weight;
        information->ab += weight * x;
        information->bb += weight * x * x;
    }
}

/* One scoring step, halved until the likelihood, given and left in *likelihood, does not fall. Returns the
 * change. */
static double scoring_step(const struct scaled *data, struct line *line, double *likelihood) {
    struct line score;
    struct matrix information;
    sum_scores(data, *line, &score, &information);
    struct line step = solve(&information, score);
    for (double part = 1; part > 1e-6; part /= 2) {
        struct line next = {line->a + part * step.a, line->b + part * step.b};
        double after = log_likelihood(data, next);
        if (!(after >= *likelihood)) continue;
        *likelihood = after;
        *line = next;
        return part * fmax(fabs(step.a), fabs(step.b));
    }
    return 0;
}

static enum status maximise(const struct scaled *data, struct line *line) {
    *line = (struct line){0, 0};
    double likelihood = log_likelihood(data, *line);
    int step = 0;
    while (step < SCORING_STEPS && scoring_step(data, line, &likelihood) > 1e-9)
        step++;
    bool found = step < SCORING_STEPS && isfinite(line->a) && isfinite(line->b) && line->b != 0;
    return found ? STATUS_OK : STATUS_INVALID;
}

/* What clusters do to the fit: sums over them of powers of their influence on threshold and slope. */
struct influence {
    size_t clusters;
    double threshold2, threshold4, slope2;
};

/* Influence of a cluster: gradient times inverse information times its scores. */
static struct influence sum_influence(const struct scaled *data, struct line line, double threshold,
                                      const struct matrix *information) {
    struct influence sum = {0, 0, 0, 0};
    struct line score = {0, 0};
    for (size_t i = 0; i < data->count; i++) {
        double x = scaled_place(data, i), slope = score_of(&data->observations[i], line.a + line.b * x);
        score.a += slope;
        score.b += slope * x;
        bool last = i + 1 == data->count;
        if (!last && data->observations[i + 1].cluster == data->observations[i].cluster) continue;
        struct line change = solve(information, score);
        double moved = -(change.a + threshold * change.b) / line.b, squared = moved * moved;
        sum.clusters++;
        sum.threshold2 += squared;
        sum.threshold4 += squared * squared;
        sum.slope2 += change.b * change.b;
        score = (struct line){0, 0};
    }
    return sum;
}

/* Errors in scaled places. Degrees of freedom: the clusters that matter, by the spread of a sum of squares of
 * normal influences, where fourth moments are three squares. */
static enum status estimate_errors(const struct scaled *data, struct line line, double threshold,
                                   struct share_fit *fit) {
    struct line score, gradient = {-1 / line.b, -threshold / line.b};
    struct matrix information;
    sum_scores(data, line, &score, &information);
    struct influence sum = sum_influence(data, line, threshold, &information);
    if (sum.clusters < 3 || !(sum.threshold2 > 0)) return STATUS_INVALID;
    double clusters = (double)sum.clusters, correction = clusters / (clusters - 2);
    struct line change = solve(&information, gradient);
    double variance = correction * sum.threshold2,
           independent = gradient.a * change.a + gradient.b * change.b;
    fit->threshold_error = sqrt(variance);
    fit->slope_error = sqrt(correction * sum.slope2);
    fit->design_effect = variance / independent;
    fit->freedom = fmin(clusters, 3 * sum.threshold2 * sum.threshold2 / sum.threshold4) - 2;
    return STATUS_OK;
}

enum status share_fit(size_t count, const struct observation *observations, double level,
                      struct share_fit *fit) {
    struct scaled data = {.count = count, .observations = observations};
    struct line line;
    if (separated(count, observations)) return STATUS_INVALID;
    CHECK(scale_places(&data));
    CHECK(maximise(&data, &line));
    double threshold = (normal_quantile(level) - line.a) / line.b;
    CHECK(estimate_errors(&data, line, threshold, fit));
    fit->slope = line.b / data.width;
    fit->slope_error /= data.width;
    fit->intercept = line.a - fit->slope * data.centre;
    fit->threshold = data.centre + data.width * threshold;
    fit->threshold_error *= data.width;
    bool finite = isfinite(fit->threshold) && isfinite(fit->threshold_error) && isfinite(fit->slope_error);
    return finite ? STATUS_OK : STATUS_INVALID;
}
