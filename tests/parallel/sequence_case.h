/* Layers to split, each known whole to every rank with its output on one rank. */
#ifndef TESTS_PARALLEL_SEQUENCE_CASE_H
#define TESTS_PARALLEL_SEQUENCE_CASE_H

#include "parallel/sequence_split.h"

/* Convolutions and recurrent layers, uneven and smaller than the ranks; `kind` and `ranks` are still to be
 * set. */
extern const struct sequence_split sequence_cases[];
extern const size_t sequence_case_count;

struct sequence_problem {
    struct sequence_split split;
    struct random_source weights;
    float *input, *output; /* of the whole */
};

/* For a case that is not refused: standard normal inputs, and what one rank makes of them. */
enum status sequence_problem_create(const struct sequence_split *split, struct sequence_problem *problem);
void sequence_problem_destroy(struct sequence_problem *problem);

/* This rank's part of the input, and room for its part of the output. */
struct sequence_work {
    struct sequence_share in, out;
    float *input, *output;
    size_t inputs, outputs;
};
enum status sequence_work_create(const struct sequence_problem *problem, int rank,
                                 struct sequence_work *work);
void sequence_work_destroy(struct sequence_work *work);

/* Whether all bits of the rank's output are those of one rank. */
bool sequence_work_agrees(const struct sequence_problem *problem, const struct sequence_work *work);

#endif
