/* Refinement on curves whose threshold is known: it gets there, its interval is honest, and it saves units.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/random.h"
#include "experiments/campaign/refine.h"

enum { UNITS_MAX = 200000, ROUNDS_MAX = 60 };

/* The share of a set's trials that succeed falls from 1 to 0 around its own threshold, which varies from set
 * to set: trials of one set depend on each other. */
struct world {
    double threshold, width; /* of the mean over sets */
    double sets;             /* deviation of the sets' thresholds, below width */
    double sign;             /* 1: rising, -1: falling */
    int trials;
    uint64_t key;
    bool logistic; /* another shape than the fitted one */
};

/* All units of one refinement. */
struct history {
    size_t count, rounds;
    struct observation *observations;
    struct refine_step step;
};

static double normal(struct random_source source, uint64_t index) {
    return normal_quantile(random_uniform(source, index));
}

static double share_at(const struct world *world, double place, double shift) {
    double within = sqrt(world->width * world->width - world->sets * world->sets);
    double z = world->sign * (place - world->threshold - shift) / within;
    return world->logistic ? 1 / (1 + exp(-1.702 * z)) : 0.5 * erfc(-z / sqrt(2));
}

static void run_unit(const struct world *world, double place, struct history *history) {
    assert_true(history->count < UNITS_MAX);
    struct random_source source = random_source(world->key, RANDOM_CHOICE, (uint32_t)history->count);
    double share = share_at(world, place, world->sets * normal(source, 0)), successes = 0;
    for (int t = 0; t < world->trials; t++)
        successes += random_uniform(source, 1 + (uint64_t)t) < share;
    history->observations[history->count] =
        (struct observation){place, successes, world->trials, history->count};
    history->count++;
}

/* From the first round at the places first, first + step, ... to the end. */
static struct history refine(const struct world *world, const struct refine_aim *aim, double first,
                             size_t places) {
    struct history history = {.observations = malloc(UNITS_MAX * sizeof(struct observation))};
    struct observation *near = malloc(UNITS_MAX * sizeof *near);
    assert_non_null(history.observations);
    assert_non_null(near);
    for (size_t p = 0; p < places; p++)
        for (size_t r = 0; r < aim->repeats; r++)
            run_unit(world, first + (double)p * aim->step, &history);
    for (;;) {
        history.step = refine_decide(aim, history.count, history.observations, near);
        if (history.step.state != REFINE_GOING) break;
        assert_true(++history.rounds < ROUNDS_MAX);
        for (size_t p = 0; p < history.step.place_count; p++)
            for (size_t r = 0; r < history.step.repeats; r++)
                run_unit(world, history.step.places[p], &history);
    }
    free(near);
    return history;
}

static struct refine_aim aim_at(double level, double precision) {
    return (struct refine_aim){.level = level,
                               .precision = precision,
                               .minimum = 0,
                               .maximum = 4,
                               .step = 0.02,
                               .grain = refine_grain(precision, false),
                               .repeats = 20,
                               .budget = 20000};
}

