/* The rows of several ranks as one block in increasing position order, as masks want them; for the sources of
 * this folder only. All local. */
#ifndef PARALLEL_ROW_UNION_H
#define PARALLEL_ROW_UNION_H

#include "parallel/schedule.h"

/* Rows of a member that stay together in the union. */
struct row_run {
    size_t member_row, row, count;
};

struct row_union {
    int members;
    size_t rows;          /* of all members together */
    size_t *positions;    /* [rows], increasing */
    size_t *member_rows;  /* [members] */
    size_t *first_run;    /* [members + 1]: member m has the runs first_run[m] .. first_run[m + 1] - 1 */
    struct row_run *runs; /* of one member after the other */
};

/* The rows of the ranks first, first + step ... of the split. STATUS_NO_MEMORY; then destroy it all the same.
 */
enum status row_union_create(struct row_union *made, const struct attention_split *split, int first, int step,
                             int members);
void row_union_destroy(struct row_union *gone);

/* Bytes that row_union_create takes at most. */
size_t row_union_bytes(const struct attention_split *split, int members);

/* The members' blocks [sets][member_rows[m]][width] into all[sets][rows][width], except where blocks[m] is
 * NULL. OpenMP threads. */
void row_union_collect(const struct row_union *rows, size_t sets, size_t width, const float *const *blocks,
                       float *all);

/* One member's rows of all[sets][rows][width] into block[sets][member_rows[member]][width]. */
void row_union_deal(const struct row_union *rows, int member, size_t sets, size_t width, const float *all,
                    float *block);

#endif
