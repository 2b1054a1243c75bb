/* Writes sample results to the file named, for readers that are not ours: full, failed-only and empty tables.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "sample.h"

int main(int count, char **arguments) {
    struct error error = {STATUS_OK, ""};
    if (count != 2) return 2;
    struct results *results = sample_results(1000);
    struct schema failed = sample_schema;
    failed.name = "failed_only";
    struct record *record = sample_record(&sample_schema, 3);
    record->schema = &failed;
    enum status status = results_add(results, record);
    if (status == STATUS_OK) status = results_write(results, arguments[1], &error);
    if (status != STATUS_OK) fprintf(stderr, "%s\n", error.text);
    record_destroy(&record);
    results_destroy(&results);
    return status == STATUS_OK ? 0 : 1;
}
