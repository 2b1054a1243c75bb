/* Sums over the 2^N states of a Boltzmann machine with a few operations a state and no exponential in the
 * inner loop. The spins are split in two halves. For a state a of the high half, the low half has fields
 * f_j(a), so that its weights are products that double in number with every spin; folding them together again
 * gives their first moments. Pairs within the low half are found from weights summed over a. */
#include <math.h>

#include "core/associative/boltzmann_model.h"
#include "core/base/memory.h"

struct boltzmann_sum {
    size_t neurons, low, high; /* spins 0 ... low - 1, and the others */
    double *low_weights;       /* [2^low] exp of the low half's own terms, the largest at 1 */
    double *high_logs;         /* [2^high] log of the largest weight with that high half, about */
    double *row;               /* [2^low] weights with one high half */
    double *marginal;          /* [2^low] their sums */
};

enum status boltzmann_sum_create(size_t neurons, struct boltzmann_sum **sum) {
    *sum = memory_allocate(1, sizeof **sum);
    if (*sum == NULL) return STATUS_NO_MEMORY;
    struct boltzmann_sum *made = *sum;
    made->neurons = neurons;
    made->low = (neurons + 1) / 2;
    made->high = neurons - made->low;
    made->low_weights = memory_allocate((size_t)1 << made->low, sizeof(double));
    made->high_logs = memory_allocate((size_t)1 << made->high, sizeof(double));
    made->row = memory_allocate((size_t)1 << made->low, sizeof(double));
    made->marginal = memory_allocate((size_t)1 << made->low, sizeof(double));
    if (made->low_weights && made->high_logs && made->row && made->marginal) return STATUS_OK;
    boltzmann_sum_destroy(sum);
    return STATUS_NO_MEMORY;
}

void boltzmann_sum_destroy(struct boltzmann_sum **sum) {
    if (*sum == NULL) return;
    memory_free((*sum)->low_weights);
    memory_free((*sum)->high_logs);
    memory_free((*sum)->row);
    memory_free((*sum)->marginal);
    memory_free(*sum);
    *sum = NULL;
}

static double spin_of(size_t state, size_t bit) {
    return state >> bit & 1 ? 1 : -1;
}

/* The terms of `count` spins from `first` on among themselves. */
static double own_terms(const struct boltzmann *machine, size_t first, size_t count, size_t state) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const double *row = machine->couplings + (first + i) * machine->neurons + first;
        double field = machine->biases[first + i];
        for (size_t j = 0; j < i; j++)
            field += row[j] * spin_of(state, j);
        sum += field * spin_of(state, i);
    }
    return sum;
}

static void low_fields(const struct boltzmann_sum *sum, const struct boltzmann *machine, size_t high_state,
                       double *fields) {
    for (size_t j = 0; j < sum->low; j++)
        fields[j] = 0;
    for (size_t i = 0; i < sum->high; i++) {
        const double *row = machine->couplings + (sum->low + i) * sum->neurons;
        double spin = spin_of(high_state, i);
        for (size_t j = 0; j < sum->low; j++)
            fields[j] += row[j] * spin;
    }
}

/* Fills low_weights and high_logs; returns the logarithm that all weights lack. */
static double prepare(struct boltzmann_sum *sum, const struct boltzmann *machine) {
    double fields[BOLTZMANN_EXACT_MOST], low_most = -INFINITY, high_most = -INFINITY;
    for (size_t b = 0; b < (size_t)1 << sum->low; b++) {
        sum->marginal[b] = 0;
        sum->low_weights[b] = own_terms(machine, 0, sum->low, b);
        low_most = fmax(low_most, sum->low_weights[b]);
    }
    for (size_t b = 0; b < (size_t)1 << sum->low; b++)
        sum->low_weights[b] = exp(sum->low_weights[b] - low_most);
    for (size_t a = 0; a < (size_t)1 << sum->high; a++) {
        double most = own_terms(machine, sum->low, sum->high, a);
        low_fields(sum, machine, a, fields);
        for (size_t j = 0; j < sum->low; j++)
            most += fabs(fields[j]);
        sum->high_logs[a] = most;
        high_most = fmax(high_most, most);
    }
    for (size_t a = 0; a < (size_t)1 << sum->high; a++)
        sum->high_logs[a] -= high_most;
    return low_most + high_most;
}

