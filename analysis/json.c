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

enum status json_write(json_t *root, FILE *out) {
    if (root == NULL) return STATUS_NO_MEMORY;
    bool failed = json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0;
    failed |= fputc('\n', out) == EOF || fflush(out) != 0;
    json_decref(root);
    return failed ? STATUS_IO : STATUS_OK;
}
