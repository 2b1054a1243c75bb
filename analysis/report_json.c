/* The ledger for programs. */
#include <math.h>

#include "analysis/describe.h"
#include "analysis/json.h"
#include "analysis/report.h"

static json_t *measurement_to_json(const struct measurement *measurement) {
    bool decides = describe_decides(measurement);
    double precision = measurement->precision > 0 ? measurement->precision : 3 * measurement->tolerance;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "name", json_text(measurement->name),
                     "prediction", json_finite(measurement->prediction), "tolerance",
                     json_finite(decides ? measurement->tolerance : NAN), "precision",
                     json_finite(decides ? precision : NAN), "value", json_finite(measurement->value), "low",
                     json_finite(measurement->low), "high", json_finite(measurement->high), "unit",
                     json_text(measurement->unit), "n", (json_int_t)measurement->n);
}

static json_t *row_to_json(const struct ledger_row *row) {
    const struct finding *finding = &row->finding;
    json_t *measurements = json_array();
    int failed = 0;
    for (size_t i = 0; i < finding->measurement_count; i++)
        failed |= json_array_append_new(measurements, measurement_to_json(&finding->measurements[i]));
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:s, s:o, s:I, s:o}", "id", json_text(row->claim->id), "statement",
                  json_text(row->claim->statement), "source", json_text(row->claim->source), "verdict",
                  verdict_name(row->verdict), "reason", json_text(finding->reason), "records",
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
    if (failed) {
        json_decref(rows);
        return STATUS_NO_MEMORY;
    }
    return json_write(json_pack("{s:i, s:o}", "schema", 1, "claims", rows), out);
}
