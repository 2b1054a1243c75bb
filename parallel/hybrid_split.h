/* Attention shared out by heads within groups of ranks and by blocks of rows between them: what schedules of
 * this kind answer without computing; for the sources of this folder only. All local.
 *
 * P = U R ranks; group r is the consecutive ranks r U .. r U + U - 1, so that on hosts with U ranks or a
 * multiple the all-to-all, which is exposed, stays within a host. Rows are born as the layout deals them to P
 * ranks. In a group they are exchanged for heads, then blocks of the groups' keys and values go round R ranks
 * with the same heads, and outputs are exchanged back (Fang and Zhao 2024, USP). U = 1 is the ring, U = P the
 * all-to-all. `ways` is U. */
#ifndef PARALLEL_HYBRID_SPLIT_H
#define PARALLEL_HYBRID_SPLIT_H

#include "parallel/schedule.h"

/* NULL, or why this cannot be; `ways` need not divide the ranks. */
const char *hybrid_refuses(const struct attention_split *split, int ways);

struct attention_share hybrid_share(const struct attention_split *split, int rank);

/* head_exchange_elements and ring_pass_elements together. When everything divides evenly and
 * c = B d S / P: (2 H + 2 H_kv) c (U - 1) / U + 2 H_kv c (R - 1), as in claims.md AP1, and B H (S / P) (U -
 * 1) / U for log-sum-exps that are wanted. */
uint64_t hybrid_elements_sent(const struct attention_split *split, int ways, int rank);

/* The most of any rank. */
uint64_t hybrid_elements_of_busiest(const struct attention_split *split, int ways);

/* The exchange there and back, copying and merging, and the slowest group's blocks: of each the larger of
 * computing it, by the rank with most heads, and bringing the next one. Between processes of one host, where
 * messages are copies that the computing cores make themselves, that is too little by the
 * ring's bytes over the bandwidth: half a percent with 4096 rows a rank. */
double hybrid_seconds(const struct attention_split *split, int ways, const struct attention_mask *mask,
                      const struct schedule_rates *rates);

#endif
