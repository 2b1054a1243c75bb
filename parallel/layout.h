/* How the rows of a sequence are dealt to ranks. */
#ifndef PARALLEL_LAYOUT_H
#define PARALLEL_LAYOUT_H

#include <stddef.h>

enum sequence_layout {
    LAYOUT_CONTIGUOUS, /* one block a rank; under a causal mask the last rank has almost all the work */
    LAYOUT_ZIGZAG,     /* of 2 P chunks, rank r has chunk r and chunk 2 P - 1 - r: causal work is balanced */
    LAYOUT_STRIPED /* rank r has rows r, r + P, r + 2 P ...: balanced too, with every block half visible */
};

/* Part `part` of `parts` of a sequence. In every layout parts differ by one row at most and rows keep their
 * order. */
struct sequence_part {
    enum sequence_layout layout;
    size_t length;
    int parts, part;
};

/* The whole sequence. */
struct sequence_part sequence_whole(size_t length);

/* Rows of the part; 0 when there are fewer rows than parts. */
size_t sequence_rows(struct sequence_part part);

/* Position in the sequence of row `row` of the part; it grows with the row. */
size_t sequence_position(struct sequence_part part, size_t row);

/* The same for all of its rows: positions[sequence_rows]. */
void sequence_positions(struct sequence_part part, size_t *positions);

/* "contiguous", "zigzag", "striped" in the order of the enumeration, ended by NULL. */
extern const char *const sequence_layout_names[];

#endif
