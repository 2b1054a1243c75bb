/* AV3 and AV5 on made-up records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "synthetic.h"

enum { LENGTHS = 12 };

static const int64_t lengths[LENGTHS] = {1, 2, 3, 7, 17, 61, 127, 256, 509, 1021, 2039, 4093};

/* Differences in roundings of a largest value of 4. */
struct like {
    double heads;                   /* several from one, at the length 509 alone */
    double permuted, growth, error; /* at length 16, its exponent, and errors against float64 */
    size_t count;                   /* lengths from the first on */
};

static const struct like as_claimed = {.permuted = 3, .error = 4, .count = LENGTHS};

static void add_unit(struct results *results, int64_t length, bool causal, const struct like *like,
                     struct dice *random) {
    const double rounding = 4 * ldexp(1, -24);
    struct record *record = synthetic_record(&synthetic_identities);
    double grown = like->permuted * pow((double)length / 16, like->growth);
    double scatter = exp(0.1 * dice_normal(random));
    set_integer(record, "length", length);
    set_integer(record, "heads", 6);
    set_text(record, "mask", causal ? "causal" : "full");
    set_real(record, "concatenation_difference", length == 509 ? like->heads * rounding : 0);
    set_real(record, "permutation_difference", causal ? 2.5 : grown * scatter * rounding);
    set_real(record, "output_error", like->error * rounding);
    set_real(record, "single_error", like->error * rounding);
    set_real(record, "permuted_error", like->error * rounding);
    set_real(record, "largest_value", 4);
    synthetic_add(results, record);
}

static struct results *units(const struct like *like) {
    struct results *results = synthetic_results();
    struct dice random = dice(21);
    for (size_t i = 0; i < like->count; i++)
        for (int causal = 0; causal < 2; causal++)
            add_unit(results, lengths[i], causal, like, &random);
    return results;
}

static void verdict_of(enum verdict expected, const struct claim *claim, const struct like *like) {
    struct results *results = units(like);
    assert_verdict(expected, claim, results);
    results_destroy(&results);
}

static void equal_bits_are_reproduced_and_the_last_digit_depends_on_the_definition(void **state) {
    (void)state;
    struct like like = as_claimed;
    verdict_of(VERDICT_REPRODUCED, &claim_multi_head, &like);
    like.heads = 1;
    verdict_of(VERDICT_DEFINITION_DEPENDENT, &claim_multi_head, &like);
    like.heads = 1e4;
    verdict_of(VERDICT_NOT_REPRODUCED, &claim_multi_head, &like);
}

static void one_head_says_nothing_of_several(void **state) {
    (void)state;
    struct results *results = synthetic_results();
    for (size_t i = 0; i < LENGTHS; i++) {
        struct record *record = synthetic_record(&synthetic_identities);
        set_integer(record, "length", lengths[i]);
        set_real(record, "concatenation_difference", 0);
        synthetic_add(results, record);
    }
    assert_verdict(VERDICT_INCONCLUSIVE, &claim_multi_head, results);
    results_destroy(&results);
}

static void permutations_within_rounding_are_reproduced(void **state) {
    (void)state;
    struct like like = as_claimed;
    verdict_of(VERDICT_REPRODUCED, &claim_position, &like);
    like.permuted = 0; /* equal to the bit is no growth either */
    verdict_of(VERDICT_REPRODUCED, &claim_position, &like);
}

static void permutations_that_matter_are_not_reproduced(void **state) {
    (void)state;
    struct like like = as_claimed;
    like.permuted = 1e5;
    verdict_of(VERDICT_NOT_REPRODUCED, &claim_position, &like);
}

static void differences_that_grow_with_the_length_are_not_reproduced(void **state) {
    (void)state;
    struct like like = as_claimed;
    like.permuted = 0.1;
    like.growth = 0.8; /* still within the bound at the largest length */
    verdict_of(VERDICT_NOT_REPRODUCED, &claim_position, &like);
}

static void wrong_outputs_at_some_length_are_not_reproduced(void **state) {
    (void)state;
    struct like like = as_claimed;
    like.error = 100;
    verdict_of(VERDICT_NOT_REPRODUCED, &claim_position, &like);
}

static void few_lengths_decide_nothing(void **state) {
    (void)state;
    struct like like = as_claimed;
    like.count = 7;
    verdict_of(VERDICT_INCONCLUSIVE, &claim_position, &like);
    verdict_of(VERDICT_INCONCLUSIVE, &claim_multi_head, &like);
}

static void the_control_is_shown(void **state) {
    (void)state;
    struct results *results = units(&as_claimed);
    const struct ledger_row *row = decide(&claim_position, results);
    assert_true(measurement_named(row, "control, causal mask: largest difference by permuting")->value > 1e6);
    results_destroy(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_bits_are_reproduced_and_the_last_digit_depends_on_the_definition),
        cmocka_unit_test(one_head_says_nothing_of_several),
        cmocka_unit_test(permutations_within_rounding_are_reproduced),
        cmocka_unit_test(permutations_that_matter_are_not_reproduced),
        cmocka_unit_test(differences_that_grow_with_the_length_are_not_reproduced),
        cmocka_unit_test(wrong_outputs_at_some_length_are_not_reproduced),
        cmocka_unit_test(few_lengths_decide_nothing),
        cmocka_unit_test(the_control_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
