/* How many random patterns a Boltzmann machine of visible units recalls after learning, and other rules under
 * the same criterion. A unit is several networks, one a thread, each with patterns of its own; the first rank
 * of a team does it. */
#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "experiments/experiment.h"
#include "experiments/small_network.h"

static const char *const rules[] = {"boltzmann", "minimum_probability_flow", "hebb", "pseudo_inverse", NULL};
static const char *const expectations[] = {"exact", "gibbs", "none", NULL};
static const char *const answers[] = {"no", "yes", NULL};

static const struct field parameters[] = {
    {"neurons", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 2, BOLTZMANN_NEURONS_MOST, NULL, FIELD_DATA,
     "Number of neurons N, all visible"},
    {"load", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 4, NULL, FIELD_DATA,
     "Patterns per neuron; the number of patterns is round(load N), at least 1"},
    {"rule", FIELD_CHOICE, DIMENSION_SCALAR, "1", "boltzmann", 0, 0, rules, 0,
     "Learning rule: gradient ascent of the likelihood, descent of the probability flow, or a rule that learns "
     "in one pass"},
    {"expectation", FIELD_CHOICE, DIMENSION_SCALAR, "1", "auto", 0, 0, expectations, FIELD_AUTO,
     "Averages under a Boltzmann machine: over all states, or over 128 persistent Gibbs chains of one sweep per "
     "epoch; auto: exact up to 20 neurons, and none for other rules"},
    {"epochs", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1024", 0, 10000000, NULL, 0,
     "Steps of gradient ascent from couplings 0, each with all patterns"},
    {"step", FIELD_REAL, DIMENSION_SCALAR, "1", "0.02", 1e-6, 10, NULL, 0,
     "Couplings move by this times the gradient per pattern"},
    {"biases", FIELD_CHOICE, DIMENSION_SCALAR, "1", "no", 0, 0, answers, 0,
     "Whether biases are learned by gradient ascent too; other rules have none"},
    {"networks", FIELD_INTEGER, DIMENSION_SCALAR, "1", "16", 1, 100000, NULL, 0,
     "Networks, each with patterns of its own"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"patterns", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, "Patterns P of each network"},
    {"operations", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Arithmetic operations of learning one network, an exponential or random number as one"},
    {"recalled", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Patterns of each network that stay as they are at temperature 0; a field of zero keeps the state"},
    {"recalled_one", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Patterns that are reached again with one random neuron flipped"},
    {"recalled_tenth", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Patterns that are reached again with round(N/10) random neurons flipped, at least one"},
    {"recalled_each", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Patterns that are reached again whichever one neuron is flipped"},
    {"firm", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "As recalled, patterns with a field of zero at any neuron counted as lost"},
    {"firm_one", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "As recalled_one, patterns with a field of zero at any neuron counted as lost"},
    {"firm_tenth", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "As recalled_tenth, patterns with a field of zero at any neuron counted as lost"},
    {"firm_each", FIELD_INTEGER, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "As recalled_each, patterns with a field of zero at any neuron counted as lost"},
    {"log_likelihood", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Nats per pattern after learning; missing beyond 20 neurons and for other rules"},
    {"gradient_norm", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 0, NULL, 0,
     "Euclidean norm of the gradient after learning, over couplings i < j and biases; missing for other rules"},
    {.name = NULL},
};

static size_t patterns_of(const struct record *values) {
    long long patterns = llround(record_real(values, "load") * record_real(values, "neurons"));
    return patterns < 1 ? 1 : (size_t)patterns;
}

static struct small_networks setting_of(const struct record *values) {
    const char *rule = record_string(values, "rule");
    struct small_networks setting = {
        .neurons = (size_t)record_integer(values, "neurons"),
        .patterns = patterns_of(values),
        .networks = (size_t)record_integer(values, "networks"),
        .rule = RULE_OTHERS,
        .learning = {.method = BOLTZMANN_FLOW,
                     .step = record_real(values, "step"),
                     .epochs = (size_t)record_integer(values, "epochs"),
                     .biases = strcmp(record_string(values, "biases"), "yes") == 0},
    };
    if (strcmp(rule, rules[RULE_BOLTZMANN]) == 0) {
        bool exact = strcmp(record_string(values, "expectation"), "exact") == 0;
        setting.rule = RULE_BOLTZMANN;
        setting.learning.method = exact ? BOLTZMANN_EXACT : BOLTZMANN_GIBBS;
    } else if (strcmp(rule, rules[RULE_FLOW]) == 0) {
        setting.rule = RULE_FLOW;
    } else {
        setting.other = learning_rule_named(rule);
    }
    return setting;
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    bool is_boltzmann = strcmp(record_string(values, "rule"), rules[RULE_BOLTZMANN]) == 0;
    size_t neurons = (size_t)record_integer(values, "neurons");
    if (strcmp(record_string(values, "expectation"), "") == 0) {
        const char *fitting = neurons <= BOLTZMANN_EXACT_MOST ? "exact" : "gibbs";
        CHECK(record_set_string(values, "expectation", is_boltzmann ? fitting : "none"));
    }
    const char *expectation = record_string(values, "expectation");
    if ((strcmp(expectation, "none") != 0) != is_boltzmann)
        return error_set(error, STATUS_INVALID,
                         "expectation: exact and gibbs are for rule: boltzmann, none is for the others");
    if (strcmp(expectation, "exact") == 0 && neurons > BOLTZMANN_EXACT_MOST)
        return error_set(error, STATUS_INVALID,
                         "expectation: exact sums over the states of %d neurons at most",
                         BOLTZMANN_EXACT_MOST);
    struct small_networks setting = setting_of(values);
    if (setting.rule != RULE_OTHERS) return STATUS_OK;
    if (setting.learning.biases)
        return error_set(error, STATUS_INVALID, "biases: rule: %s has none", setting.other->name);
    return setting.other->check(setting.neurons, setting.patterns, error);
}

static double learning_operations(const struct small_networks *s) {
    if (s->rule == RULE_OTHERS) return s->other->operations(s->neurons, s->patterns);
    return boltzmann_operations(s->learning.method, s->neurons, s->patterns, s->learning.epochs);
}

/* About as many starts of each pattern as there are neurons, a few sweeps each. */
static double recall_operations(const struct small_networks *s) {
    double n = (double)s->neurons;
    return (double)s->patterns * n * 3 * 2 * n * n;
}

static struct estimate estimate(const struct point *point) {
    struct small_networks s = setting_of(point->values);
    double networks = (double)s.networks, running = fmin(networks, MEMORY_THREADS_PLANNED);
    return (struct estimate){
        .flops = networks * (learning_operations(&s) + recall_operations(&s)),
        .bytes_per_rank =
            running * (boltzmann_bytes(s.neurons, s.patterns) + patterns_bytes(s.neurons, s.patterns)) +
            networks * 8 * (2 + 2 * RECALL_STARTS),
    };
}

/* --- the unit ------------------------------------------------------------------------------------------- */

/* Rules that use LAPACK set its threads for the whole process: they go one network after the other. */
static enum status do_networks(const struct small_networks *s, uint64_t key, struct small_findings *findings,
                               struct error *error) {
    enum status status = STATUS_OK;
#pragma omp parallel for schedule(dynamic) if (s->rule != RULE_OTHERS)
    for (size_t network = 0; network < s->networks; network++) {
        struct error mine = {STATUS_OK, ""};
        enum status own = small_network_run(s, key, network, findings, &mine);
        if (own == STATUS_OK) continue;
#pragma omp critical(boltzmann_capacity_failed)
        {
            status = own;
            error_set(error, own, "%s", mine.text);
        }
    }
    return status;
}

static enum status fill(const struct small_networks *s, const struct small_findings *findings,
                        struct record *record) {
    static const char *const kept[RECALL_STARTS] = {"recalled", "recalled_one", "recalled_tenth",
                                                    "recalled_each"};
    static const char *const firm[RECALL_STARTS] = {"firm", "firm_one", "firm_tenth", "firm_each"};
    CHECK(record_set_integer(record, "patterns", (int64_t)s->patterns));
    CHECK(record_set_real(record, "operations", learning_operations(s)));
    for (int c = 0; c < RECALL_STARTS; c++) {
        CHECK(record_set_integers(record, kept[c], s->networks, findings->kept[c]));
        CHECK(record_set_integers(record, firm[c], s->networks, findings->firm[c]));
    }
    CHECK(record_set_reals(record, "log_likelihood", s->networks, findings->log_likelihood));
    return record_set_reals(record, "gradient_norm", s->networks, findings->gradient_norm);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct small_networks setting = setting_of(point->values);
    struct small_findings findings = {0};
    enum status status = small_findings_allocate(setting.networks, &findings);
    if (status != STATUS_OK) error_set(error, status, "no memory for %zu networks", setting.networks);
    if (status == STATUS_OK) status = do_networks(&setting, point->data_key, &findings, error);
    if (status == STATUS_OK) status = fill(&setting, &findings, record);
    small_findings_clear(&findings);
    return status;
}

const struct experiment experiment_boltzmann_capacity = {
    .schema = {.name = "boltzmann_capacity",
               .summary = "Recall of random patterns by Boltzmann machines, and by other rules alike",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