/* Where the share is the level, averaged over sets: by bisection, with sets at the middles of equal parts. */
static double true_place(const struct world *world, double level) {
    double low = -1, high = 1;
    for (int step = 0; step < 50; step++) {
        double middle = (low + high) / 2, share = 0;
        for (int q = 0; q < 200; q++)
            share += share_at(world, middle, world->sets * normal_quantile((q + 0.5) / 200)) / 200;
        if ((share - level) * world->sign < 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct coverage {
    struct world world;
    double level, precision;
};

enum { REALISATIONS = 150 };

/* The intervals hold the truth in 91 to 96 of 100 realisations. With 150 of them a coverage of 0.91 gives
 * fewer than 121 hits in one of 10 000 tests. */
static void intervals_hold_the_truth(void **state) {
    const struct coverage *c = *state;
    int hits = 0;
    for (uint64_t i = 0; i < REALISATIONS; i++) {
        struct world world = c->world;
        world.key += i;
        world.threshold += 0.01 * random_uniform(random_source(world.key, RANDOM_START, 0), 0);
        struct refine_aim aim = aim_at(c->level, c->precision);
        struct history history = refine(&world, &aim, 0.12, 4);
        assert_int_equal(history.step.state, REFINE_REACHED);
        assert_true(history.step.half_width <= c->precision * (1 + 1e-9));
        assert_true(history.count <= aim.budget);
        hits += fabs(history.step.threshold - true_place(&world, c->level)) <= history.step.half_width;
        free(history.observations);
    }
    if (hits < 121) fail_msg("only %d of %d intervals hold the truth", hits, REALISATIONS);
}

/* Where the sets differ, many trials of one set tell little more than one. */
static void spread_between_sets_widens_the_interval(void **state) {
    (void)state;
    double widths[2];
    for (int differ = 0; differ < 2; differ++) {
        struct world world = {0.158, 0.02, differ ? 0.018 : 0, -1, 50, 3, false};
        struct history history = {.observations = malloc(UNITS_MAX * sizeof(struct observation))};
        struct share_fit fit;
        for (int p = 0; p < 7; p++)
            for (int r = 0; r < 60; r++)
                run_unit(&world, 0.13 + 0.01 * p, &history);
        assert_int_equal(share_fit(history.count, history.observations, 0.5, &fit), STATUS_OK);
        assert_true(fabs(fit.threshold - 0.158) < 5 * fit.threshold_error);
        widths[differ] = fit.design_effect;
        free(history.observations);
    }
    assert_true(widths[0] < 1.5);
    assert_true(widths[1] > 5);
}

/* A grid of the first round's kind that spends half as much again is less precise. */
static void refining_saves_units(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 10; i++) {
        struct world world = {0.158, 0.015, 0.01, -1, 16, 100 + i, false};
        struct refine_aim aim = aim_at(0.5, 0.001);
        struct history refined = refine(&world, &aim, 0.12, 4);
        struct history grid = {.observations = malloc(UNITS_MAX * sizeof(struct observation))};
        struct share_fit fit;
        for (int p = 0; p < 13; p++)
            for (size_t r = 0; r < refined.count * 3 / 26; r++)
                run_unit(&world, 0.1 + 0.01 * p, &grid);
        assert_int_equal(share_fit(grid.count, grid.observations, 0.5, &fit), STATUS_OK);
        assert_true(refined.step.half_width < student_half_width(fit.freedom) * fit.threshold_error);
        free(refined.observations);
        free(grid.observations);
    }
}

static void a_threshold_outside_the_first_round_is_found(void **state) {
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        struct world world = {0.15 + 0.11 * side, 0.01, 0.005, -1, 16, 5, false};
        struct refine_aim aim = aim_at(0.5, 0.002);
        struct history history = refine(&world, &aim, 0.12, 4);
        assert_int_equal(history.step.state, REFINE_REACHED);
        assert_true(fabs(history.step.threshold - world.threshold) < 3 * aim.precision);
        free(history.observations);
    }
}

/* A step between two places of the grid has no slope to fit: the bracket is divided. */
static void a_sudden_step_is_bracketed(void **state) {
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct world world = {0.1537, 1e-7, 0, sign, 4, 9, false};
        struct refine_aim aim = aim_at(0.5, 0.001);
        struct history history = refine(&world, &aim, 0.12, 4);
        assert_int_equal(history.step.state, REFINE_REACHED);
        assert_true(fabs(history.step.threshold - world.threshold) <= history.step.half_width);
        assert_true(history.step.half_width <= aim.precision);
        free(history.observations);
    }
}

static void a_share_that_never_crosses_gives_up_at_the_bounds(void **state) {
    (void)state;
    struct world world = {9, 0.5, 0, -1, 16, 2, false};
    struct refine_aim aim = aim_at(0.5, 0.001);
    struct history history = refine(&world, &aim, 0.12, 4);
    assert_int_equal(history.step.state, REFINE_NO_CROSSING);
    assert_true(history.observations[0].place >= aim.minimum);
    for (size_t i = 0; i < history.count; i++)
        assert_true(history.observations[i].place >= aim.minimum &&
                    history.observations[i].place <= aim.maximum);
    free(history.observations);
}

/* The same share everywhere tells nothing, however many units there are. */
static void a_flat_share_spends_the_budget_and_claims_nothing(void **state) {
    (void)state;
    for (uint64_t key = 1; key <= 5; key++) {
        struct world world = {0.15, 1e9, 0, -1, 16, key, false};
        struct refine_aim aim = aim_at(0.5, 0.001);
        aim.budget = 1000;
        struct history history = refine(&world, &aim, 0.12, 4);
        assert_true(history.step.state == REFINE_SPENT || history.step.state == REFINE_NO_CROSSING);
        assert_true(history.count <= aim.budget);
        free(history.observations);
    }
}

