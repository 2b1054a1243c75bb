#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The state on the stack: no allocation that could fail. */
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "experiments/campaign/campaign.h"
#include "experiments/campaign/parameter.h"

/* Words of a hash, separated by a byte that no name or number contains. */
static void add_word(XXH64_state_t *state, const char *word) {
    XXH64_update(state, word, strlen(word));
    XXH64_update(state, "\n", 1);
}

static void add_integer(XXH64_state_t *state, int64_t value) {
    char text[REAL_TEXT_SIZE];
    snprintf(text, sizeof text, "%" PRId64, value);
    add_word(state, text);
}

/* "name\nvalue\n", reals as shortest decimals after rounding to 12 digits. */
static void add_parameter(XXH64_state_t *state, const struct record *values, const struct field *field) {
    char text[REAL_TEXT_SIZE];
    add_word(state, field->name);
    if (field->type == FIELD_INTEGER) {
        add_integer(state, record_integer(values, field->name));
    } else if (field->type == FIELD_REAL) {
        parameter_format_real(record_real(values, field->name), text);
        add_word(state, text);
    } else {
        add_word(state, record_string(values, field->name));
    }
}

/* Hash of the unit over its parameters that have all of `flags`. */
static uint64_t hash_unit(const struct unit *unit, int64_t seed, unsigned flags) {
    const struct schema *schema = &unit->experiment->schema;
    XXH64_state_t state;
    XXH64_reset(&state, 0);
    add_word(&state, schema->name);
    add_integer(&state, seed);
    add_integer(&state, record_integer(unit->values, "repeat"));
    if (!flags) add_integer(&state, schema->version);
    for (const struct field *field = schema->parameters; field->name; field++)
        if ((field->flags & flags) == flags) add_parameter(&state, unit->values, field);
    return XXH64_digest(&state);
}

void unit_identify(struct unit *unit, int64_t seed) {
    snprintf(unit->identity, sizeof unit->identity, "%016" PRIx64, hash_unit(unit, seed, 0));
    unit->data_key = hash_unit(unit, seed, FIELD_DATA);
}

uint64_t curve_hash(const struct experiment *experiment, const struct record *values, int64_t seed,
                    const struct field *vary) {
    XXH64_state_t state;
    XXH64_reset(&state, 0);
    add_word(&state, experiment->schema.name);
    add_integer(&state, seed);
    for (const struct field *field = experiment->schema.parameters; field->name; field++)
        if (field != vary) add_parameter(&state, values, field);
    add_word(&state, vary->name);
    return XXH64_digest(&state);
}
