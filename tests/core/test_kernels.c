/* Every table of kernels that this processor can run, against float64 and exact integers. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/random.h"
#include "core/kernels/hopfield_row.h"
#include "core/kernels/kernels.h"

/* Calls check(table) for each table that can run here. */
static void for_each_table(void (*check)(const struct kernels *table)) {
    for (const struct kernels *const *table = kernels_built(); *table; table++)
        if ((*table)->supported()) check(*table);
}

/* |value - exact| in units of the last place of exact as a float32. */
static double error_in_ulp(float value, double exact) {
    float rounded = (float)exact;
    if (value == rounded) return 0;
    double ulp = (double)nextafterf(fabsf(rounded), INFINITY) - fabs((double)rounded);
    return fabs((double)value - exact) / ulp;
}

/* The largest error of kernel over [low, high], in units of the last place of the result or, if absolute,
 * of 1. */
static double largest_error(void (*kernel)(size_t, const float *, float *), double (*exact)(double),
                            float low, float high, int absolute) {
    enum { COUNT = 1000 }; /* not a multiple of any vector */
    float in[COUNT], out[COUNT];
    double worst = 0;
    struct random_source source = random_source(3, RANDOM_INPUTS, 0);
    for (uint64_t round = 0; round < 50; round++) {
        for (size_t i = 0; i < COUNT; i++)
            in[i] = (float)(low + (high - low) * random_uniform(source, round * COUNT + i));
        kernel(COUNT, in, out);
        for (size_t i = 0; i < COUNT; i++) {
            double reference = exact((double)in[i]);
            double error =
                absolute ? fabs((double)out[i] - reference) / 0x1p-23 : error_in_ulp(out[i], reference);
            if (error > worst) worst = error;
        }
    }
    return worst;
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static void check_exp(const struct kernels *table) {
    assert_true(largest_error(table->exp_f32, exp, -1, 1, 0) < 2);
    assert_true(largest_error(table->exp_f32, exp, -87, 88.7F, 0) < 2);
    assert_true(largest_error(table->exp_f32, exp, -104, -87, 0) < 2);
}

static void exp_is_within_two_ulp_of_float64(void **state) {
    (void)state;
    for_each_table(check_exp);
}

static void check_tanh(const struct kernels *table) {
    const float limits[] = {1e-30F, 1e-3F, 0.5F, 0.7F, 3, 12, 100};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        assert_true(largest_error(table->tanh_f32, tanh, -limits[i], limits[i], 1) < 2);
        /* Stronger than promised: no digits are lost near 0. */
        assert_true(largest_error(table->tanh_f32, tanh, -limits[i], limits[i], 0) < 4);
    }
}

static void tanh_loses_no_digits_near_zero(void **state) {
    (void)state;
    for_each_table(check_tanh);
}

static void check_sigmoid(const struct kernels *table) {
    assert_true(largest_error(table->sigmoid_f32, sigmoid, -20, 20, 1) < 2);
    assert_true(largest_error(table->sigmoid_f32, sigmoid, -120, 120, 1) < 2);
    assert_true(largest_error(table->sigmoid_f32, sigmoid, -80, 80, 0) < 4);
}

static void sigmoid_is_within_two_ulp_of_float64(void **state) {
    (void)state;
    for_each_table(check_sigmoid);
}

static void check_limits(const struct kernels *table) {
    const float in[] = {INFINITY, -INFINITY, NAN, 1000, -1000, 0, -0.0F};
    float out[7];
    table->exp_f32(7, in, out);
    assert_true(out[0] == INFINITY && out[1] == 0 && isnan(out[2]) && out[3] == INFINITY && out[4] == 0);
    assert_true(out[5] == 1 && out[6] == 1);
    table->tanh_f32(7, in, out);
    assert_true(out[0] == 1 && out[1] == -1 && isnan(out[2]) && out[3] == 1 && out[4] == -1);
    assert_true(out[5] == 0 && !signbit(out[5]) && out[6] == 0 && signbit(out[6]));
    table->sigmoid_f32(7, in, out);
    assert_true(out[0] == 1 && out[1] == 0 && isnan(out[2]) && out[3] == 1 && out[4] == 0);
    assert_true(out[5] == 0.5F && out[6] == 0.5F);
}

