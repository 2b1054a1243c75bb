/* First fields of up to HOPFIELD_LANES states at once, for Hebb's rule with couplings in 8 bits: from the
 * overlaps with the patterns, round the couplings. */
#ifndef CORE_ASSOCIATIVE_BATCH_FIELDS_H
#define CORE_ASSOCIATIVE_BATCH_FIELDS_H

#include "core/associative/packed_rows.h"
#include "core/associative/patterns.h"
#include "core/kernels/hopfield_row.h"

/* Small batches cost as much in first fields as large ones; those at the end keep all threads busy. */
enum { HOPFIELD_BATCH_LEAST = 8 };

/* Both orders of the bits of the patterns, packed; shared by threads. */
struct packed_patterns {
    const struct patterns *patterns;
    struct packed_rows *by_neuron, *by_pattern;
};

/* STATUS_NO_MEMORY; what was allocated then is left to packed_patterns_clear. */
enum status packed_patterns_fill(const struct patterns *patterns, struct packed_patterns *packed);
void packed_patterns_clear(struct packed_patterns *packed);
double packed_patterns_bytes(size_t neurons, size_t patterns);

/* One thread's memory for a batch. */
struct batch_fields;

/* STATUS_NO_MEMORY. */
enum status batch_fields_create(const struct packed_patterns *packed, struct batch_fields **batch);
void batch_fields_destroy(struct batch_fields **batch);
double batch_fields_bytes(size_t neurons, size_t patterns);

/* Takes over spins[count][neurons], count <= HOPFIELD_LANES, and computes their overlaps. */
void batch_fields_begin(struct batch_fields *batch, size_t count, const int8_t *spins);

/* The overlaps of one state: that with pattern mu at [mu / 64 * BATCH_FIELDS_STRIDE + mu % 64]. Whoever
 * changes them tells the state's new spins[neurons]. */
enum { BATCH_FIELDS_STRIDE = HOPFIELD_LANES * HOPFIELD_TILE };
int32_t *batch_fields_overlaps(struct batch_fields *batch, size_t state);
void batch_fields_change(struct batch_fields *batch, size_t state, const int8_t *spins);

/* Computes the fields from the overlaps. */
void batch_fields_compute(struct batch_fields *batch, size_t count);

/* Those of one state, H_i[neurons] of state_half.c, with a bound on their magnitudes; NULL: 16 bits might not
 * have held what was added up. */
const int16_t *batch_fields_halves(const struct batch_fields *batch, size_t state, int32_t *largest);

/* sum_i s_i N h_i = sum_mu M_mu^2 - P N of each state, exactly. */
void batch_fields_alignments(struct batch_fields *batch, size_t count, const int8_t *spins,
                             int64_t *alignments);

#endif
