/* How keys lie for additive scores. */
#ifndef CORE_KERNELS_SCORE_H
#define CORE_KERNELS_SCORE_H

/* Keys whose scores of one query are computed together: [width][SCORE_GROUP]. Enough independent sums to hide
 * a division behind the next. */
enum { SCORE_GROUP = 64 };

#endif
