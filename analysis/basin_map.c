#include <math.h>

#include "analysis/basins.h"

enum { LOADS_LEAST = 3 };

/* Loads that have this start; samples are ordered by load. */
static size_t loads_with(size_t count, const struct basin_sample *samples, double start) {
    size_t loads = 0;
    double counted = NAN;
    for (size_t i = 0; i < count; i++) {
        if (samples[i].start != start || samples[i].load == counted) continue;
        counted = samples[i].load;
        loads++;
    }
    return loads;
}

static size_t row_of(const struct basin_map *map, double start) {
    size_t row = 0;
    while (row < map->rows && map->starts[row] != start)
        row++;
    return row;
}

/* Puts a start among the rows, which rise. */
static void insert_row(struct basin_map *map, double start) {
    size_t place = map->rows++;
    for (; place > 0 && map->starts[place - 1] > start; place--)
        map->starts[place] = map->starts[place - 1];
    map->starts[place] = start;
}

static void find_rows(size_t count, const struct basin_sample *samples, struct basin_map *map) {
    double refused[BASIN_STARTS_MAX];
    size_t refused_count = 0;
    for (size_t i = 0; i < count && map->rows < BASIN_STARTS_MAX; i++) {
        double start = samples[i].start;
        bool known = row_of(map, start) < map->rows;
        for (size_t k = 0; k < refused_count && !known; k++)
            known = refused[k] == start;
        if (known) continue;
        if (loads_with(count, samples, start) >= LOADS_LEAST)
            insert_row(map, start);
        else if (refused_count < BASIN_STARTS_MAX)
            refused[refused_count++] = start;
    }
}

/* The cells of one load as the next column, which stays if it has half of the rows. */
static void add_column(size_t count, const struct basin_sample *samples, struct basin_map *map) {
    double sums[BASIN_STARTS_MAX] = {0}, trials[BASIN_STARTS_MAX] = {0};
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        size_t row = row_of(map, samples[i].start);
        if (row == map->rows) continue;
        sums[row] += samples[i].set.overlap;
        trials[row] += samples[i].set.trials;
    }
    for (size_t row = 0; row < map->rows; row++) {
        filled += trials[row] > 0;
        map->overlaps[row * BASIN_LOADS_MAX + map->columns] = sums[row] / trials[row];
    }
    if (2 * filled >= map->rows && filled > 1) map->loads[map->columns++] = samples[0].load;
}

/* From rows of BASIN_LOADS_MAX to rows of as many columns as there are. */
static void close_up(struct basin_map *map) {
    for (size_t row = 0; row < map->rows; row++)
        for (size_t column = 0; column < map->columns; column++)
            map->overlaps[row * map->columns + column] = map->overlaps[row * BASIN_LOADS_MAX + column];
}

void basin_map_fill(size_t count, const struct basin_sample *samples, struct basin_map *map) {
    *map = (struct basin_map){.neurons = samples[0].set.neurons};
    find_rows(count, samples, map);
    if (map->rows < 2) return;
    for (size_t first = 0, last; first < count && map->columns < BASIN_LOADS_MAX; first = last) {
        for (last = first; last < count && samples[last].load == samples[first].load;)
            last++;
        add_column(last - first, samples + first, map);
    }
    close_up(map);
    if (map->columns < 2) map->columns = 0;
}
