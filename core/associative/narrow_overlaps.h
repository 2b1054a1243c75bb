/* Overlaps of a large network in 16 bits, which nearly all of them need, and by how much those that do not
 * are larger: sums over set bits then take half as long as in 32 bits, and are as exact. */
#ifndef CORE_ASSOCIATIVE_NARROW_OVERLAPS_H
#define CORE_ASSOCIATIVE_NARROW_OVERLAPS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

struct narrow_overlaps;

/* Room for `words` times 64 overlaps, all 0. STATUS_NO_MEMORY. */
enum status narrow_overlaps_create(size_t words, struct narrow_overlaps **narrow);
void narrow_overlaps_destroy(struct narrow_overlaps **narrow);

double narrow_overlaps_bytes(size_t words);

/* Takes over overlaps[words * 64], whatever their values. */
void narrow_overlaps_set(struct narrow_overlaps *narrow, const int32_t *overlaps);

/* sums[r] = the sum of the overlaps over the bits that are set in rows[r][words], r < count. */
void narrow_overlaps_sum(const struct narrow_overlaps *narrow, size_t count, const uint64_t *const *rows,
                         int64_t *sums);

#endif
