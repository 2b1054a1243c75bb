#include "core/associative/hopfield.h"

#include <stdlib.h>

#include "core/associative/hebb_couplings.h"
#include "core/associative/hopfield_model.h"
#include "core/base/memory.h"

static enum status learn(struct hopfield *network, enum hopfield_engine engine, struct error *error) {
    const struct patterns *patterns = network->patterns;
    if (engine == HOPFIELD_PATTERNS) {
        if (couplings_of_patterns(patterns, &network->couplings) == STATUS_OK) return STATUS_OK;
        return error_set(error, STATUS_NO_MEMORY, "no memory for a network");
    }
    CHECK(network->rule->learn(patterns, &network->couplings, error));
    if (network->couplings->kind != COUPLINGS_HALF) return STATUS_OK;
    if (packed_patterns_fill(patterns, &network->packed) == STATUS_OK) return STATUS_OK;
    return error_set(error, STATUS_NO_MEMORY, "no memory for a copy of the patterns");
}

/* Whether the engine can do the rule and its sizes. */
static enum status check_engine(const struct learning_rule *rule, const struct patterns *patterns,
                                enum hopfield_engine engine, struct error *error) {
    CHECK(rule->check(patterns->neurons, patterns->count, error));
    if (engine == HOPFIELD_PATTERNS && !rule->first_fields)
        return error_set(error, STATUS_UNSUPPORTED, "%s: needs couplings", rule->name);
    if (engine == HOPFIELD_COUPLINGS && rule->first_fields &&
        !engine_couplings_fit(patterns->neurons, patterns->count))
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: couplings of %zu neurons and %zu patterns may overflow", rule->name,
                         patterns->neurons, patterns->count);
    return STATUS_OK;
}

enum status hopfield_create_engine(const struct learning_rule *rule, const struct patterns *patterns,
                                   enum hopfield_engine engine, struct hopfield **network,
                                   struct error *error) {
    *network = NULL;
    CHECK(check_engine(rule, patterns, engine, error));
    struct hopfield *made = memory_allocate(1, sizeof *made);
    if (!made) return error_set(error, STATUS_NO_MEMORY, "no memory for a network");
    made->rule = rule;
    made->patterns = patterns;
    enum status status = learn(made, engine, error);
    if (status != STATUS_OK) hopfield_destroy(&made);
    *network = made;
    return status;
}

enum status hopfield_create(const struct learning_rule *rule, const struct patterns *patterns, size_t trials,
                            struct hopfield **network, struct error *error) {
    enum hopfield_engine engine = engine_choose(rule, patterns->neurons, patterns->count, trials);
    return hopfield_create_engine(rule, patterns, engine, network, error);
}

/* Couplings that no rule here has learned: their fields are sums of rows, and nothing else knows them. */
static const struct learning_rule given[] = {{.name = "given"}, {.name = "given", .symmetric = true}};

/* Whether no field of any state leaves 32 bits: |N h_i| <= (N - 1) max |N J|, which bounds all partial sums.
 */
static bool fields_fit(const struct couplings *couplings) {
    int32_t largest = 0;
    for (size_t j = 0; j < couplings->neurons; j++)
        for (size_t i = 0; i < couplings->neurons; i++) {
            int32_t entry = abs(couplings->integers[j * couplings->stride + i]);
            if (entry > largest) largest = entry;
        }
    return (uint64_t)largest * couplings->neurons <= INT32_MAX;
}

static enum status check_couplings(const struct patterns *patterns, const struct couplings *couplings,
                                   struct error *error) {
    if (couplings->kind != COUPLINGS_INTEGER && couplings->kind != COUPLINGS_REAL)
        return error_set(error, STATUS_UNSUPPORTED, "couplings must be 16-bit integers or float64");
    if (couplings->neurons != patterns->neurons)
        return error_set(error, STATUS_UNSUPPORTED, "couplings of %zu neurons do not fit patterns of %zu",
                         couplings->neurons, patterns->neurons);
    if (couplings->kind == COUPLINGS_INTEGER && !fields_fit(couplings))
        return error_set(error, STATUS_UNSUPPORTED, "fields of these couplings may leave 32 bits");
    return STATUS_OK;
}

enum status hopfield_create_couplings(const struct patterns *patterns, struct couplings **couplings,
                                      bool symmetric, struct hopfield **network, struct error *error) {
    *network = NULL;
    CHECK(check_couplings(patterns, *couplings, error));
    struct hopfield *made = memory_allocate(1, sizeof *made);
    if (!made) return error_set(error, STATUS_NO_MEMORY, "no memory for a network");
    made->rule = &given[symmetric];
    made->patterns = patterns;
    made->couplings = *couplings;
    *couplings = NULL;
    *network = made;
    return STATUS_OK;
}

void hopfield_destroy(struct hopfield **network) {
    if (!*network) return;
    packed_patterns_clear(&(*network)->packed);
    couplings_destroy(&(*network)->couplings);
    memory_free(*network);
    *network = NULL;
}

const struct couplings *hopfield_couplings(const struct hopfield *network) {
    return network->couplings;
}
