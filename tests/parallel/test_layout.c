/* How sequences are dealt to ranks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "parallel/layout.h"

enum { LENGTH_MAX = 40, PARTS_MAX = 9 };

typedef void part_check(struct sequence_part part);

static void for_every_part(part_check *check) {
    for (int layout = 0; sequence_layout_names[layout]; layout++)
        for (size_t length = 0; length <= LENGTH_MAX; length++)
            for (int parts = 1; parts <= PARTS_MAX; parts++)
                for (int part = 0; part < parts; part++)
                    check((struct sequence_part){(enum sequence_layout)layout, length, parts, part});
}

static void parts_cover_a_sequence_once(void **state) {
    (void)state;
    for (int layout = 0; sequence_layout_names[layout]; layout++)
        for (size_t length = 0; length <= LENGTH_MAX; length++)
            for (int parts = 1; parts <= PARTS_MAX; parts++) {
                int covered[LENGTH_MAX + 1] = {0};
                for (int p = 0; p < parts; p++) {
                    struct sequence_part part = {(enum sequence_layout)layout, length, parts, p};
                    for (size_t row = 0; row < sequence_rows(part); row++) {
                        assert_true(sequence_position(part, row) < length);
                        covered[sequence_position(part, row)]++;
                    }
                }
                for (size_t position = 0; position < length; position++)
                    assert_int_equal(covered[position], 1);
            }
}

static void check_size(struct sequence_part part) {
    size_t least = part.length / (size_t)part.parts;
    size_t most = (part.length + (size_t)part.parts - 1) / (size_t)part.parts;
    assert_in_range(sequence_rows(part), least, most);
}

static void parts_differ_by_one_row_at_most(void **state) {
    (void)state;
    for_every_part(check_size);
}

static void check_order(struct sequence_part part) {
    for (size_t row = 1; row < sequence_rows(part); row++)
        assert_true(sequence_position(part, row) > sequence_position(part, row - 1));
}

static void positions_increase_with_the_row(void **state) {
    (void)state;
    for_every_part(check_order);
}

static void check_list(struct sequence_part part) {
    size_t positions[LENGTH_MAX + 1];
    positions[sequence_rows(part)] = SIZE_MAX;
    sequence_positions(part, positions);
    for (size_t row = 0; row < sequence_rows(part); row++)
        assert_int_equal(positions[row], sequence_position(part, row));
    assert_int_equal(positions[sequence_rows(part)], SIZE_MAX);
}

static void the_list_of_positions_is_that_of_the_rows(void **state) {
    (void)state;
    for_every_part(check_list);
}

/* Row i of a causal mask sees i + 1 keys. Lengths that 2 P divides balance exactly. */
static void zigzag_gives_all_ranks_the_same_causal_work(void **state) {
    (void)state;
    for (int parts = 1; parts <= PARTS_MAX; parts++) {
        size_t length = 6 * (size_t)parts;
        for (int p = 0; p < parts; p++) {
            struct sequence_part part = {LAYOUT_ZIGZAG, length, parts, p};
            size_t pairs = 0;
            for (size_t row = 0; row < sequence_rows(part); row++)
                pairs += sequence_position(part, row) + 1;
            assert_int_equal(pairs * (size_t)parts, length * (length + 1) / 2);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_cover_a_sequence_once),
        cmocka_unit_test(parts_differ_by_one_row_at_most),
        cmocka_unit_test(positions_increase_with_the_row),
        cmocka_unit_test(the_list_of_positions_is_that_of_the_rows),
        cmocka_unit_test(zigzag_gives_all_ranks_the_same_causal_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
