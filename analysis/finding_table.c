#include "analysis/finding_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/base/memory.h"

/* Digits of a number that stands alone. */
enum { DIGITS = 4 };

void table_add_column(struct finding_table *table, const char *head) {
    if (table == NULL || table->column_count == TABLE_COLUMNS_MAX) return;
    snprintf(table->heads[table->column_count], sizeof table->heads[0], "%s", head);
    table->column_count++;
}

struct table_row *table_add_row(struct finding_table *table, const char *name, ...) {
    if (table == NULL || table->row_count == TABLE_ROWS_MAX) return NULL;
    struct table_row *row = &table->rows[table->row_count++];
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        row->cells[i] = (struct table_cell){.value = NAN, .low = NAN, .high = NAN};
    va_list arguments;
    va_start(arguments, name);
    vsnprintf(row->name, sizeof row->name, name, arguments);
    va_end(arguments);
    return row;
}

void table_set_text(struct table_row *row, size_t column, const char *text) {
    if (row == NULL || column >= TABLE_COLUMNS_MAX) return;
    snprintf(row->cells[column].text, sizeof row->cells[column].text, "%s", text);
}

void table_set_number(struct table_row *row, size_t column, double value) {
    if (row == NULL || column >= TABLE_COLUMNS_MAX) return;
    row->cells[column] = (struct table_cell){.value = value, .low = NAN, .high = NAN};
}

void table_set_interval(struct table_row *row, size_t column, const struct interval *interval) {
    if (row == NULL || column >= TABLE_COLUMNS_MAX) return;
    row->cells[column] =
        (struct table_cell){.value = interval->value, .low = interval->low, .high = interval->high};
}

void table_cell_text(const struct table_cell *cell, char text[NUMBER_INTERVAL_SIZE]) {
    if (*cell->text)
        snprintf(text, NUMBER_INTERVAL_SIZE, "%s", cell->text);
    else if (isnan(cell->value))
        snprintf(text, NUMBER_INTERVAL_SIZE, "-");
    else if (isnan(cell->low) || isnan(cell->high))
        number_significant(cell->value, DIGITS, text);
    else
        number_with_interval(cell->value, cell->low, cell->high, text);
}

void table_clear(struct finding_table *table) {
    memory_free(table->rows);
    *table = (struct finding_table){0};
}
