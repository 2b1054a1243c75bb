/* The ledger for programs. */
#include <jansson.h>
#include <math.h>

#include "analysis/describe.h"
#include "analysis/document.h"
#include "analysis/report.h"
#include "analysis/utf8.h"

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

/* Texts come from files, too, and may have been cut: JSON takes nothing but UTF-8. */
static json_t *text(const char *value) {
    struct document valid;
    json_t *string = NULL;
    if (document_open(&valid) != STATUS_OK) return NULL;
    utf8_print(value, valid.out);
    if (document_end(&valid) == STATUS_OK) string = json_string(valid.text);
    document_clear(&valid);
    return string;
}

static json_t *measurement_to_json(const struct measurement *measurement) {
    bool decides = describe_decides(measurement);
    double precision = measurement->precision > 0 ? measurement->precision : 3 * measurement->tolerance;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "name", text(measurement->name),
                     "prediction", number(measurement->prediction), "tolerance",
                     number(decides ? measurement->tolerance : NAN), "precision",
                     number(decides ? precision : NAN), "value", number(measurement->value), "low",
                     number(measurement->low), "high", number(measurement->high), "unit",
                     text(measurement->unit), "n", (json_int_t)measurement->n);
}

static json_t *row_to_json(const struct ledger_row *row) {
    const struct finding *finding = &row->finding;
    json_t *measurements = json_array();
    int failed = 0;
    for (size_t i = 0; i < finding->measurement_count; i++)
        failed |= json_array_append_new(measurements, measurement_to_json(&finding->measurements[i]));
    json_t *object = json_pack("{s:o, s:o, s:o, s:s, s:o, s:I, s:o}", "id", text(row->claim->id), "statement",
                               text(row->claim->statement), "source", text(row->claim->source), "verdict",
                               verdict_name(row->verdict), "reason", text(finding->reason), "records",
                               (json_int_t)finding->records, "measurements", measurements);
    if (!failed) return object;
    json_decref(object);
    return NULL;
}

enum status report_json(const struct ledger *ledger, FILE *out) {
    json_t *rows = json_array();
    int failed = 0;
    for (size_t i = 0; i < ledger->count; i++)
        failed |= json_array_append_new(rows, row_to_json(&ledger->rows[i]));
    json_t *root = json_pack("{s:i, s:o}", "schema", 1, "claims", rows);
    enum status status = STATUS_OK;
    if (failed || !root)
        status = STATUS_NO_MEMORY;
    else if (json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0 ||
             fputc('\n', out) == EOF || fflush(out) != 0)
        status = STATUS_IO;
    json_decref(root);
    return status;
}
