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

void plot_clear(struct plot *plot) {
    for (size_t i = 0; i < plot->series_count; i++)
        series_clear(&plot->series[i]);
    plot->series_count = 0;
    memory_free(plot->pixels);
    plot->pixels = NULL;
}