static void the_budget_is_never_passed(void **state) {
    (void)state;
    for (size_t budget = 80; budget < 300; budget += 31) {
        struct world world = {0.158, 0.05, 0.03, -1, 4, 1, false};
        struct refine_aim aim = aim_at(0.5, 0.0005);
        aim.budget = budget;
        struct history history = refine(&world, &aim, 0.12, 4);
        assert_int_equal(history.step.state, REFINE_SPENT);
        assert_true(history.count <= budget && history.count + 2 > budget);
        free(history.observations);
    }
}

static void counts_that_are_no_share_are_refused(void **state) {
    (void)state;
    const struct observation wrong[] = {{0.1, 3, 2, 1}, {0.2, 1, 2, 2}, {0.3, 0, 2, 3}};
    struct observation near[3];
    struct refine_aim aim = aim_at(0.5, 0.001);
    assert_int_equal(refine_decide(&aim, 3, wrong, near).state, REFINE_NO_SHARE);
}

/* Identities of later units are those of decimals that a person would write. */
static void places_lie_on_a_decimal_grain(void **state) {
    (void)state;
    assert_true(fabs(refine_grain(0.001, false) - 1e-4) < 1e-15);
    assert_true(fabs(refine_grain(0.002, false) - 1e-3) < 1e-15);
    assert_true(refine_grain(0.7, true) == 1 && refine_grain(50, true) == 10);
    struct world world = {0.158, 0.015, 0.01, -1, 16, 4, false};
    struct refine_aim aim = aim_at(0.5, 0.001);
    struct history history = refine(&world, &aim, 0.12, 4);
    for (size_t i = 0; i < history.count; i++) {
        double steps = history.observations[i].place / aim.grain;
        assert_true(fabs(steps - round(steps)) < 1e-6);
    }
    free(history.observations);
}

static void quantiles_are_those_of_tables(void **state) {
    (void)state;
    assert_true(fabs(normal_quantile(0.5)) < 1e-12);
    assert_true(fabs(normal_quantile(0.975) - 1.959963984540054) < 1e-10);
    assert_true(fabs(normal_quantile(0.01) + 2.326347874040841) < 1e-10);
    assert_true(fabs(student_half_width(1e9) - 1.959963984540054) < 1e-6);
    assert_true(fabs(student_half_width(10) - 2.228138852) < 1e-3);
    assert_true(fabs(student_half_width(4) - 2.776445105) < 1e-2);
    assert_true(isinf(student_half_width(1)));
}

int main(void) {
    static struct coverage plain = {{0.153, 0.015, 0, -1, 16, 1000, false}, 0.5, 0.001},
                           sets = {{0.153, 0.015, 0.010, -1, 16, 2000, false}, 0.5, 0.001},
                           rising = {{0.153, 0.008, 0.004, 1, 16, 3000, false}, 0.5, 0.001},
                           high = {{0.153, 0.015, 0.010, -1, 16, 4000, false}, 0.9, 0.002},
                           other_shape = {{0.153, 0.015, 0, -1, 16, 5000, true}, 0.5, 0.0005},
                           other_shape_high = {{0.153, 0.030, 0, -1, 16, 6000, true}, 0.9, 0.001};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(intervals_hold_the_truth, &plain),
        cmocka_unit_test_prestate(intervals_hold_the_truth, &sets),
        cmocka_unit_test_prestate(intervals_hold_the_truth, &rising),
        cmocka_unit_test_prestate(intervals_hold_the_truth, &high),
        cmocka_unit_test_prestate(intervals_hold_the_truth, &other_shape),
        cmocka_unit_test_prestate(intervals_hold_the_truth, &other_shape_high),
        cmocka_unit_test(spread_between_sets_widens_the_interval),
        cmocka_unit_test(refining_saves_units),
        cmocka_unit_test(a_threshold_outside_the_first_round_is_found),
        cmocka_unit_test(a_sudden_step_is_bracketed),
        cmocka_unit_test(a_share_that_never_crosses_gives_up_at_the_bounds),
        cmocka_unit_test(a_flat_share_spends_the_budget_and_claims_nothing),
        cmocka_unit_test(the_budget_is_never_passed),
        cmocka_unit_test(counts_that_are_no_share_are_refused),
        cmocka_unit_test(places_lie_on_a_decimal_grain),
        cmocka_unit_test(quantiles_are_those_of_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
