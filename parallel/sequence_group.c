#include "parallel/sequence_group.h"

#include "parallel/schedule_split.h"

int groups_count(const struct sequence_groups *groups) {
    return groups->ranks / groups->ways;
}

size_t groups_rows(const struct sequence_groups *groups, int group) {
    size_t rows = 0;
    for (int way = 0; way < groups->ways; way++) {
        int rank = group * groups->ways + way;
        rows += sequence_rows((struct sequence_part){groups->layout, groups->length, groups->ranks, rank});
    }
    return rows;
}

int groups_sizes(const struct sequence_groups *groups, size_t sizes[GROUP_SIZES_MAX]) {
    int count = 0;
    for (int group = 0; group < groups_count(groups); group++) {
        size_t rows = groups_rows(groups, group);
        int known = 0;
        while (known < count && sizes[known] != rows)
            known++;
        if (rows > 0 && known == count) sizes[count++] = rows;
    }
    return count;
}

/* Chunks first .. first + ways - 1 of so many. */
static struct part chunks_together(const struct sequence_groups *groups, int chunks, int first) {
    struct part begin = split_evenly(groups->length, chunks, first);
    struct part last = split_evenly(groups->length, chunks, first + groups->ways - 1);
    return (struct part){.first = begin.first, .count = last.first + last.count - begin.first};
}

/* Layouts of chunks: the one or two ranges of positions that a group's rows make. */
static void group_ranges(const struct sequence_groups *groups, int group, struct part ranges[2]) {
    bool zigzag = groups->layout == LAYOUT_ZIGZAG;
    int chunks = zigzag ? 2 * groups->ranks : groups->ranks;
    ranges[0] = chunks_together(groups, chunks, group * groups->ways);
    ranges[1] = (struct part){0};
    if (zigzag) ranges[1] = chunks_together(groups, chunks, chunks - (group + 1) * groups->ways);
}

/* Whether the positions of a group follow one another without a gap. */
static bool without_gaps(const struct sequence_groups *groups) {
    return groups->layout == LAYOUT_CONTIGUOUS || groups->ways == groups->ranks;
}

bool groups_need_room(const struct sequence_groups *groups) {
    return !without_gaps(groups) && (groups->layout == LAYOUT_ZIGZAG || groups->ways > 1);
}

static void list_stripes(const struct sequence_groups *groups, int group, size_t rows, size_t *positions) {
    size_t ranks = (size_t)groups->ranks, ways = (size_t)groups->ways, start = (size_t)group * ways;
    for (size_t row = 0; row < rows; row++)
        positions[row] = row / ways * ranks + start + row % ways;
}

static void list_ranges(const struct sequence_groups *groups, int group, size_t *positions) {
    struct part ranges[2];
    group_ranges(groups, group, ranges);
    for (int i = 0; i < 2; i++)
        for (size_t row = 0; row < ranges[i].count; row++)
            *positions++ = ranges[i].first + row;
}

struct attention_rows groups_positions(const struct sequence_groups *groups, int group, size_t *room) {
    if (without_gaps(groups)) {
        struct part range = chunks_together(groups, groups->ranks, group * groups->ways);
        return (struct attention_rows){.first = range.first, .step = 1};
    }
    if (groups->layout == LAYOUT_STRIPED && groups->ways == 1)
        return (struct attention_rows){.first = (size_t)group, .step = (size_t)groups->ranks};
    if (groups->layout == LAYOUT_STRIPED)
        list_stripes(groups, group, groups_rows(groups, group), room);
    else
        list_ranges(groups, group, room);
    return (struct attention_rows){.positions = room};
}
