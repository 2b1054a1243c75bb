#include "core/associative/boltzmann.h"

#include <math.h>

#include "core/associative/boltzmann_model.h"
#include "core/associative/flow.h"
#include "core/base/memory.h"

enum status boltzmann_create(size_t neurons, struct boltzmann **machine) {
    *machine = NULL;
    if (neurons < 1 || neurons > BOLTZMANN_NEURONS_MOST) return STATUS_INVALID;
    *machine = memory_allocate(1, sizeof **machine);
    if (*machine == NULL) return STATUS_NO_MEMORY;
    (*machine)->neurons = neurons;
    (*machine)->couplings = memory_allocate(neurons, neurons * sizeof(double));
    (*machine)->biases = memory_allocate(neurons, sizeof(double));
    if ((*machine)->couplings && (*machine)->biases) return STATUS_OK;
    boltzmann_destroy(machine);
    return STATUS_NO_MEMORY;
}

void boltzmann_destroy(struct boltzmann **machine) {
    if (*machine == NULL) return;
    memory_free((*machine)->couplings);
    memory_free((*machine)->biases);
    memory_free(*machine);
    *machine = NULL;
}

void boltzmann_take(const struct couplings *couplings, struct boltzmann *machine) {
    for (size_t i = 0; i < machine->neurons; i++) {
        machine->biases[i] = 0;
        for (size_t j = 0; j < machine->neurons; j++)
            machine->couplings[i * machine->neurons + j] = couplings_entry(couplings, i, j);
    }
}

/* What learning holds. */
struct learning {
    size_t neurons, patterns;
    const struct boltzmann_learning *how;
    struct boltzmann *machine;
    double *spins;                        /* [patterns][neurons] */
    double *fields, *shares;              /* [patterns][neurons], of flow; else NULL */
    struct boltzmann_moments data, model; /* of flow: model holds its gradient, data is 0 */
    struct boltzmann_sum *sum;            /* NULL: too many neurons */
    struct boltzmann_chains *chains;      /* NULL: not of this method */
};

static void learning_clear(struct learning *learning) {
    memory_free(learning->spins);
    memory_free(learning->fields);
    memory_free(learning->shares);
    memory_free(learning->data.pairs);
    memory_free(learning->data.singles);
    memory_free(learning->model.pairs);
    memory_free(learning->model.singles);
    boltzmann_sum_destroy(&learning->sum);
    boltzmann_chains_destroy(&learning->chains);
}

static enum status moments_allocate(size_t neurons, struct boltzmann_moments *moments) {
    moments->pairs = memory_allocate(neurons, neurons * sizeof(double));
    moments->singles = memory_allocate(neurons, sizeof(double));
    return moments->pairs && moments->singles ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status learning_allocate(struct learning *learning) {
    size_t n = learning->neurons;
    learning->spins = memory_allocate(learning->patterns, n * sizeof(double));
    if (learning->spins == NULL) return STATUS_NO_MEMORY;
    if (learning->how->method == BOLTZMANN_FLOW) {
        learning->fields = memory_allocate(learning->patterns, n * sizeof(double));
        learning->shares = memory_allocate(learning->patterns, n * sizeof(double));
        if (learning->fields == NULL || learning->shares == NULL) return STATUS_NO_MEMORY;
    }
    CHECK(moments_allocate(n, &learning->data));
    CHECK(moments_allocate(n, &learning->model));
    if (n <= BOLTZMANN_EXACT_MOST) CHECK(boltzmann_sum_create(n, &learning->sum));
    if (learning->how->method == BOLTZMANN_GIBBS)
        CHECK(boltzmann_chains_create(n, learning->how->key, &learning->chains));
    return STATUS_OK;
}

static void take_patterns(const struct patterns *patterns, struct learning *learning) {
    size_t n = learning->neurons;
    flow_spins(patterns, learning->spins);
    if (learning->how->method == BOLTZMANN_FLOW) return;
    for (size_t p = 0; p < patterns->count; p++) {
        const double *spins = learning->spins + p * n;
        for (size_t i = 0; i < n; i++) {
            learning->data.singles[i] += spins[i] / (double)patterns->count;
            for (size_t j = i + 1; j < n; j++)
                learning->data.pairs[i * n + j] += spins[i] * spins[j] / (double)patterns->count;
        }
    }
}

static double field_of(const struct boltzmann *machine, const double *spins, size_t neuron) {
    const double *row = machine->couplings + neuron * machine->neurons;
    double field = machine->biases[neuron];
    for (size_t j = 0; j < machine->neurons; j++)
        field += row[j] * spins[j];
    return field;
}

/* The gradient of the flow K / P into `model`: K times that of ln K. */
static void find_flow(struct learning *learning) {
    size_t n = learning->neurons, entries = learning->patterns * n;
    flow_fields(n, learning->patterns, learning->spins, learning->machine->couplings, learning->fields);
    for (size_t e = 0; e < entries; e++)
        learning->fields[e] += learning->machine->biases[e % n];
    double flow = exp(flow_log(entries, learning->spins, learning->fields, learning->shares)) /
                  (double)learning->patterns;
    flow_gradient(n, learning->patterns, learning->spins, learning->shares, learning->model.pairs);
    for (size_t k = 0; k < n * n; k++)
        learning->model.pairs[k] *= flow;
    for (size_t i = 0; i < n; i++)
        learning->model.singles[i] = 0;
    for (size_t e = 0; e < entries; e++)
        learning->model.singles[e % n] -= flow * learning->shares[e];
}

static void find_moments(struct learning *learning) {
    double log_partition;
    switch (learning->how->method) {
    case BOLTZMANN_EXACT:
        boltzmann_sum_moments(learning->sum, learning->machine, &learning->model, &log_partition);
        break;
    case BOLTZMANN_GIBBS:
        boltzmann_chains_moments(learning->chains, learning->machine, &learning->model);
        break;
    case BOLTZMANN_FLOW:
        find_flow(learning);
        break;
    }
}

/* Moves couplings and biases by step times the gradient; returns its norm. */
static double climb(struct learning *learning, double step) {
    struct boltzmann *machine = learning->machine;
    size_t n = learning->neurons;
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            double gradient = learning->data.pairs[i * n + j] - learning->model.pairs[i * n + j];
            square += gradient * gradient;
            machine->couplings[i * n + j] += step * gradient;
            machine->couplings[j * n + i] = machine->couplings[i * n + j];
        }
        if (!learning->how->biases) continue;
        double gradient = learning->data.singles[i] - learning->model.singles[i];
        square += gradient * gradient;
        machine->biases[i] += step * gradient;
    }
    return sqrt(square);
}

