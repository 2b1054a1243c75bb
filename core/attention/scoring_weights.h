/* A scorer's arrays. Shared by the sources of scoring only. */
#ifndef CORE_ATTENTION_SCORING_WEIGHTS_H
#define CORE_ATTENTION_SCORING_WEIGHTS_H

#include "core/attention/scoring.h"

struct scorer {
    struct scorer_shape shape;
    size_t inner;                /* terms of a score: the width, or the rank */
    float *of_queries, *of_keys; /* [width][inner]: what they are multiplied with; NULL: with nothing */
    float *sum;                  /* [inner]: v of additive scores, else NULL */
    float *queries, *keys;       /* [queries][inner], [keys][inner]: the products; NULL: there are none */
    float *groups; /* [groups][inner][SCORE_GROUP]: powers of the keys for additive scores, else NULL */
    float *rows;   /* [queries][SCORE_GROUP]: scores of the last group, which may not be full */
};

#endif
