/* One array brought together from several ranks, rows in increasing position order; for the sources of this
 * folder only. */
#ifndef PARALLEL_ROW_GATHER_H
#define PARALLEL_ROW_GATHER_H

#include "parallel/exchange.h"
#include "parallel/schedule.h"
#include "parallel/row_union.h"

/* Set the first group, then create. The sets are heads of batch items. */
struct row_gather {
    const struct row_union *rows;
    int first, step, own; /* member m is rank first + m * step; the member that is this rank */
    int tag;
    size_t sets, width;

    /* Rows arrive where they belong in `all`: a single set, and at most two runs of rows a member. There are
     * two of `all` then, since one is read while the other one fills. */
    bool in_place;
    float *arrived;       /* else: the other members' blocks, one after the other */
    const float **blocks; /* [members] of [sets][member's rows][width]; NULL: they are in place */
    float *all[2];        /* both NULL: this rank is the only member, so its block is all */
    int filling;
};

/* STATUS_NO_MEMORY; then destroy it all the same. Local. */
enum status row_gather_create(struct row_gather *made);
void row_gather_destroy(struct row_gather *gone);

/* Messages that row_gather_start adds at most, coming and going. */
int row_gather_messages(int members);

/* Floats that row_gather_create takes at most for so many members of `rows` rows each, beside a pointer a
 * member. */
size_t row_gather_floats(int members, size_t rows, size_t sets, size_t width);

/* Adds the messages that bring the others' blocks here and this rank's block `own` to them. `own` must stay
 * until the exchange is finished and the rows are taken. */
void row_gather_start(struct row_gather *gather, struct exchange *exchange, const float *own);

/* [sets][rows][width] in order, once the exchange is finished, to be read until it is finished again; of a
 * single member its own block itself. */
const float *row_gather_rows(struct row_gather *gather);

#endif
