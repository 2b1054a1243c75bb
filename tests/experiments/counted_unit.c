#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "counted_unit.h"

void counted_unit_run(struct team *team, struct record *record, uint64_t key) {
    const struct experiment *experiment = experiment_named(record->schema->name);
    struct record *values;
    struct error error = {STATUS_OK, ""};
    if (experiment->resolve)
        assert_int_equal(experiment->resolve(record, &(struct resources){1, 1}, &error), STATUS_OK);
    assert_int_equal(record_copy(record, &values), STATUS_OK);
    struct point point = {values, key};
    struct estimate estimate = experiment->estimate(&point);
    size_t before = memory_in_use();
    memory_reset_high_water();
    enum status status = experiment->run(&point, team, record, &error);
    if (status != STATUS_OK) fail_msg("%s", error.text);
    double used = (double)(memory_high_water() - before);
    if (used > estimate.bytes_per_rank || used < 0.05 * estimate.bytes_per_rank)
        fail_msg("%.0f bytes used, %.0f estimated", used, estimate.bytes_per_rank);
    record_destroy(&values);
    for (const struct field *column = record->schema->columns; column->name; column++)
        assert_true(record_value(record, column->name)->count > 0);
}
