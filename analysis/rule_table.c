#include "analysis/rule_table.h"

#include <math.h>

#include "analysis/theory.h"
#include "core/base/memory.h"

/* The projector of N patterns is the identity, which the pseudo-inverse refuses. */
const struct rule_title rule_names[RULE_COUNT] = {
    [HEBB] = {"hebb", "Hebb", 0},
    [PSEUDO_INVERSE] = {"pseudo_inverse", "pseudo-inverse", 1},
    [PSEUDO_INVERSE_DIAGONAL] = {"pseudo_inverse_diagonal", "pseudo-inverse, diagonal", 1},
    [STORKEY] = {"storkey", "Storkey", 0},
    [PERCEPTRON] = {"perceptron", "perceptron", 0},
    [PERCEPTRON_STABLE] = {"perceptron_stable", "perceptron, stability 1", 0},
    [PERCEPTRON_SYMMETRIC] = {"perceptron_symmetric", "perceptron, symmetric", 0},
    [FLOW] = {"minimum_probability_flow", "probability flow", 0},
    [DREAMING_1] = {"dreaming_1", "dreaming, t = 1", 0},
    [DREAMING_10] = {"dreaming_10", "dreaming, t = 10", 0},
    [DREAMING_100] = {"dreaming_100", "dreaming, t = 100", 0},
};

const char *const rule_criteria[RULE_CRITERION_COUNT] = {"retrieval", "perfect recall"};

enum status rule_table_measure(const struct results *results, struct rule_memory **memories) {
    *memories = memory_allocate(RULE_COUNT, sizeof **memories);
    if (*memories == NULL) return STATUS_NO_MEMORY;
    for (size_t r = 0; r < RULE_COUNT; r++)
        CHECK(rule_memory_measure(results, rule_names[r].name, rule_names[r].refused_at, &(*memories)[r]));
    return STATUS_OK;
}

const struct rule_size *rule_table_largest(const struct rule_memory *memory) {
    for (size_t i = memory->size_count; i-- > 0;)
        if (isfinite(memory->sizes[i].capacity[RULE_PERFECT].value)) return &memory->sizes[i];
    return NULL;
}

void rule_table_describe(const struct rule_memory *memories, struct finding *finding) {
    double low = INFINITY, high = 0;
    size_t fewest = SIZE_MAX, measured = 0;
    for (size_t r = 0; r < RULE_COUNT; r++) {
        const struct rule_memory *memory = &memories[r];
        finding->records += memory->sets;
        measured += memory->size_count > 0;
        for (size_t i = 0; i < memory->size_count; i++) {
            low = fmin(low, memory->sizes[i].neurons);
            high = fmax(high, memory->sizes[i].neurons);
            if (memory->sizes[i].fewest_sets < fewest) fewest = memory->sizes[i].fewest_sets;
        }
    }
    if (measured > 0)
        finding_sizes(finding, "%zu rules, N = %.0f ... %.0f, at least %zu pattern sets per load", measured,
                      low, high, fewest);
}

double rule_table_claim(size_t rule, double neurons) {
    switch (rule) {
    case HEBB:
        return theory_capacity(NULL);
    case PSEUDO_INVERSE:
    case PSEUDO_INVERSE_DIAGONAL:
    case DREAMING_100:
        return 1;
    case STORKEY:
        return 1 / sqrt(2 * log(neurons));
    case PERCEPTRON:
        return 2;
    default:
        return NAN;
    }
}

/* There are fewer colours than rules: dreaming is dashed. */
enum plot_style rule_table_style(size_t rule) {
    return rule >= DREAMING_1 ? PLOT_DASHED : PLOT_POINTS_LINES;
}

int rule_table_colour(size_t rule) {
    return (int)(rule >= DREAMING_1 ? rule - DREAMING_1 : rule);
}

bool interval_is_bounded(const struct interval *interval) {
    return isfinite(interval->value) && isfinite(interval->low) && isfinite(interval->high);
}