static void infinities_overflow_and_nan_come_out_as_in_the_limit(void **state) {
    (void)state;
    for_each_table(check_limits);
}

/* Any count, in place, at any alignment, and nothing beyond the end is touched. */
static void check_ends(const struct kernels *table) {
    enum { MOST = 40 };
    void (*const functions[])(size_t, const float *, float *) = {table->exp_f32, table->tanh_f32,
                                                                 table->sigmoid_f32};
    for (size_t f = 0; f < 3; f++)
        for (size_t count = 0; count < MOST; count++) {
            float data[MOST + 2], whole[MOST + 2];
            for (size_t i = 0; i < MOST + 2; i++)
                data[i] = whole[i] = (float)i / 7 - 2;
            functions[f](MOST, whole + 1, whole + 1);
            functions[f](count, data + 1, data + 1);
            assert_memory_equal(data + 1, whole + 1, count * sizeof *data);
            for (size_t i = count + 1; i < MOST + 2; i++)
                assert_true(data[i] == (float)i / 7 - 2);
        }
}

static void elementwise_kernels_take_any_count_and_write_no_further(void **state) {
    (void)state;
    for_each_table(check_ends);
}

static void check_hamming(const struct kernels *table) {
    enum { COUNT = 7, WORDS = 33 };
    struct random_source source = random_source(5, RANDOM_PATTERNS, 0);
    uint64_t row[WORDS], rows[COUNT * WORDS];
    random_fill_bits(source, 0, WORDS, row);
    random_fill_bits(source, WORDS, (size_t)COUNT * WORDS, rows);
    for (size_t words = 1; words <= WORDS; words++) {
        int32_t distances[COUNT];
        table->hamming(words, row, COUNT, rows, distances);
        for (size_t j = 0; j < COUNT; j++) {
            int32_t exact = 0;
            for (size_t bit = 0; bit < 64 * words; bit++)
                exact += (row[bit / 64] >> bit % 64 & 1) != (rows[j * words + bit / 64] >> bit % 64 & 1);
            assert_int_equal(distances[j], exact);
        }
    }
}

static void hamming_counts_differing_bits(void **state) {
    (void)state;
    for_each_table(check_hamming);
}

static void check_add_row(const struct kernels *table) {
    enum { MOST = 101 };
    struct random_source source = random_source(7, RANDOM_WEIGHTS, 0);
    for (size_t count = 0; count <= MOST; count++) {
        int16_t row[MOST];
        int32_t fields[MOST + 1], before[MOST + 1];
        double real_row[MOST], real_fields[MOST + 1], real_before[MOST + 1];
        for (size_t i = 0; i <= MOST; i++) {
            before[i] = fields[i] = (int32_t)random_below(source, 3 * i, 2000001) - 1000000;
            real_before[i] = real_fields[i] = random_uniform(source, 3 * i + 1);
            if (i == MOST) break;
            row[i] = (int16_t)((int32_t)random_below(source, 3 * i + 2, 65536) - 32768);
            real_row[i] = (double)row[i] / 1024;
        }
        table->add_row_i16(count, -2, row, fields);
        table->add_row_f64(count, 0.25, real_row, real_fields);
        for (size_t i = 0; i <= MOST; i++) {
            assert_int_equal(fields[i], i < count ? before[i] - 2 * row[i] : before[i]);
            double exact = i < count ? real_before[i] + 0.25 * real_row[i] : real_before[i];
            assert_true(fabs(real_fields[i] - exact) <= 1e-15 * (1 + fabs(exact)));
        }
    }
}

