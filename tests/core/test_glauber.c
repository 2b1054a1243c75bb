/* Dynamics at a temperature: the textbook's loop, the limit of no temperature, Boltzmann's distribution. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "core/associative/sweep_order.h"
#include "core/base/memory.h"
#include "associative_case.h"

enum { NEURONS = 120, TRIALS = 10 };

/* --- order of a sweep --------------------------------------------------------------------------------- */

static void a_sweep_has_every_neuron_at_its_rank(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 64, 1000};
    struct random_source source = random_source(5, RANDOM_ORDER, 7);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct sweep_order *order;
        assert_int_equal(sweep_order_create(sizes[s], &order), STATUS_OK);
        for (uint64_t sweep = 0; sweep < 3; sweep++) {
            const uint32_t *neurons = sweep_order_draw(order, source, sweep);
            uint64_t sum = neurons[0];
            for (size_t n = 1; n < sizes[s]; n++) {
                assert_true(random_bits(source, sweep << 32 | neurons[n - 1]) <
                            random_bits(source, sweep << 32 | neurons[n]));
                sum += neurons[n];
            }
            assert_int_equal(sum, sizes[s] * (sizes[s] - 1) / 2); /* all differ, so these are all */
        }
        sweep_order_destroy(&order);
    }
}

/* --- runs --------------------------------------------------------------------------------------------- */

/* What came out of a run in a heat bath. */
struct warm_result {
    int8_t *spins; /* [trials][neurons] */
    struct outcome *outcomes;
    struct thermal_averages *averages;
};

static struct warm_result warm_run(const struct associative_case *c, enum hopfield_engine engine,
                                   const struct patterns *patterns, const int8_t *starts,
                                   struct heat_bath_settings settings) {
    struct warm_result result = {memory_allocate(c->trials, c->neurons),
                                 memory_allocate(c->trials, sizeof *result.outcomes),
                                 memory_allocate(c->trials, sizeof *result.averages)};
    struct error error = {STATUS_OK, ""};
    struct hopfield *network;
    struct heat_bath *bath;
    assert_true(result.spins && result.outcomes && result.averages);
    memcpy(result.spins, starts, c->trials * c->neurons);
    settings.references = starts;
    settings.averages = result.averages;
    assert_int_equal(hopfield_create_engine(c->rule, patterns, engine, &network, &error), STATUS_OK);
    assert_int_equal(heat_bath_create(&settings, c->neurons, &bath), STATUS_OK);
    struct hopfield_settings how = {.key = c->key, .heat_bath = bath};
    assert_int_equal(
        hopfield_retrieve(network, &dynamics_glauber, &how, c->trials, result.spins, result.outcomes, &error),
        STATUS_OK);
    heat_bath_destroy(&bath);
    hopfield_destroy(&network);
    return result;
}

static void warm_clear(struct warm_result *result) {
    memory_free(result->spins);
    memory_free(result->outcomes);
    memory_free(result->averages);
}

/* The same flips, hence the same states and, where nothing flips any more, averages of the final state. */
static void without_temperature_it_is_asynchronous(void **state) {
    (void)state;
    for (const struct learning_rule *const *rule = learning_rules(); *rule; rule++) {
        struct associative_case c = {*rule, &dynamics_asynchronous, NEURONS, 24, TRIALS, 0.5, 3};
        struct patterns *patterns = case_patterns(&c);
        int8_t *starts = case_starts(&c, patterns);
        struct associative_result cold = case_run(&c, patterns, starts, NULL);
        for (int engine = HOPFIELD_COUPLINGS; engine <= HOPFIELD_PATTERNS; engine++) {
            if (engine == HOPFIELD_PATTERNS && !(*rule)->first_fields) continue;
            struct warm_result warm =
                warm_run(&c, (enum hopfield_engine)engine, patterns, starts,
                         (struct heat_bath_settings){.equilibration = 200, .measurement = 2});
            assert_memory_equal(cold.spins, warm.spins, c.trials * c.neurons);
            for (size_t t = 0; t < c.trials; t++) {
                assert_in_range(cold.outcomes[t].sweeps, 1, 199);
                assert_int_equal(cold.outcomes[t].flips, warm.outcomes[t].flips);
                assert_int_equal(warm.outcomes[t].sweeps, 202);
                assert_true(fabs(warm.averages[t].order - 1) < 1e-12);
                assert_true(warm.averages[t].overlap_deviation < 1e-6);
            }
            warm_clear(&warm);
        }
        case_clear(&cold);
        memory_free(starts);
        patterns_destroy(&patterns);
    }
}

