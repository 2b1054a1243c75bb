/* The ledger for programs. */
#include <math.h>

#include "analysis/json.h"
#include "analysis/report.h"

/* A text as it is, a number with its limits (null: none), null for nothing. */
static json_t *cell_to_json(const struct table_cell *cell) {
    if (*cell->text) return json_text(cell->text);
    if (isnan(cell->value)) return json_null();
    return json_pack("{s:o, s:o, s:o}", "value", json_finite(cell->value), "low", json_finite(cell->low),
                     "high", json_finite(cell->high));
}

static json_t *table_row_to_json(const struct finding_table *table, const struct table_row *row) {
    json_t *cells = json_array();
    int failed = 0;
    for (size_t c = 0; c < table->column_count; c++)
        failed |= json_array_append_new(cells, cell_to_json(&row->cells[c]));
    json_t *object = json_pack("{s:o, s:o}", "name", json_text(row->name), "cells", cells);
    if (!failed) return object;
    json_decref(object);
    return NULL;
}

static json_t *table_to_json(const struct finding_table *table) {
    json_t *columns = json_array(), *rows = json_array();
    int failed = 0;
    for (size_t c = 0; c < table->column_count; c++)
        failed |= json_array_append_new(columns, json_text(table->heads[c]));
    for (size_t r = 0; r < table->row_count; r++)
        failed |= json_array_append_new(rows, table_row_to_json(table, &table->rows[r]));
    json_t *object = json_pack("{s:o, s:o, s:o, s:o, s:o}", "name", json_text(table->name), "title",
                               json_text(table->title), "caption", json_text(table->caption), "columns",
                               columns, "rows", rows);
    if (!failed) return object;
    json_decref(object);
    return NULL;
}

static json_t *row_to_json(const struct ledger_row *row) {
    const struct finding *finding = &row->finding;
    json_t *measurements = json_array(), *tables = json_array();
    int failed = 0;
    for (size_t i = 0; i < finding->measurement_count; i++)
        failed |= json_array_append_new(measurements, json_measurement(&finding->measurements[i]));
    for (size_t i = 0; i < finding->table_count; i++)
        failed |= json_array_append_new(tables, table_to_json(&finding->tables[i]));
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:s, s:o, s:I, s:o, s:o}", "id", json_text(row->claim->id), "statement",
                  json_text(row->claim->statement), "source", json_text(row->claim->source), "verdict",
                  verdict_name(row->verdict), "reason", json_text(finding->reason), "records",
                  (json_int_t)finding->records, "measurements", measurements, "tables", tables);
    if (!failed) return object;
    json_decref(object);
    return NULL;
}

enum status report_json(const struct ledger *ledger, FILE *out) {
    json_t *rows = json_array();
    int failed = 0;
    for (size_t i = 0; i < ledger->count; i++)
        failed |= json_array_append_new(rows, row_to_json(&ledger->rows[i]));
    if (failed) {
        json_decref(rows);
        return STATUS_NO_MEMORY;
    }
    return json_write(json_pack("{s:i, s:o}", "schema", 2, "claims", rows), out);
}
