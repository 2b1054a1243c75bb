/* Minimum probability flow as a learning rule: gradient descent of ln K (flow.h) over symmetric couplings
 * from zero, with Nesterov's momentum and a step that is halved until the descent is at least half of what
 * the slope promises. A convex problem with patterns that can all be made stable has no minimum: K falls to
 * 0 while the couplings grow, and their direction goes to the one of largest margin. So what ends learning is
 * the margin, min s_i h_i / |J| over patterns and neurons: no couplings have a larger one than |gradient of
 * ln K|, since that gradient is a mean of s_i h_i's own gradients; half of it is enough. |J| is over pairs.
 *
 * Fields are linear in the couplings. A step's fields follow from those of the point and of the gradient, so
 * that a round costs two matrix products, however often the step is halved. */
#include <math.h>

#include "core/associative/flow.h"
#include "core/associative/rule.h"
#include "core/base/blas.h"
#include "core/base/memory.h"

/* Rounds; patterns that are not stable after as many are counted as not learned. Near the capacity, some 1.5
 * N patterns, 200 neurons take about 300. */
enum { ROUNDS = 500, ROUNDS_GUESSED = 30, HALVINGS = 60 };

/* Of the largest margin there can be. */
static const double MARGIN_SHARE = 0.5;

/* The first step is as long as there are neurons, since entries of the gradient are of the order of 1 / N;
 * each round begins with a larger one than the last took. */
static const double STEP_GROWTH = 1.5;

static enum status check(size_t neurons, size_t patterns, struct error *error) {
    const size_t most = INT32_MAX / 2;
    if (neurons > most || patterns > most)
        return error_set(
            error, STATUS_UNSUPPORTED,
            "minimum_probability_flow: %zu neurons and %zu patterns are more than BLAS can count", neurons,
            patterns);
    return STATUS_OK;
}

/* Two products; ln K of the point and of one step or two; combinations of couplings and fields. */
static double round_operations(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return flow_fields_operations(neurons, patterns) + flow_gradient_operations(neurons, patterns) +
           2.5 * flow_log_operations(neurons, patterns) + 6 * n * p + 9 * n * n;
}

static double operations(size_t neurons, size_t patterns) {
    return ROUNDS_GUESSED * round_operations(neurons, patterns);
}

static double bytes(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns;
    return couplings_bytes(COUPLINGS_REAL, neurons) + sizeof(double) * (4 * n * n + 6 * n * p);
}

/* Couplings, or their changes, and the fields of all patterns in them. */
struct place {
    double *couplings; /* [neurons][neurons]: right of the diagonal, 0 elsewhere */
    double *fields;    /* [count][neurons] */
};

struct descent {
    size_t neurons, count;
    double *spins, *shares;                    /* [count][neurons] */
    struct place now, before, ahead, gradient; /* ahead: where momentum leads from before and now */
    double step, inertia;                      /* inertia: Nesterov's t */
};

static void place_clear(struct place *place) {
    memory_free(place->couplings);
    memory_free(place->fields);
}

static bool place_allocate(size_t neurons, size_t count, struct place *place) {
    place->couplings = memory_allocate(neurons, neurons * sizeof(double));
    place->fields = memory_allocate(count, neurons * sizeof(double));
    return place->couplings && place->fields;
}

static void descent_clear(struct descent *descent) {
    memory_free(descent->spins);
    memory_free(descent->shares);
    place_clear(&descent->now);
    place_clear(&descent->before);
    place_clear(&descent->ahead);
    place_clear(&descent->gradient);
}

static enum status descent_start(const struct patterns *patterns, struct descent *descent) {
    size_t n = patterns->neurons, count = patterns->count;
    *descent = (struct descent){.neurons = n, .count = count, .step = (double)n, .inertia = 1};
    descent->spins = memory_allocate(count, n * sizeof(double));
    descent->shares = memory_allocate(count, n * sizeof(double));
    bool whole = place_allocate(n, count, &descent->now);
    whole = place_allocate(n, count, &descent->before) && whole;
    whole = place_allocate(n, count, &descent->ahead) && whole;
    whole = place_allocate(n, count, &descent->gradient) && whole;
    if (!descent->spins || !descent->shares || !whole) return STATUS_NO_MEMORY;
    flow_spins(patterns, descent->spins);
    return STATUS_OK;
}

/* to = a + factor b, element by element; `to` may be one of them. */
static void combine(size_t count, const double *a, double factor, const double *b, double *to) {
    for (size_t k = 0; k < count; k++)
        to[k] = a[k] + factor * b[k];
}

static double inner(size_t count, const double *a, const double *b) {
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += a[k] * b[k];
    return sum;
}

