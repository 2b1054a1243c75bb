/* The rows of consecutive ranks taken together; for the sources of this folder only. */
#ifndef PARALLEL_SEQUENCE_GROUP_H
#define PARALLEL_SEQUENCE_GROUP_H

#include <stdbool.h>

#include "core/attention/attention.h"
#include "parallel/layout.h"

/* A sequence that is dealt to `ranks` ranks, of which groups of `ways` consecutive ones (a divisor) put their
 * rows together, in the order of their positions: group g is the ranks g * ways .. g * ways + ways - 1. */
struct sequence_groups {
    enum sequence_layout layout;
    size_t length;
    int ranks, ways;
};

int groups_count(const struct sequence_groups *groups);

/* Rows of all ranks of group `group`. */
size_t groups_rows(const struct sequence_groups *groups, int group);

/* In all layouts groups have at most three different numbers of rows. */
enum { GROUP_SIZES_MAX = 3 };

/* Writes the different numbers of rows, without 0, and returns how many they are. */
int groups_sizes(const struct sequence_groups *groups, size_t sizes[GROUP_SIZES_MAX]);

/* Whether groups_positions needs room. */
bool groups_need_room(const struct sequence_groups *groups);

/* Positions of the group's rows as a mask wants them; written to room[groups_rows] when it takes a list. */
struct attention_rows groups_positions(const struct sequence_groups *groups, int group, size_t *room);

#endif
