/* Rows and heads that several ranks have together. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "parallel/head_runs.h"
#include "parallel/sequence_group.h"

enum { LENGTH_MOST = 60, RANKS_MOST = 12 };

typedef void groups_check(const struct sequence_groups *groups);

static void for_all_groups(groups_check *check) {
    for (int layout = 0; sequence_layout_names[layout]; layout++)
        for (size_t length = 1; length <= LENGTH_MOST; length++)
            for (int ranks = 1; ranks <= RANKS_MOST; ranks++)
                for (int ways = 1; ways <= ranks; ways++) {
                    const struct sequence_groups groups = {(enum sequence_layout)layout, length, ranks, ways};
                    if (ranks % ways == 0) check(&groups);
                }
}

static size_t position_in(struct attention_rows rows, size_t row) {
    return rows.positions ? rows.positions[row] : rows.first + row * rows.step;
}

/* Marks the positions of a group's ranks and counts them off again in order. */
static void check_positions(const struct sequence_groups *groups) {
    for (int group = 0; group < groups_count(groups); group++) {
        bool member[LENGTH_MOST] = {false};
        for (int way = 0; way < groups->ways; way++) {
            struct sequence_part part = {groups->layout, groups->length, groups->ranks,
                                         group * groups->ways + way};
            for (size_t row = 0; row < sequence_rows(part); row++)
                member[sequence_position(part, row)] = true;
        }
        size_t room[LENGTH_MOST], row = 0;
        struct attention_rows rows = groups_positions(groups, group, room);
        assert_int_equal(rows.positions != NULL, groups_need_room(groups));
        for (size_t position = 0; position < groups->length; position++)
            if (member[position]) assert_int_equal(position_in(rows, row++), position);
        assert_int_equal(row, groups_rows(groups, group));
    }
}

static void a_group_has_the_rows_of_its_ranks_in_order(void **state) {
    (void)state;
    for_all_groups(check_positions);
}

static void check_sizes(const struct sequence_groups *groups) {
    size_t sizes[GROUP_SIZES_MAX];
    int count = groups_sizes(groups, sizes);
    assert_in_range(count, 1, GROUP_SIZES_MAX);
    for (int group = 0; group < groups_count(groups); group++) {
        size_t rows = groups_rows(groups, group);
        int found = rows == 0;
        for (int i = 0; i < count; i++)
            found += sizes[i] == rows;
        assert_int_equal(found, 1);
    }
}

static void groups_have_at_most_three_sizes(void **state) {
    (void)state;
    for_all_groups(check_sizes);
}

/* The runs of a range follow one another, and each is whole groups of heads or lies within one. */
static void check_runs(const struct attention_shape *shape, struct head_range range) {
    struct head_run runs[HEAD_RUNS_MAX];
    size_t group = shape->heads / shape->kv_heads, count = head_runs_cut(shape, range, runs), next = 0;
    assert_in_range(count, 1, HEAD_RUNS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct attention_shape *of_run = &runs[i].shape;
        assert_int_equal(runs[i].head, next);
        next += of_run->heads;
        for (size_t head = 0; head < of_run->heads; head++) {
            size_t read = runs[i].kv_head + head / (of_run->heads / of_run->kv_heads);
            assert_int_equal(range.kv_first + read, (range.first + runs[i].head + head) / group);
        }
        assert_int_equal(of_run->batch, count == 1 ? shape->batch : 1);
    }
    assert_int_equal(next, range.count);
}

static void runs_of_heads_read_the_heads_they_should(void **state) {
    (void)state;
    for (size_t kv_heads = 1; kv_heads <= 6; kv_heads++)
        for (size_t group = 1; group <= 6; group++)
            for (int ways = 1; (size_t)ways <= kv_heads * group; ways++) {
                const struct attention_shape shape = {3, kv_heads * group, kv_heads, 5, 5, 8};
                size_t next = 0;
                for (int way = 0; way < ways; way++) {
                    struct head_range range = head_range_of(&shape, ways, way);
                    assert_int_equal(range.first, next);
                    next += range.count;
                    check_runs(&shape, range);
                }
                assert_int_equal(next, shape.heads);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_has_the_rows_of_its_ranks_in_order),
        cmocka_unit_test(groups_have_at_most_three_sizes),
        cmocka_unit_test(runs_of_heads_read_the_heads_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
