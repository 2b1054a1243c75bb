/* One attention problem, known whole to every rank, and what a schedule makes of a rank's share of it. */
#ifndef TESTS_PARALLEL_ATTENTION_CASE_H
#define TESTS_PARALLEL_ATTENTION_CASE_H

#include "parallel/schedule.h"

struct attention_case {
    const char *name;
    size_t batch, heads, kv_heads, length, head_width;
    enum attention_mask_kind kind;
    size_t window;
    bool ragged; /* key lengths differ from item to item; the last item has none at all */
    float scale; /* 0: the usual one */
};

/* The cases every schedule must pass (if it does not refuse the shape), ended by one whose name is NULL. */
extern const struct attention_case attention_cases[];

struct attention_problem {
    struct attention_shape shape;
    struct attention_mask mask;
    size_t key_lengths[8];
    float scale;
    float *queries, *keys, *values; /* of the whole */
};

/* Standard normal inputs, the same on every rank. */
enum status problem_create(const struct attention_case *test_case, struct attention_problem *problem);
void problem_destroy(struct attention_problem *problem);

/* One rank's share of a problem, and its results. */
struct attention_work {
    struct attention_share share;
    float *queries, *keys, *values, *output, *log_sum_exp;
    struct split_traffic traffic;
};

enum status work_create(const struct attention_problem *problem, struct attention_share share,
                        struct attention_work *work);

/* The problem's split over `ranks` ranks with contiguous rows, the schedule's grid and log-sum-exps wanted.
 */
struct attention_split problem_split(const struct attention_problem *problem, int ranks);
void work_destroy(struct attention_work *work);

/* Creates a run of the schedule for this split of the problem, passes once, destroys it. Log-sum-exps that
 * the split does not want are not asked for. Collective over the team. */
enum status work_pass(const struct schedule *schedule, struct team *team,
                      const struct attention_problem *problem, const struct attention_split *split,
                      struct attention_work *work);

/* The largest difference from float64 over the share: of outputs, and of sums of exponentials relative to the
 * larger of 1 and their size. A row that differs in whether it sees any key counts as infinitely wrong. */
double work_error(const struct attention_problem *problem, const struct attention_work *work);

/* The same of the outputs alone. */
double work_output_error(const struct attention_problem *problem, const struct attention_work *work);

/* What rounding of scores leaves of such an error. */
double problem_tolerance(const struct attention_problem *problem);

size_t work_output_count(const struct attention_problem *problem, const struct attention_work *work);

#endif