/* With an even number of neurons and an odd one of patterns no field is zero. */
static void little_temperature_is_like_none(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, NULL, NEURONS, 25, TRIALS, 0.5, 4};
    struct patterns *patterns = case_patterns(&c);
    int8_t *starts = case_starts(&c, patterns);
    struct heat_bath_settings none = {.equilibration = 50, .measurement = 2}, little = none;
    little.temperature = 1e-4;
    struct warm_result a = warm_run(&c, HOPFIELD_COUPLINGS, patterns, starts, none);
    struct warm_result b = warm_run(&c, HOPFIELD_COUPLINGS, patterns, starts, little);
    assert_memory_equal(a.spins, b.spins, c.trials * c.neurons);
    assert_memory_equal(a.averages, b.averages, c.trials * sizeof *a.averages);
    warm_clear(&a);
    warm_clear(&b);
    memory_free(starts);
    patterns_destroy(&patterns);
}

/* --- the textbook's loop ------------------------------------------------------------------------------ */

struct naive {
    const struct associative_case *c;
    double couplings[NEURONS][NEURONS]; /* N J */
    struct heat_bath_settings settings;
};

static double naive_field(const struct naive *naive, const int8_t *spins, size_t neuron) {
    double sum = 0;
    for (size_t j = 0; j < NEURONS; j++)
        sum += naive->couplings[neuron][j] * spins[j];
    return sum / NEURONS;
}

static void naive_sweep(const struct naive *naive, uint64_t sweep, uint32_t trial, int8_t *spins) {
    struct random_source order = random_source(naive->c->key, RANDOM_ORDER, trial);
    struct random_source noise = random_source(naive->c->key, RANDOM_NOISE, trial);
    uint64_t last = 0;
    for (size_t n = 0; n < NEURONS; n++) {
        size_t next = NEURONS;
        for (size_t i = 0; i < NEURONS; i++) {
            uint64_t rank = random_bits(order, sweep << 32 | i);
            if ((n > 0 && rank <= last) || (next < NEURONS && rank >= random_bits(order, sweep << 32 | next)))
                continue;
            next = i;
        }
        last = random_bits(order, sweep << 32 | next);
        double field = naive_field(naive, spins, next);
        double uniform = (double)random_bits(noise, sweep << 32 | next) * 0x1p-64;
        double against = 1 / (1 + exp(2 * fabs(field) / naive->settings.temperature));
        int along = field > 0 ? 1 : -1;
        spins[next] = (int8_t)(fabs(field) < 1e-9  ? (uniform >= 0.5 ? 1 : -1)
                               : uniform < against ? -along
                                                   : along);
    }
}

static struct thermal_averages naive_run(const struct naive *naive, uint32_t trial, int8_t *spins) {
    struct thermal_averages sums = {0, 0, 0, 0};
    double halves[2][NEURONS] = {{0}};
    int8_t reference[NEURONS];
    size_t sweeps = naive->settings.measurement, half = sweeps / 2;
    memcpy(reference, spins, NEURONS);
    for (size_t n = 0; n < naive->settings.equilibration + sweeps; n++) {
        naive_sweep(naive, n, trial, spins);
        if (n < naive->settings.equilibration) continue;
        double overlap = 0;
        bool second = n - naive->settings.equilibration >= half;
        for (size_t i = 0; i < NEURONS; i++) {
            overlap += (double)(spins[i] * reference[i]) / NEURONS;
            sums.alignment += spins[i] * naive_field(naive, spins, i) / NEURONS / (double)sweeps;
            halves[second][i] += spins[i] / (double)(second ? sweeps - half : half);
        }
        sums.overlap += overlap / (double)sweeps;
        sums.overlap_deviation += overlap * overlap / (double)sweeps;
    }
    sums.overlap_deviation = sqrt(fmax(sums.overlap_deviation - sums.overlap * sums.overlap, 0));
    for (size_t i = 0; i < NEURONS; i++)
        sums.order += halves[0][i] * halves[1][i] / NEURONS;
    return sums;
}