/* The weights with one high half into row and marginal. */
static void fill_row(struct boltzmann_sum *sum, const struct boltzmann *machine, size_t high_state) {
    double fields[BOLTZMANN_EXACT_MOST], *restrict row = sum->row, *restrict marginal = sum->marginal;
    low_fields(sum, machine, high_state, fields);
    row[0] = exp(sum->high_logs[high_state]);
    for (size_t j = 0; j < sum->low; j++) {
        double up = exp(fields[j] - fabs(fields[j])), down = exp(-fields[j] - fabs(fields[j]));
        size_t half = (size_t)1 << j;
        for (size_t b = 0; b < half; b++) {
            row[b + half] = row[b] * up;
            row[b] *= down;
        }
    }
    for (size_t b = 0; b < (size_t)1 << sum->low; b++) {
        row[b] *= sum->low_weights[b];
        marginal[b] += row[b];
    }
}

/* Folds the row: its sum, and the sums of b_j times its weights into firsts. */
static double fold_row(struct boltzmann_sum *sum, double *firsts) {
    double *restrict row = sum->row;
    for (size_t j = sum->low; j-- > 0;) {
        size_t half = (size_t)1 << j;
        double up = 0, down = 0;
        for (size_t b = 0; b < half; b++) {
            up += row[b + half], down += row[b];
            row[b] += row[b + half];
        }
        firsts[j] = up - down;
    }
    return row[0];
}

static void add_row(const struct boltzmann_sum *sum, size_t high_state, double total, const double *firsts,
                    struct boltzmann_moments *moments) {
    size_t n = sum->neurons;
    for (size_t j = 0; j < sum->low; j++)
        moments->singles[j] += firsts[j];
    for (size_t i = 0; i < sum->high; i++) {
        double spin = spin_of(high_state, i);
        moments->singles[sum->low + i] += spin * total;
        for (size_t j = 0; j < sum->low; j++)
            moments->pairs[j * n + sum->low + i] += spin * firsts[j];
        for (size_t j = 0; j < i; j++)
            moments->pairs[(sum->low + j) * n + sum->low + i] += spin * spin_of(high_state, j) * total;
    }
}

static void add_low_pairs(const struct boltzmann_sum *sum, struct boltzmann_moments *moments) {
    for (size_t b = 0; b < (size_t)1 << sum->low; b++)
        for (size_t i = 0; i < sum->low; i++)
            for (size_t j = i + 1; j < sum->low; j++)
                moments->pairs[i * sum->neurons + j] += spin_of(b, i) * spin_of(b, j) * sum->marginal[b];
}

void boltzmann_sum_moments(struct boltzmann_sum *sum, const struct boltzmann *machine,
                           struct boltzmann_moments *moments, double *log_partition) {
    double firsts[BOLTZMANN_EXACT_MOST], partition = 0, lacking = prepare(sum, machine);
    size_t n = sum->neurons;
    for (size_t i = 0; i < n * n; i++)
        moments->pairs[i] = 0;
    for (size_t i = 0; i < n; i++)
        moments->singles[i] = 0;
    for (size_t a = 0; a < (size_t)1 << sum->high; a++) {
        fill_row(sum, machine, a);
        double total = fold_row(sum, firsts);
        partition += total;
        add_row(sum, a, total, firsts, moments);
    }
    add_low_pairs(sum, moments);
    for (size_t i = 0; i < n * n; i++)
        moments->pairs[i] /= partition;
    for (size_t i = 0; i < n; i++)
        moments->singles[i] /= partition;
    *log_partition = partition > 0 && isfinite(partition) ? log(partition) + lacking : NAN;
}
