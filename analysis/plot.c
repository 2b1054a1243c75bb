#include "analysis/plot.h"

#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"

static double *copy_numbers(size_t count, const double *numbers) {
    double *copy = memory_allocate(count, sizeof *copy);
    if (copy && count > 0) memcpy(copy, numbers, count * sizeof *copy);
    return copy;
}

static void series_clear(struct series *series) {
    memory_free(series->x);
    memory_free(series->y);
    memory_free(series->low);
    memory_free(series->high);
    *series = (struct series){0};
}

struct series *plot_add(struct plot *plot, const char *label, enum plot_style style, int colour, size_t count,
                        const double *x, const double *y, const double *low, const double *high) {
    if (plot->series_count == PLOT_SERIES_MAX) return NULL;
    struct series *series = &plot->series[plot->series_count];
    *series = (struct series){.style = style, .colour = colour, .count = count};
    snprintf(series->label, sizeof series->label, "%s", label);
    bool bars = low && high;
    series->x = copy_numbers(count, x);
    series->y = copy_numbers(count, y);
    if (bars) {
        series->low = copy_numbers(count, low);
        series->high = copy_numbers(count, high);
    }
    if (!series->x || !series->y || (bars && (!series->low || !series->high))) {
        series_clear(series);
        return NULL;
    }
    plot->series_count++;
    return series;
}

static void map_clear(struct plot_map *map) {
    memory_free(map->x);
    memory_free(map->y);
    memory_free(map->values);
    *map = (struct plot_map){0};
}

enum status plot_set_map(struct plot *plot, const char *label, double low, double high, size_t columns,
                         const double *x, size_t rows, const double *y, const double *values) {
    struct plot_map *map = &plot->map;
    map_clear(map);
    *map = (struct plot_map){.low = low, .high = high, .columns = columns, .rows = rows};
    snprintf(map->label, sizeof map->label, "%s", label);
    map->x = copy_numbers(columns, x);
    map->y = copy_numbers(rows, y);
    map->values = copy_numbers(rows * columns, values);
    if (map->x && map->y && map->values) return STATUS_OK;
    map_clear(map);
    return STATUS_NO_MEMORY;
}

enum status plot_set_classes(struct plot *plot, size_t class_count, const char *const *names, size_t columns,
                             const double *x, size_t rows, const double *y, const double *values) {
    if (class_count > PLOT_CLASSES_MAX) class_count = PLOT_CLASSES_MAX;
    CHECK(plot_set_map(plot, "class", 0, class_count > 1 ? (double)class_count - 1 : 1, columns, x, rows, y,
                       values));
    plot->map.class_count = class_count;
    for (size_t i = 0; i < class_count; i++)
        snprintf(plot->map.classes[i], sizeof plot->map.classes[i], "%s", names[i]);
    return STATUS_OK;
}

void plot_unlist(struct plot *plot) {
    if (plot && plot->series_count > 0) plot->series[plot->series_count - 1].unlisted = true;
}

void plot_add_slope(struct plot *plot, int colour, double exponent, double factor, double low, double high) {
    if (!plot || plot->slope_count == PLOT_SLOPES_MAX) return;
    plot->slopes[plot->slope_count++] = (struct plot_slope){exponent, factor, low, high, colour};
}

struct plot_row *plot_add_row(struct plot *plot, const char *name) {
    if (!plot->rows) plot->rows = memory_allocate(PLOT_ROWS_MAX, sizeof *plot->rows);
    if (!plot->rows || plot->row_count == PLOT_ROWS_MAX) return NULL;
    struct plot_row *row = &plot->rows[plot->row_count++];
    snprintf(row->name, sizeof row->name, "%s", name);
    return row;
}

void plot_clear(struct plot *plot) {
    for (size_t i = 0; i < plot->series_count; i++)
        series_clear(&plot->series[i]);
    plot->series_count = 0;
    map_clear(&plot->map);
    memory_free(plot->rows);
    plot->rows = NULL;
    plot->row_count = 0;
    memory_free(plot->pixels);
    plot->pixels = NULL;
}
