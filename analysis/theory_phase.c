/* With t = beta m and b = beta s, the averages M and Q of tanh(t + b z) and its square give a solution
 * without iteration: T = M / t, and s = b T in r = Q / (1 - (1 - Q) / T)^2 gives load = b^2 (T - 1 + Q)^2 /
 * Q. So a temperature is a curve over b: M = T t has one t for each b (M is concave), and the load rises from
 * 0 to its largest value, which is where retrieval ends, and falls to 0 again where t does. */
#include "analysis/theory_phase.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_min.h>
#include <gsl/gsl_roots.h>

/* Lines are found between these; nearer to 1 the load is below 1e-11, and 0 for all purposes. */
static const double COLDEST = 0.01, HOTTEST = 1 - 1e-6;

struct averages {
    double tanh, square; /* of t + b z */
};

/* The trapezoidal rule over z = -8 ... 8: for functions that are analytic about the real line its error falls
 * exponentially with the step; with the poles of tanh at a distance of pi / 2b these steps leave 1e-11. */
static const double END = 8;

static double step_for(double b) {
    return END / ceil(END / fmin(0.4, 0.4 / b));
}

static double weight_of(double z) {
    return exp(-0.5 * z * z) * (0.5 * M_SQRT1_2 * M_2_SQRTPI);
}

static struct averages average(double t, double b) {
    double step = step_for(b);
    struct averages sum = {0, 0};
    for (double z = -END; z < END + step / 2; z += step) {
        double weight = weight_of(z) * step, tangent = tanh(t + b * z);
        sum.tanh += weight * tangent;
        sum.square += weight * tangent * tangent;
    }
    return sum;
}

/* Of log 2 cosh (t + b z). */
static double average_log_cosh(double t, double b) {
    double step = step_for(b), sum = 0;
    for (double z = -END; z < END + step / 2; z += step) {
        double x = fabs(t + b * z);
        sum += weight_of(z) * step * (x + log1p(exp(-2 * x)));
    }
    return sum;
}

/* --- solutions by b ----------------------------------------------------------------------------------- */

/* M(t, b) = T t at its root t > 0, 0 if there is none: Newton's steps from the right of the root of a concave
 * function stay there. */
static double field_of(double temperature, double b) {
    double t = 1 / temperature;
    if (1 - average(0, b).square <= temperature) return 0;
    for (int step = 0; step < 100; step++) {
        struct averages a = average(t, b);
        double change = (a.tanh - temperature * t) / (1 - a.square - temperature);
        t -= change;
        if (fabs(change) < 1e-11 * t) break;
    }
    return t;
}

static double load_of(double temperature, double b, struct averages averages) {
    return b * b * gsl_pow_2(temperature - 1 + averages.square) / averages.square;
}

static struct phase_state state_of(double temperature, struct averages averages) {
    double response = (1 - averages.square) / temperature;
    return (struct phase_state){averages.tanh, averages.square, averages.square / gsl_pow_2(1 - response)};
}

/* What root finding and minimisation vary b of, or a temperature. */
struct search {
    double temperature, load;
    double critical_b; /* of the temperature, where it is needed */
};

static double retrieval_load(double b, double temperature) {
    if (b <= 0) return 0;
    double t = field_of(temperature, b);
    return t > 0 ? load_of(temperature, b, average(t, b)) : 0;
}

static double negated_load(double b, void *context) {
    return -retrieval_load(b, ((const struct search *)context)->temperature);
}

static double retrieval_excess(double b, void *context) {
    const struct search *search = context;
    return retrieval_load(b, search->temperature) - search->load;
}

static double glass_excess(double b, void *context) {
    const struct search *search = context;
    return load_of(search->temperature, b, average(0, b)) - search->load;
}

/* --- roots -------------------------------------------------------------------------------------------- */

/* A root of the function between two places where its signs differ, else NaN. */
static double root_between(double (*value)(double, void *), struct search *search, double low, double high) {
    gsl_function function = {value, search};
    double below = value(low, search), above = value(high, search);
    if (!(below * above <= 0)) return NAN;
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL) return NAN;
    gsl_root_fsolver_set(solver, &function, low, high);
    for (int step = 0; step < 200; step++) {
        if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) break;
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), 1e-10,
                                   1e-10) == GSL_SUCCESS)
            break;
    }
    double root = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return root;
}

static double frozen_excess(double b, void *context) {
    return average(0, b).square - (1 - ((const struct search *)context)->temperature);
}