static double log_likelihood(struct learning *learning) {
    if (learning->sum == NULL) return NAN;
    double log_partition, sum = 0;
    size_t n = learning->neurons;
    boltzmann_sum_moments(learning->sum, learning->machine, &learning->model, &log_partition);
    for (size_t p = 0; p < learning->patterns; p++) {
        const double *spins = learning->spins + p * n;
        for (size_t i = 0; i < n; i++) /* pairs are counted twice by the fields, biases once */
            sum += spins[i] * (field_of(learning->machine, spins, i) + learning->machine->biases[i]) / 2;
    }
    return sum / (double)learning->patterns - log_partition;
}

static enum status learn(struct learning *learning, struct boltzmann_outcome *outcome, struct error *error) {
    for (size_t epoch = 0; epoch < learning->how->epochs; epoch++) {
        find_moments(learning);
        climb(learning, learning->how->step);
    }
    find_moments(learning);
    outcome->gradient_norm = climb(learning, 0);
    outcome->log_likelihood = log_likelihood(learning);
    if (isfinite(outcome->gradient_norm) && (learning->sum == NULL || isfinite(outcome->log_likelihood)))
        return STATUS_OK;
    return error_set(error, STATUS_INVALID,
                     "couplings grew beyond what can be summed; a smaller step than %g", learning->how->step);
}

enum status boltzmann_learn(const struct patterns *patterns, const struct boltzmann_learning *how,
                            struct boltzmann *machine, struct boltzmann_outcome *outcome,
                            struct error *error) {
    size_t most = how->method == BOLTZMANN_EXACT ? BOLTZMANN_EXACT_MOST : BOLTZMANN_NEURONS_MOST;
    if (patterns->neurons > most || patterns->neurons < 2)
        return error_set(error, STATUS_INVALID, "2 to %zu neurons can be learned so, not %zu", most,
                         patterns->neurons);
    struct learning learning = {
        .neurons = patterns->neurons, .patterns = patterns->count, .how = how, .machine = machine};
    enum status status = learning_allocate(&learning);
    if (status != STATUS_OK) error_set(error, status, "no memory to learn %zu patterns", patterns->count);
    for (size_t i = 0; i < patterns->neurons * patterns->neurons; i++)
        machine->couplings[i] = 0;
    for (size_t i = 0; i < patterns->neurons; i++)
        machine->biases[i] = 0;
    if (status == STATUS_OK) {
        take_patterns(patterns, &learning);
        status = learn(&learning, outcome, error);
    }
    learning_clear(&learning);
    return status;
}

double boltzmann_operations(enum boltzmann_method method, size_t neurons, size_t patterns, size_t epochs) {
    double n = (double)neurons, p = (double)patterns, each = n * n;
    switch (method) {
    case BOLTZMANN_EXACT: /* doubled, weighted, added to the marginal, folded */
        each += 6 * exp2(n) + 2 * exp2(n / 2) * n * n;
        break;
    case BOLTZMANN_GIBBS: /* fields, exponentials and random numbers, pairs */
        each += BOLTZMANN_CHAINS * (2 * n * n + 4 * n + n * n);
        break;
    case BOLTZMANN_FLOW:
        each += flow_fields_operations(neurons, patterns) + flow_log_operations(neurons, patterns) +
                flow_gradient_operations(neurons, patterns) + 3 * p * n;
        break;
    }
    return p * n * n + (double)epochs * each;
}

double boltzmann_bytes(size_t neurons, size_t patterns) {
    double n = (double)neurons, p = (double)patterns,
           states = neurons <= BOLTZMANN_EXACT_MOST ? exp2((n + 1) / 2) : 0;
    return sizeof(double) * (3 * n * n + 3 * n * p + 4 * states + BOLTZMANN_CHAINS * n);
}
