/* Basins of attraction of stored patterns (claims.md HF2): the initial overlap from which half of the
 * retrievals succeed, against load and size, and the overlap that is reached from everywhere. */
#ifndef ANALYSIS_BASINS_H
#define ANALYSIS_BASINS_H

#include "analysis/retrieval.h"

enum {
    BASIN_SIZES_MAX = 12,
    BASIN_LOADS_MAX = 32,
    BASIN_STARTS_MAX = 128, /* at one size and load, and of a map */
    BASIN_STARTS_LEAST = 4  /* or there is no curve to speak of */
};

/* The columns that this reads of the table hopfield_capacity. */
#define BASIN_COLUMNS RETRIEVAL_COLUMNS " repeat"

/* One record. Records of one repeat have the same patterns, whatever they start from. */
struct basin_sample {
    double load, start; /* as asked for */
    double repeat;
    struct pattern_set set;
};

/* One size and load. */
struct basin_point {
    double load;
    size_t starts, sets;     /* different ones */
    double largest_start;    /* initial overlap, */
    double largest_share;    /* the share of success from there, */
    size_t largest_sets;     /* and the sets it is of */
    size_t groups;           /* pattern sets behind the critical overlap */
    struct interval overlap; /* critical; unknown where half success is not within the starts */
};

/* One size, loads rising. */
struct basin_line {
    double neurons;
    size_t count;
    struct basin_point points[BASIN_LOADS_MAX];
    size_t known;          /* points whose critical overlap has bounds */
    struct interval slope; /* of these critical overlaps against load, least squares; of three or more */
    size_t falls;          /* of one to the next by a difference whose 99.9 % interval lies below 0 */
};

/* Mean final overlaps of one size over a grid. */
struct basin_map {
    double neurons;
    size_t columns, rows;
    double loads[BASIN_LOADS_MAX], starts[BASIN_STARTS_MAX]; /* rising */
    double overlaps[BASIN_STARTS_MAX * BASIN_LOADS_MAX];     /* [rows][columns]; NaN where nothing was run */
};

struct basins {
    size_t records, line_count;
    struct basin_line lines[BASIN_SIZES_MAX]; /* rising; those with a load that has enough starts */
    struct basin_map map;                     /* of the size with most cells; without columns: none */
};

/* Measures one rule under asynchronous updates at temperature 0; what the data do not give is unknown.
 * Intervals by bootstrap over pattern sets. STATUS_NO_MEMORY. */
enum status basins_measure(const struct results *results, const char *rule, struct basins *basins);

/* --- steps of it ---------------------------------------------------------------------------------------- */

/* The critical overlap of `count` samples of one size and load, ordered by start: a probit of success against
 * initial overlap about one half, or where all fail below and all succeed above, the gap between. Reorders.
 * replicates[BOOTSTRAP_REPLICATES] are those of the bootstrap with that key, as they were drawn, NaN where
 * there are none. STATUS_NO_MEMORY. */
enum status basin_point_measure(size_t count, struct basin_sample *samples, uint64_t key,
                                struct basin_point *point, double *replicates);

/* All loads of `count` samples of one size, ordered by load and start, that have enough starts, and how the
 * critical overlap goes with them. Reorders. STATUS_NO_MEMORY. */
enum status basin_line_measure(size_t count, struct basin_sample *samples, struct basin_line *line);

/* The map of `count` samples of one size, ordered by load and start: starts that three loads or more have,
 * loads that have half of these starts. Without columns where there are fewer. */
void basin_map_fill(size_t count, const struct basin_sample *samples, struct basin_map *map);

#endif