static void adding_a_row_is_exact_and_stops_at_its_end(void **state) {
    (void)state;
    for_each_table(check_add_row);
}

enum { FLIP_TILES = 5, FLIP_COLUMNS = FLIP_TILES * HOPFIELD_TILE };

/* Flips of random rows on small fields, of which the open ones stand as their signs say. */
struct flip_problem {
    _Alignas(64) int8_t rows[HOPFIELD_FLIPS][FLIP_COLUMNS];
    _Alignas(64) int16_t narrow[FLIP_COLUMNS];
    _Alignas(64) int32_t wide[FLIP_COLUMNS];
    uint64_t up[FLIP_TILES], open[FLIP_TILES];
    struct hopfield_flips flips;
};

static void draw_flips(uint64_t round, struct flip_problem *problem) {
    struct random_source source = random_source(round, RANDOM_INPUTS, 0);
    memset(problem, 0, sizeof *problem);
    problem->flips.count = 1 + round % HOPFIELD_FLIPS;
    problem->flips.parity = (int32_t)(round / HOPFIELD_FLIPS % 2);
    for (uint64_t f = 0; f < HOPFIELD_FLIPS; f++) {
        problem->flips.rows[f] = problem->flips.next_rows[f] = problem->rows[f];
        problem->flips.signs[f] = random_bits(source, 100000 + f) & 1 ? 1 : -1;
        for (uint64_t i = 0; i < FLIP_COLUMNS; i++)
            problem->rows[f][i] = (int8_t)((int)random_below(source, f * FLIP_COLUMNS + i, 255) - 127);
    }
    for (uint64_t i = 0; i < FLIP_COLUMNS; i++) {
        uint64_t bits = random_bits(source, 200000 + i);
        problem->wide[i] = problem->narrow[i] = (int16_t)((int)(bits % 2001) - 1000);
        problem->open[i / 64] |= (bits >> 40 & 1) << i % 64;
        problem->up[i / 64] |= (uint64_t)(bits >> 40 & 1 ? problem->wide[i] >= 0 : bits >> 41 & 1) << i % 64;
    }
}

/* The same by the definition; first[i]: the flip that makes neuron i unstable, or that none does. */
static void flip_by_definition(const struct flip_problem *problem, int32_t fields[FLIP_COLUMNS],
                               uint32_t first[FLIP_COLUMNS]) {
    for (size_t i = 0; i < FLIP_COLUMNS; i++) {
        fields[i] = problem->wide[i];
        first[i] = UINT32_MAX;
        for (uint32_t f = 0; f < problem->flips.count; f++) {
            int entry = problem->rows[f][hopfield_place(i)];
            fields[i] += problem->flips.signs[f] * (2 * entry + problem->flips.parity);
            bool up = problem->up[i / 64] >> i % 64 & 1, open = problem->open[i / 64] >> i % 64 & 1;
            if (open && (fields[i] < 0) == up && first[i] == UINT32_MAX) first[i] = f;
        }
    }
}

static void assert_listed(const uint32_t first[FLIP_COLUMNS], size_t count,
                          const struct hopfield_unstable *list) {
    size_t expected = 0;
    for (size_t i = 0; i < FLIP_COLUMNS; i++)
        expected += first[i] != UINT32_MAX;
    assert_int_equal(count, expected);
    for (size_t n = 0; n < count; n++) {
        assert_true(list[n].neuron < FLIP_COLUMNS);
        assert_int_equal(list[n].flip, first[list[n].neuron]);
        for (size_t m = 0; m < n; m++)
            assert_int_not_equal(list[m].neuron, list[n].neuron);
    }
}

