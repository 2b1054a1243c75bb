#include "analysis/json.h"

#include <math.h>

#include "analysis/document.h"
#include "analysis/utf8.h"

json_t *json_finite(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_text(const char *value) {
    struct document valid;
    json_t *string = NULL;
    if (document_open(&valid) != STATUS_OK) return NULL;
    utf8_print(value, valid.out);
    if (document_end(&valid) == STATUS_OK) string = json_string(valid.text);
    document_clear(&valid);
    return string;
}

/* The part that decides. */
static bool add_rule(const struct measurement *measurement, json_t *object) {
    double precision = verdict_precision(measurement);
    json_t *rule =
        json_pack("{s:o, s:s, s:i, s:s}", "tolerance", json_finite(measurement->tolerance), "criterion",
                  criterion_name(measurement->criterion), "definition", measurement->definition, "standing",
                  standing_name(verdict_standing(measurement)));
    bool failed = json_object_update(object, rule) != 0;
    json_decref(rule);
    if (!isnan(precision)) failed |= json_object_set_new(object, "precision", json_finite(precision)) != 0;
    return !failed;
}

json_t *json_measurement(const struct measurement *measurement) {
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "name", json_text(measurement->name),
                  "unit", json_text(measurement->unit), "prediction", json_finite(measurement->prediction),
                  "value", json_finite(measurement->value), "low", json_finite(measurement->low), "high",
                  json_finite(measurement->high), "low_999", json_finite(measurement->low_999), "high_999",
                  json_finite(measurement->high_999), "n", (json_int_t)measurement->n);
    if (object == NULL || isnan(measurement->prediction) || add_rule(measurement, object)) return object;
    json_decref(object);
    return NULL;
}

enum status json_write(json_t *root, FILE *out) {
    if (root == NULL) return STATUS_NO_MEMORY;
    bool failed = json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0;
    failed |= fputc('\n', out) == EOF || fflush(out) != 0;
    json_decref(root);
    return failed ? STATUS_IO : STATUS_OK;
}
