/* The tables of experiments, claims and shapes agree with each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/claim.h"
#include "experiments/experiment.h"

/* Calls `check` with each word of a list separated by spaces. */
static void for_each_word(const char *list, const struct schema *schema,
                          void (*check)(const char *word, const struct schema *schema)) {
    while (*list) {
        char word[64];
        size_t length = strcspn(list, " ");
        assert_true(length > 0 && length < sizeof word);
        memcpy(word, list, length);
        word[length] = '\0';
        check(word, schema);
        list += length;
        while (*list == ' ')
            list++;
    }
}

static void assert_is_field(const char *word, const struct schema *schema) {
    if (schema_find(schema, word) < 0) fail_msg("%s has no field '%s'", schema->name, word);
}

static void claims_read_columns_that_exist(void **state) {
    (void)state;
    for (const struct claim *const *c = claims(); *c; c++) {
        assert_non_null((*c)->sources[0].experiment);
        for (const struct claim_source *source = (*c)->sources; source->experiment; source++) {
            const struct experiment *experiment = experiment_named(source->experiment);
            if (!experiment) fail_msg("%s reads %s, which is no experiment", (*c)->id, source->experiment);
            for_each_word(source->columns, &experiment->schema, assert_is_field);
        }
    }
}

static void claims_have_names_of_their_own(void **state) {
    (void)state;
    for (const struct claim *const *a = claims(); *a; a++)
        for (const struct claim *const *b = a + 1; *b; b++)
            assert_string_not_equal((*a)->id, (*b)->id);
}

static void assert_table_is_sound(const struct schema *schema, const struct field *fields) {
    for (const struct field *field = fields; field->name; field++) {
        size_t same = 0;
        for (size_t i = 0; i < schema_field_count(schema); i++)
            same += strcmp(schema_field(schema, i)->name, field->name) == 0;
        assert_int_equal(same, 1);
        assert_non_null(field->unit);
        assert_true(strlen(field->description) > 10);
        assert_true((field->type == FIELD_CHOICE) == (field->choices != NULL));
        assert_true(field->minimum <= field->maximum);
    }
}

static void field_tables_are_sound(void **state) {
    (void)state;
    for (const struct experiment *const *e = experiments(); *e; e++) {
        const struct schema *schema = &(*e)->schema;
        assert_true(schema->version >= 1);
        assert_int_equal(schema->timed, (*e)->kind == EXPERIMENT_TIMED);
        assert_table_is_sound(schema, schema->parameters);
        assert_table_is_sound(schema, schema->columns);
        for (const struct field *field = schema->parameters; field->name; field++)
            assert_int_equal(field->dimension, DIMENSION_SCALAR);
    }
}

static void shapes_set_parameters_that_exist(void **state) {
    (void)state;
    for (const struct shape *shape = shapes; shape->name; shape++) {
        const struct experiment *experiment = experiment_named(shape->experiment);
        assert_non_null(experiment);
        for (const char *const(*setting)[2] = shape->settings; (*setting)[0]; setting++)
            assert_is_field((*setting)[0], &experiment->schema);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_read_columns_that_exist),
        cmocka_unit_test(claims_have_names_of_their_own),
        cmocka_unit_test(field_tables_are_sound),
        cmocka_unit_test(shapes_set_parameters_that_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
