#include "experiments/small_network.h"

#include <math.h>

#include "core/base/memory.h"

void small_findings_clear(struct small_findings *findings) {
    for (int c = 0; c < RECALL_STARTS; c++) {
        memory_free(findings->kept[c]);
        memory_free(findings->firm[c]);
    }
    memory_free(findings->log_likelihood);
    memory_free(findings->gradient_norm);
}

enum status small_findings_allocate(size_t networks, struct small_findings *findings) {
    bool whole = true;
    for (int c = 0; c < RECALL_STARTS; c++) {
        findings->kept[c] = memory_allocate(networks, sizeof(int64_t));
        findings->firm[c] = memory_allocate(networks, sizeof(int64_t));
        whole = whole && findings->kept[c] && findings->firm[c];
    }
    findings->log_likelihood = memory_allocate(networks, sizeof(double));
    findings->gradient_norm = memory_allocate(networks, sizeof(double));
    return whole && findings->log_likelihood && findings->gradient_norm ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status learn(const struct small_networks *s, uint64_t key, const struct patterns *patterns,
                         struct boltzmann *machine, struct boltzmann_outcome *outcome, struct error *error) {
    if (s->rule != RULE_OTHERS) {
        struct boltzmann_learning learning = s->learning;
        learning.key = key;
        return boltzmann_learn(patterns, &learning, machine, outcome, error);
    }
    struct couplings *couplings;
    CHECK(s->other->learn(patterns, &couplings, error));
    boltzmann_take(couplings, machine);
    couplings_destroy(&couplings);
    *outcome = (struct boltzmann_outcome){NAN, NAN};
    return STATUS_OK;
}

static enum status recall(const struct small_networks *s, uint64_t key, const struct patterns *patterns,
                          const struct boltzmann *machine, size_t network, struct small_findings *findings) {
    size_t tenth = (s->neurons + 5) / 10;
    const size_t flips[RECALL_STARTS] = {0, 1, tenth > 1 ? tenth : 1, 1},
                 starts[RECALL_STARTS] = {1, 1, 1, s->neurons};
    for (int c = 0; c < RECALL_STARTS; c++) {
        struct boltzmann_recall recall;
        CHECK(boltzmann_recall(machine, patterns, flips[c], starts[c], key, &recall));
        findings->kept[c][network] = (int64_t)recall.kept;
        findings->firm[c][network] = (int64_t)recall.firm;
    }
    return STATUS_OK;
}

enum status small_network_run(const struct small_networks *s, uint64_t data_key, size_t network,
                              struct small_findings *findings, struct error *error) {
    uint64_t key = random_bits(random_source(data_key, RANDOM_CHOICE, 0), network);
    struct patterns *patterns = NULL;
    struct boltzmann *machine = NULL;
    struct boltzmann_outcome outcome;
    enum status status = patterns_create(s->neurons, s->patterns, &patterns);
    if (status == STATUS_OK) status = boltzmann_create(s->neurons, &machine);
    if (status != STATUS_OK) error_set(error, status, "no memory for networks of %zu neurons", s->neurons);
    if (status == STATUS_OK) {
        patterns_draw(patterns, key);
        status = learn(s, key, patterns, machine, &outcome, error);
    }
    if (status == STATUS_OK) {
        findings->log_likelihood[network] = outcome.log_likelihood;
        findings->gradient_norm[network] = outcome.gradient_norm;
        status = recall(s, key, patterns, machine, network, findings);
    }
    boltzmann_destroy(&machine);
    patterns_destroy(&patterns);
    return status;
}
