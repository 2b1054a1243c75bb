/* Which rows of one part of a sequence the convolution's outputs of another part read; for the sources of
 * this folder only. All local. */
#ifndef PARALLEL_SEQUENCE_HALO_H
#define PARALLEL_SEQUENCE_HALO_H

#include "core/sequence/sequence.h"
#include "parallel/schedule_split.h"

/* Rows of `owner` that outputs of `reader` read, as runs of neighbouring rows by rising position: positions
 * in the sequence. The parts do not overlap. Returns how many runs, at most kernel_size; `runs` may be NULL,
 * and *rows is the rows of all. */
size_t halo_runs(const struct convolution_shape *shape, struct part reader, struct part owner,
                 struct part *runs, size_t *rows);

#endif