/* Where t, and with it the load, has come down to 0: 1 - Q(0, b) = T. At T = 0 it is at s = sqrt(2 / pi). */
static double last_b(double temperature) {
    struct search search = {.temperature = temperature};
    return root_between(frozen_excess, &search, 1e-9, 2 / temperature);
}

/* The b of the largest load. */
static double critical_b(double temperature) {
    struct search search = {.temperature = temperature};
    gsl_function function = {negated_load, &search};
    double end = last_b(temperature), b = end / 2;
    gsl_min_fminimizer *minimizer = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    if (minimizer == NULL) return NAN;
    gsl_min_fminimizer_set(minimizer, &function, b, 0, end);
    for (int step = 0; step < 100; step++) {
        if (gsl_min_fminimizer_iterate(minimizer) != GSL_SUCCESS) break;
        if (gsl_min_test_interval(gsl_min_fminimizer_x_lower(minimizer),
                                  gsl_min_fminimizer_x_upper(minimizer), 0, 1e-5) == GSL_SUCCESS)
            break;
    }
    b = gsl_min_fminimizer_x_minimum(minimizer);
    gsl_min_fminimizer_free(minimizer);
    return b;
}

/* --- states ------------------------------------------------------------------------------------------- */

/* Given the b of the largest load at that temperature. */
static int retrieval_up_to(double critical, double load, double temperature, struct phase_state *state) {
    struct search search = {.temperature = temperature, .load = load};
    double b = root_between(retrieval_excess, &search, 0, critical);
    if (!isfinite(b)) return 0;
    *state = state_of(temperature, average(field_of(temperature, b), b));
    return 1;
}

int theory_phase_retrieval(double load, double temperature, struct phase_state *state) {
    *state = (struct phase_state){0, 0, 0};
    if (!(load > 0) || !(temperature < 1)) return 0;
    return retrieval_up_to(critical_b(temperature), load, temperature, state);
}

int theory_phase_glass(double load, double temperature, struct phase_state *state) {
    *state = (struct phase_state){0, 0, 0};
    if (!(load > 0) || temperature >= theory_phase_glass_temperature(load)) return 0;
    struct search search = {.temperature = temperature, .load = load};
    double low = temperature < 1 ? last_b(temperature) : 1e-5;
    double b = root_between(glass_excess, &search, low, (3 + 3 * sqrt(load)) / temperature);
    if (!isfinite(b)) return 0;
    *state = state_of(temperature, average(0, b));
    state->overlap = 0; /* the sum's rounding aside */
    return 1;
}

double theory_phase_free_energy(double load, double temperature, const struct phase_state *state) {
    double m = state->overlap, q = state->order, r = state->noise, response = (1 - q) / temperature;
    double field = average_log_cosh(m / temperature, sqrt(load * r) / temperature);
    return 0.5 * load + 0.5 * m * m + 0.5 * load * r * response - temperature * field +
           0.5 * load * (temperature * log(1 - response) - q / (1 - response));
}

/* --- lines -------------------------------------------------------------------------------------------- */

double theory_phase_load(double temperature, double *overlap) {
    if (overlap != NULL) *overlap = 0;
    if (temperature > HOTTEST) return 0;
    double b = critical_b(temperature);
    struct averages averages = average(field_of(temperature, b), b);
    if (overlap != NULL) *overlap = averages.tanh;
    return load_of(temperature, b, averages);
}

static double line_excess(double temperature, void *context) {
    return theory_phase_load(temperature, NULL) - ((const struct search *)context)->load;
}

double theory_phase_retrieval_temperature(double load, double *overlap) {
    struct search search = {.load = load};
    if (overlap != NULL) *overlap = 0;
    if (load == 0) return 1;
    double temperature = root_between(line_excess, &search, COLDEST, HOTTEST);
    if (overlap != NULL && isfinite(temperature)) theory_phase_load(temperature, overlap);
    return temperature;
}

static double free_energy_gain(double load, void *context) {
    const struct search *search = context;
    double temperature = search->temperature;
    struct phase_state retrieval, glass;
    if (!retrieval_up_to(search->critical_b, load, temperature, &retrieval)) return 1;
    theory_phase_glass(load, temperature, &glass);
    return theory_phase_free_energy(load, temperature, &retrieval) -
           theory_phase_free_energy(load, temperature, &glass);
}

double theory_phase_global_load(double temperature) {
    if (temperature > HOTTEST) return 0;
    struct search search = {.temperature = temperature, .critical_b = critical_b(temperature)};
    double most = retrieval_load(search.critical_b, temperature);
    return root_between(free_energy_gain, &search, most / 100, most * (1 - 1e-6));
}

double theory_phase_glass_temperature(double load) {
    return 1 + sqrt(load);
}