static void compare_with_naive(const struct learning_rule *rule, enum hopfield_engine engine,
                               double temperature) {
    static struct naive naive;
    struct associative_case c = {rule, NULL, NEURONS, 24, 3, 0.8, 9};
    struct patterns *patterns = case_patterns(&c);
    int8_t *starts = case_starts(&c, patterns);
    naive.c = &c;
    naive.settings = (struct heat_bath_settings){temperature, 4, 7, NULL, NULL};
    struct hopfield *network;
    assert_int_equal(hopfield_create(rule, patterns, HOPFIELD_MANY_TRIALS, &network, NULL), STATUS_OK);
    for (size_t i = 0; i < NEURONS; i++)
        for (size_t j = 0; j < NEURONS; j++)
            naive.couplings[i][j] = couplings_entry(hopfield_couplings(network), j, i);
    hopfield_destroy(&network);
    struct warm_result warm = warm_run(&c, engine, patterns, starts, naive.settings);
    for (size_t t = 0; t < c.trials; t++) {
        struct thermal_averages expected = naive_run(&naive, (uint32_t)t, starts + t * NEURONS);
        assert_memory_equal(starts + t * NEURONS, warm.spins + t * NEURONS, NEURONS);
        assert_true(fabs(expected.overlap - warm.averages[t].overlap) < 1e-9);
        assert_true(fabs(expected.overlap_deviation - warm.averages[t].overlap_deviation) < 1e-7);
        assert_true(fabs(expected.order - warm.averages[t].order) < 1e-9);
        assert_true(fabs(expected.alignment - warm.averages[t].alignment) < 1e-9);
        assert_true(warm.outcomes[t].flips > 0);
    }
    warm_clear(&warm);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void it_flips_what_the_textbook_s_loop_flips(void **state) {
    (void)state;
    static const double temperatures[] = {0.2, 1, 30};
    for (size_t k = 0; k < sizeof temperatures / sizeof *temperatures; k++) {
        compare_with_naive(&rule_hebb, HOPFIELD_COUPLINGS, temperatures[k]);
        compare_with_naive(&rule_hebb, HOPFIELD_PATTERNS, temperatures[k]);
        compare_with_naive(&rule_pseudo_inverse, HOPFIELD_COUPLINGS, temperatures[k]);
        compare_with_naive(&rule_perceptron, HOPFIELD_COUPLINGS, temperatures[k]);
    }
}

/* --- Boltzmann's distribution ------------------------------------------------------------------------- */

enum { FEW = 6, STATES = 1 << FEW, SAMPLES = 20000 };

/* Weights exp(-E / T) / Z, E = -(1/2) sum J s s, of all states. */
static void boltzmann(const struct couplings *couplings, double temperature, double weights[STATES]) {
    double total = 0;
    for (size_t s = 0; s < STATES; s++) {
        double energy = 0;
        for (size_t i = 0; i < FEW; i++)
            for (size_t j = 0; j < FEW; j++)
                energy -= 0.5 * couplings_entry(couplings, i, j) / FEW * (s >> i & 1 ? 1 : -1) *
                          (s >> j & 1 ? 1 : -1);
        total += weights[s] = exp(-energy / temperature);
    }
    for (size_t s = 0; s < STATES; s++)
        weights[s] /= total;
}

static double chi_square(const size_t counts[STATES], const double weights[STATES]) {
    double sum = 0;
    for (size_t s = 0; s < STATES; s++) {
        double expected = SAMPLES * weights[s];
        assert_true(expected > 5);
        sum += ((double)counts[s] - expected) * ((double)counts[s] - expected) / expected;
    }
    return sum;
}

/* Final states of independent runs, 30 sweeps each from an even start. With 63 degrees of freedom chi-square
 * exceeds 135 in one of a million experiments; at a temperature a tenth higher it is far beyond. */
static void long_runs_reach_the_boltzmann_distribution(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, NULL, FEW, 3, SAMPLES, 1, 12};
    const double temperature = 0.9;
    struct patterns *patterns = case_patterns(&c);
    int8_t *starts = case_starts(&c, patterns);
    for (size_t t = 0; t < SAMPLES; t++)
        for (size_t i = 0; i < FEW; i++)
            starts[t * FEW + i] = t >> i & 1 ? 1 : -1;
    struct warm_result warm = warm_run(&c, HOPFIELD_COUPLINGS, patterns, starts,
                                       (struct heat_bath_settings){temperature, 28, 2, NULL, NULL});
    size_t counts[STATES] = {0};
    for (size_t t = 0; t < SAMPLES; t++) {
        size_t number = 0;
        for (size_t i = 0; i < FEW; i++)
            number |= (size_t)(warm.spins[t * FEW + i] > 0) << i;
        counts[number]++;
    }
    struct hopfield *network;
    double weights[STATES];
    assert_int_equal(hopfield_create(&rule_hebb, patterns, HOPFIELD_MANY_TRIALS, &network, NULL), STATUS_OK);
    boltzmann(hopfield_couplings(network), temperature, weights);
    assert_true(chi_square(counts, weights) < 135);
    boltzmann(hopfield_couplings(network), 1.1 * temperature, weights);
    assert_true(chi_square(counts, weights) > 135);
    hopfield_destroy(&network);
    warm_clear(&warm);
    memory_free(starts);
    patterns_destroy(&patterns);
}

