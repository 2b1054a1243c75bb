/* Costs of attention and of the layers it is compared with, at equal width, batch and number of threads
 * (claims.md CX6). */
#ifndef ANALYSIS_CROSSOVER_H
#define ANALYSIS_CROSSOVER_H

#include "analysis/scaling.h"
#include "analysis/theory.h"

enum {
    KERNEL_SIZES_MAX = 3,
    RIVALS_MAX = RIVAL_CONVOLUTION + KERNEL_SIZES_MAX,
    COMPARISONS_MAX = 16 /* widths, batches and numbers of threads */
};

/* What attention is compared with. */
struct rival {
    enum theory_rival kind;
    double kernel_size; /* of a convolution, else 0 */
    char name[32];
};

/* One comparison: attention and rivals of one width, batch and number of threads. */
struct comparison {
    const struct record *attention; /* one of the records */
    double width, batch, threads;
    size_t lengths; /* records of attention */
    size_t rival_count;
    struct rival rivals[RIVALS_MAX];
};

/* All that the results have. */
struct comparisons {
    size_t count;
    struct comparison at[COMPARISONS_MAX];
    const struct comparison *best; /* with the most rivals, among equals the most records; NULL: none */
};

/* One of the four ways to compare: core or whole layer, work or time. */
struct aspect {
    bool layer, time;
    const char *attention[4], *rival[2]; /* columns to add up, ended by NULL */
};

enum {
    CROSSOVER_CORE_WORK,
    CROSSOVER_LAYER_WORK,
    CROSSOVER_CORE_TIME,
    CROSSOVER_LAYER_TIME,
    CROSSOVER_ASPECTS
};

extern const struct aspect crossover_aspects[CROSSOVER_ASPECTS];

/* Groups of attention records (no mask, one rank, all heads their own keys) at three lengths or more that
 * have a rival. STATUS_NO_MEMORY. */
enum status crossover_find(const struct results *results, struct comparisons *comparisons);

/* The cost against the length, of attention and of a rival; clear it with sweep_clear. STATUS_NO_MEMORY. */
enum status crossover_attention(const struct results *results, const struct comparison *comparison,
                                const struct aspect *aspect, struct sweep *sweep);
enum status crossover_rival(const struct results *results, const struct comparison *comparison,
                            const struct rival *rival, const struct aspect *aspect, struct sweep *sweep);

#endif
