/* What the rows on attention that is split over ranks have in common: the schedules, which records are of one
 * problem, what must leave a rank, and which times mean something. */
#ifndef ANALYSIS_ATTENTION_SPLIT_H
#define ANALYSIS_ATTENTION_SPLIT_H

#include <stdbool.h>

#include "analysis/selection.h"

/* The ways to split, by the name in the column schedule_used, in the order of plots and sentences. */
enum { SPLIT_SCHEDULES = 6 };
extern const char *const split_schedules[SPLIT_SCHEDULES];

/* Rows that compare schedules need these two; the others are decided too where they ran. Every campaign has
 * them, and they are the two ends: nothing leaves a rank, or every block does. */
bool split_schedule_is_needed(size_t schedule);

/* Fields in which records of one problem agree: shape, mask, inputs. Ended by NULL. */
extern const char *const split_problem_fields[];

/* Whether the record ran under that schedule, asked for or chosen. */
bool split_ran_under(const struct record *record, size_t schedule);

/* Rows of the sequence that are born on a rank. */
double split_rows(const struct record *record, double rank);

/* Bytes of float32 that must leave `rank`, in the closed form of AP1, written here once more so that it does
 * not share a mistake with what is measured. With c = B d S / P:
 *   heads               0: inputs are born on their head's rank
 *   ring                2 H_kv d B (S - rows of the next rank), which is 2 H_kv c (P-1) if P divides S
 *   allgather           2 H_kv d B (own rows) (P-1), the same then
 *   ulysses             (2 H + 2 H_kv) c (P-1)/P                     if P divides S, H and H_kv
 *   hybrid, P = U R     (2 H + 2 H_kv) c (U-1)/U + 2 H_kv c    if P divides S, and U divides H and H_kv
 *   tiles, P = a b      2 H c (b-1) + 2 H_kv c (a-1) + (b-1) B H S/P if P divides S
 * In tiles b ranks share out the keys of one query: queries are gathered over b ranks and partial outputs,
 * with a log-sum-exp a row, sent back to where they belong; keys and values are gathered over a ranks.
 * NaN where the form does not apply. */
double split_bytes(const struct record *record, size_t schedule, double rank);

/* Mean over maximum of the visible pairs of the ranks when a causal mask lies over rows that are dealt in the
 * record's layout: diagonal and uneven parts included. */
double split_causal_efficiency(const struct record *record);

/* Cores of all hosts of the run; NaN when its provenance does not tell. */
double split_cores(const struct results *results);

/* Whether times of the record mean something: a core for every thread, and nothing disturbed them. */
bool split_times_count(const struct record *record, double cores);

#endif
