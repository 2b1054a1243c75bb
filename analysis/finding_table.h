/* A table of figures that a claim hands to all reports. */
#ifndef ANALYSIS_FINDING_TABLE_H
#define ANALYSIS_FINDING_TABLE_H

#include "analysis/number.h"
#include "analysis/statistics.h"

enum { TABLE_COLUMNS_MAX = 8, TABLE_ROWS_MAX = 32 };

/* A text, or if that is empty a number with its 95 % limits; limits NaN: the number alone; NaN: none. */
struct table_cell {
    char text[24];
    double value, low, high;
};

struct table_row {
    char name[40];
    struct table_cell cells[TABLE_COLUMNS_MAX];
};

struct finding_table {
    char name[48]; /* for programs */
    char title[120];
    char caption[600];
    char row_head[24], heads[TABLE_COLUMNS_MAX][24]; /* of the names, of the cells */
    size_t column_count, row_count;
    struct table_row *rows; /* [TABLE_ROWS_MAX], owned by it */
};

/* The next column's head; a column too many is dropped. */
void table_add_column(struct finding_table *table, const char *head);

/* The next row, its cells without numbers; its name is printf-style. NULL: the table is NULL or full. */
struct table_row *table_add_row(struct finding_table *table, const char *name, ...)
    __attribute__((format(printf, 2, 3)));

/* Fill a cell. A NULL row or a column that is not there: nothing. */
void table_set_text(struct table_row *row, size_t column, const char *text);
void table_set_number(struct table_row *row, size_t column, double value);
void table_set_interval(struct table_row *row, size_t column, const struct interval *interval);

/* What a cell shows; "-" where there is nothing. */
void table_cell_text(const struct table_cell *cell, char text[NUMBER_INTERVAL_SIZE]);

/* Frees what the table owns. */
void table_clear(struct finding_table *table);

#endif