static void check_flips(const struct kernels *table) {
    static struct flip_problem problem;
    struct hopfield_unstable list[FLIP_COLUMNS];
    int32_t fields[FLIP_COLUMNS];
    uint32_t first[FLIP_COLUMNS];
    for (uint64_t round = 0; round < 6 * HOPFIELD_FLIPS; round++) {
        draw_flips(round, &problem);
        flip_by_definition(&problem, fields, first);
        struct hopfield_spins spins = {FLIP_TILES, problem.up, problem.open};
        assert_listed(first, table->flip_rows_i16(&spins, &problem.flips, problem.narrow, list), list);
        assert_listed(first, table->flip_rows_i32(&spins, &problem.flips, problem.wide, list), list);
        for (size_t i = 0; i < FLIP_COLUMNS; i++)
            assert_true(problem.narrow[i] == fields[i] && problem.wide[i] == fields[i]);
    }
}

static void flips_in_one_pass_are_those_one_by_one(void **state) {
    (void)state;
    for_each_table(check_flips);
}

/* Counters around 2^32 and 2^64, odd and even, runs shorter and longer than any vector takes. */
static void check_random(const struct kernels *table) {
    enum { LONGEST = 70 };
    static const uint64_t FIRSTS[] = {0, 1, UINT32_MAX - 9, (uint64_t)7 << 32, UINT64_MAX / 2};
    uint64_t words[LONGEST];
    uint32_t places[LONGEST];
    for (uint32_t i = 0; i < LONGEST; i++)
        places[i] = i * 1000003;
    for (size_t f = 0; f < sizeof FIRSTS / sizeof *FIRSTS; f++)
        for (size_t count = 0; count <= LONGEST; count++) {
            struct random_source source = random_source(FIRSTS[f] * 31 + count, RANDOM_ORDER, 0x87654321U);
            table->random_fill_bits(source, FIRSTS[f], count, words);
            for (size_t i = 0; i < count; i++)
                assert_int_equal(words[i], random_bits(source, FIRSTS[f] + i));
            table->random_bits_at(source, FIRSTS[f], count, places, words);
            for (size_t i = 0; i < count; i++)
                assert_int_equal(words[i], random_bits(source, FIRSTS[f] + places[i]));
        }
}

static void random_numbers_are_those_one_by_one(void **state) {
    (void)state;
    for_each_table(check_random);
}

static void choosing_a_table_makes_it_the_one_in_use(void **state) {
    (void)state;
    const struct kernels *best = kernels();
    assert_true(best->supported());
    for (const struct kernels *const *table = kernels_built(); *table; table++) {
        enum status expected = (*table)->supported() ? STATUS_OK : STATUS_UNSUPPORTED;
        const struct kernels *before = kernels();
        assert_int_equal(kernels_choose((*table)->name), expected);
        assert_ptr_equal(kernels(), expected == STATUS_OK ? *table : before);
    }
    assert_int_equal(kernels_choose("abacus"), STATUS_NOT_FOUND);
    assert_int_equal(kernels_choose(best->name), STATUS_OK);
    assert_ptr_equal(kernels(), best);
}

static void the_table_in_use_is_the_first_that_runs_here(void **state) {
    (void)state;
    const struct kernels *const *table = kernels_built();
    while (!(*table)->supported())
        table++;
    assert_ptr_equal(kernels(), *table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_in_use_is_the_first_that_runs_here),
        cmocka_unit_test(choosing_a_table_makes_it_the_one_in_use),
        cmocka_unit_test(exp_is_within_two_ulp_of_float64),
        cmocka_unit_test(tanh_loses_no_digits_near_zero),
        cmocka_unit_test(sigmoid_is_within_two_ulp_of_float64),
        cmocka_unit_test(infinities_overflow_and_nan_come_out_as_in_the_limit),
        cmocka_unit_test(elementwise_kernels_take_any_count_and_write_no_further),
        cmocka_unit_test(hamming_counts_differing_bits),
        cmocka_unit_test(flips_in_one_pass_are_those_one_by_one),
        cmocka_unit_test(random_numbers_are_those_one_by_one),
        cmocka_unit_test(adding_a_row_is_exact_and_stops_at_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
