/* Convolutions by sequence: which rows of one part outputs of another read, and the messages that bring them;
 * for the sources of this folder only. All local. */
#ifndef PARALLEL_SEQUENCE_HALO_H
#define PARALLEL_SEQUENCE_HALO_H

#include "parallel/schedule_split.h"
#include "parallel/sequence_split.h"

/* Rows of `owner` that outputs of `reader` read, as runs of neighbouring rows by rising position: positions
 * in the sequence. The parts do not overlap. Returns how many runs, at most kernel_size; `runs` may be NULL,
 * and *rows is the rows of all. */
size_t halo_runs(const struct convolution_shape *shape, struct part reader, struct part owner,
                 struct part *runs, size_t *rows);

/* The positions of a rank: all of them unless the sequence is split. */
struct part halo_part(const struct sequence_split *split, int rank);

/* Ranks among which are all that read rows of this one, or that have rows which it reads; itself too. */
struct ranks {
    int first, last;
};
struct ranks halo_ranks(const struct sequence_split *split, int rank, bool readers);

/* Rows that go to, or come from, another rank. */
struct halo {
    int rank;
    size_t rows, count;
    struct part *runs; /* [count], positions */
    float *floats;     /* [batch][rows][width]: the message; NULL where it needs no packing */
};

struct halos {
    size_t count;
    struct halo *halos; /* [count] */
};

/* The messages between `rank` and all others, those that it sends or those that it receives; those without
 * rows are left out. STATUS_NO_MEMORY: destroy takes away what there is. */
enum status halos_create(const struct sequence_split *split, int rank, bool sends, struct halos *made);
void halos_destroy(struct halos *gone);

/* What they take, with a request for each. */
size_t halos_bytes(const struct sequence_split *split, int rank, bool sends);

#endif