/* ahead = now + momentum (now - before); then now is the place before the next. */
static void look_ahead(struct descent *descent) {
    size_t pairs = descent->neurons * descent->neurons, entries = descent->count * descent->neurons;
    double next = (1 + sqrt(1 + 4 * descent->inertia * descent->inertia)) / 2;
    double momentum = (descent->inertia - 1) / next;
    const struct place *now = &descent->now, *before = &descent->before, *ahead = &descent->ahead;
    for (size_t k = 0; k < pairs; k++)
        ahead->couplings[k] = now->couplings[k] + momentum * (now->couplings[k] - before->couplings[k]);
    for (size_t k = 0; k < entries; k++)
        ahead->fields[k] = now->fields[k] + momentum * (now->fields[k] - before->fields[k]);
    struct place old = descent->before;
    descent->before = descent->now;
    descent->now = old;
    descent->inertia = next;
}

/* now = ahead - step gradient, with a step short enough. False: none is. */
static bool step_down(struct descent *descent, double log_ahead, double square) {
    size_t pairs = descent->neurons * descent->neurons, entries = descent->count * descent->neurons;
    const struct place *now = &descent->now, *ahead = &descent->ahead, *gradient = &descent->gradient;
    for (int halvings = 0; halvings < HALVINGS; halvings++, descent->step /= 2) {
        combine(entries, ahead->fields, -descent->step, gradient->fields, now->fields);
        double log_now = flow_log(entries, descent->spins, now->fields, NULL);
        if (!(log_now <= log_ahead - descent->step * square / 2)) continue;
        combine(pairs, ahead->couplings, -descent->step, gradient->couplings, now->couplings);
        return true;
    }
    return false;
}

static double margin(const struct descent *descent) {
    double least = INFINITY;
    for (size_t e = 0; e < descent->count * descent->neurons; e++)
        least = fmin(least, descent->spins[e] * descent->now.fields[e]);
    const double *couplings = descent->now.couplings;
    return least / sqrt(inner(descent->neurons * descent->neurons, couplings, couplings));
}

/* Momentum that leads uphill is given up (O'Donoghue & Candes 2015). */
static void keep_or_drop_momentum(struct descent *descent) {
    size_t pairs = descent->neurons * descent->neurons;
    const double *gradient = descent->gradient.couplings;
    if (inner(pairs, gradient, descent->now.couplings) > inner(pairs, gradient, descent->before.couplings))
        descent->inertia = 1;
}

/* One round; true when there is nothing left to learn, or no way down that rounding leaves. */
static bool descend(struct descent *descent) {
    size_t n = descent->neurons, count = descent->count;
    look_ahead(descent);
    double log_ahead = flow_log(count * n, descent->spins, descent->ahead.fields, descent->shares);
    flow_gradient(n, count, descent->spins, descent->shares, descent->gradient.couplings);
    flow_fields(n, count, descent->spins, descent->gradient.couplings, descent->gradient.fields);
    double square = inner(n * n, descent->gradient.couplings, descent->gradient.couplings);
    if (!step_down(descent, log_ahead, square)) {
        struct place last = descent->now;
        descent->now = descent->before;
        descent->before = last;
        return true;
    }
    if (margin(descent) >= MARGIN_SHARE * sqrt(square)) return true;
    keep_or_drop_momentum(descent);
    descent->step *= STEP_GROWTH;
    return false;
}

/* Neurons that some pattern leaves unstable, from the couplings themselves. */
static size_t count_unlearned(struct descent *descent) {
    size_t unlearned = 0, n = descent->neurons;
    flow_fields(n, descent->count, descent->spins, descent->now.couplings, descent->now.fields);
    for (size_t i = 0; i < n; i++) {
        bool wrong = false;
        for (size_t p = 0; p < descent->count; p++)
            wrong |= descent->spins[p * n + i] * descent->now.fields[p * n + i] <= 0;
        unlearned += wrong;
    }
    return unlearned;
}

static void learn_rounds(struct descent *descent, struct couplings *couplings) {
    int threads = blas_set_threads(1);
    size_t n = descent->neurons, rounds = 0;
    bool done = false;
    for (; rounds < ROUNDS && !done; rounds++)
        done = descend(descent);
    couplings->operations = (double)rounds * round_operations(n, descent->count);
    couplings->unlearned = count_unlearned(descent);
    blas_set_threads(threads);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            couplings->reals[i * couplings->stride + j] = (double)n * descent->now.couplings[i * n + j];
    couplings_complete_symmetric(couplings);
}

static enum status learn(const struct patterns *patterns, struct couplings **couplings, struct error *error) {
    *couplings = NULL;
    struct descent descent;
    enum status status = descent_start(patterns, &descent);
    if (status == STATUS_OK) status = couplings_create(COUPLINGS_REAL, patterns->neurons, couplings);
    if (status == STATUS_OK)
        learn_rounds(&descent, *couplings);
    else
        error_set(error, status, "minimum_probability_flow: no memory for %zu neurons and %zu patterns",
                  patterns->neurons, patterns->count);
    descent_clear(&descent);
    return status;
}

const struct learning_rule rule_minimum_probability_flow = {
    .name = "minimum_probability_flow",
    .summary = "least flow to the states one flip away, symmetric (Sohl-Dickstein et al. 2011)",
    .kind = COUPLINGS_REAL,
    .symmetric = true,
    .check = check,
    .operations = operations,
    .bytes = bytes,
    .learn = learn,
};