/* --- the rest ----------------------------------------------------------------------------------------- */

static void nothing_depends_on_threads(void **state) {
    (void)state;
    struct associative_case c = {&rule_hebb, NULL, NEURONS, 30, 24, 1, 6};
    struct patterns *patterns = case_patterns(&c);
    int8_t *starts = case_starts(&c, patterns);
    struct heat_bath_settings settings = {0.5, 5, 6, NULL, NULL};
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    struct warm_result one = warm_run(&c, HOPFIELD_COUPLINGS, patterns, starts, settings);
    omp_set_num_threads(3);
    struct warm_result three = warm_run(&c, HOPFIELD_COUPLINGS, patterns, starts, settings);
    omp_set_num_threads(threads);
    assert_memory_equal(one.spins, three.spins, c.trials * c.neurons);
    assert_memory_equal(one.averages, three.averages, c.trials * sizeof *one.averages);
    warm_clear(&one);
    warm_clear(&three);
    memory_free(starts);
    patterns_destroy(&patterns);
}

static void what_makes_no_sense_is_refused(void **state) {
    (void)state;
    struct thermal_averages averages[1];
    int8_t spins[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    const struct heat_bath_settings good = {0.5, 0, 2, spins, averages};
    struct heat_bath_settings bad[] = {good, good, good, good};
    struct heat_bath *bath;
    bad[0].temperature = -1, bad[1].temperature = NAN, bad[2].temperature = INFINITY, bad[3].measurement = 1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(heat_bath_create(&bad[i], 8, &bath), STATUS_INVALID);
        assert_null(bath);
    }
    assert_int_equal(heat_bath_create(&good, 0, &bath), STATUS_INVALID);
    struct associative_case c = {&rule_hebb, NULL, 8, 2, 1, 1, 6};
    struct patterns *patterns = case_patterns(&c);
    struct hopfield *network;
    struct outcome outcome;
    struct error error;
    assert_int_equal(hopfield_create(&rule_hebb, patterns, HOPFIELD_MANY_TRIALS, &network, &error),
                     STATUS_OK);
    assert_int_equal(heat_bath_create(&good, 8, &bath), STATUS_OK);
    struct hopfield_settings with = {.key = 1, .heat_bath = bath}, without = {.key = 1};
    assert_int_equal(hopfield_retrieve(network, &dynamics_asynchronous, &with, 1, spins, &outcome, &error),
                     STATUS_INVALID);
    assert_int_equal(hopfield_retrieve(network, &dynamics_glauber, &without, 1, spins, &outcome, &error),
                     STATUS_INVALID);
    enum status status = STATUS_NO_MEMORY;
    for (int allocations = 0; status == STATUS_NO_MEMORY; allocations++) {
        memory_fail_after(allocations);
        status = hopfield_retrieve(network, &dynamics_glauber, &with, 1, spins, &outcome, &error);
        memory_fail_after(-1);
    }
    assert_int_equal(status, STATUS_OK);
    heat_bath_destroy(&bath);
    hopfield_destroy(&network);
    patterns_destroy(&patterns);
}

/* Couplings of so many neurons pass 16 GB: nothing is learned, and each turn costs by the patterns. */
static void turns_without_couplings_cost_by_the_patterns(void **state) {
    (void)state;
    enum { NEURONS_MANY = 130000, PATTERNS_MANY = 1300, SWEEPS = 100 };
    double turns = (double)NEURONS_MANY * SWEEPS;
    double once = hopfield_glauber_operations(&rule_hebb, NEURONS_MANY, PATTERNS_MANY, 1, SWEEPS);
    assert_int_equal(engine_choose(&rule_hebb, NEURONS_MANY, PATTERNS_MANY, HOPFIELD_MANY_TRIALS),
                     HOPFIELD_PATTERNS);
    assert_true(once >= turns * PATTERNS_MANY && once <= 2 * turns * PATTERNS_MANY);
    assert_true(hopfield_glauber_operations(&rule_hebb, NEURONS_MANY, PATTERNS_MANY, 16, SWEEPS) ==
                16 * once);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sweep_has_every_neuron_at_its_rank),
        cmocka_unit_test(without_temperature_it_is_asynchronous),
        cmocka_unit_test(little_temperature_is_like_none),
        cmocka_unit_test(it_flips_what_the_textbook_s_loop_flips),
        cmocka_unit_test(long_runs_reach_the_boltzmann_distribution),
        cmocka_unit_test(nothing_depends_on_threads),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(turns_without_couplings_cost_by_the_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
