/* Plots for tests, what is printed of them, and whether gnuplot draws them. */
#ifndef TESTS_ANALYSIS_PLOT_FIXTURE_H
#define TESTS_ANALYSIS_PLOT_FIXTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/plot.h"

/* A plot without series, named "test"; free it. */
struct plot *plot_fixture_new(void);
void plot_fixture_free(struct plot *plot);

/* The text of `print`, to be freed. */
char *plot_fixture_print(const struct plot *plot, void (*print)(const struct plot *, FILE *));

/* Whether gnuplot is installed. */
bool plot_fixture_gnuplot(void);

/* Fails unless gnuplot draws the plot with a whole key; without gnuplot the test is skipped. */
void plot_fixture_draws(const struct plot *plot);

/* How often `part` is in the text. */
size_t plot_fixture_count(const char *text, const char *part);

#endif
