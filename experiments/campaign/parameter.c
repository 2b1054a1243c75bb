#include "experiments/campaign/parameter.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_bounds(const struct field *field) {
    return field->minimum != 0 || field->maximum != 0;
}

void parameter_format_real(double value, char text[REAL_TEXT_SIZE]) {
    snprintf(text, REAL_TEXT_SIZE, "%.12g", value);
}

static enum status check_bounds(const struct field *field, double number, const char *text,
                                struct error *error) {
    if (!has_bounds(field) || (number >= field->minimum && number <= field->maximum)) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "%s = %s is outside the bounds %.12g ... %.12g", field->name,
                     text, field->minimum, field->maximum);
}

/* "4096", and what ranges and people write for large ones: "1e6". */
static bool parse_whole(const char *text, int64_t *number) {
    char *end;
    errno = 0;
    *number = strtoimax(text, &end, 10);
    if (end != text && *end == '\0') return errno == 0;
    double real = strtod(text, &end);
    if (end == text || *end != '\0' || !(fabs(real) <= 0x1p53) || real != floor(real)) return false;
    *number = (int64_t)real;
    return true;
}

static enum status read_integer(const struct field *field, const char *text, struct parameter_value *value,
                                struct error *error) {
    if (!parse_whole(text, &value->integer))
        return error_set(error, STATUS_INVALID, "%s takes a whole number%s%s, not '%s'", field->name,
                         field->flags & FIELD_MAX ? " or max" : "",
                         field->flags & FIELD_AUTO ? " or auto" : "", text);
    return check_bounds(field, (double)value->integer, text, error);
}

static enum status read_real(const struct field *field, const char *text, struct parameter_value *value,
                             struct error *error) {
    char *end, rounded[REAL_TEXT_SIZE];
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(number))
        return error_set(error, STATUS_INVALID, "%s takes a number%s, not '%s'", field->name,
                         field->flags & FIELD_AUTO ? " or auto" : "", text);
    parameter_format_real(number, rounded);
    value->real = strtod(rounded, NULL) + 0.0; /* -0 is 0 */
    return check_bounds(field, value->real, text, error);
}

static enum status read_choice(const struct field *field, const char *text, struct error *error) {
    char list[256] = "";
    for (const char *const *choice = field->choices; *choice; choice++) {
        if (strcmp(*choice, text) == 0) return STATUS_OK;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", *choice);
    }
    const char *near = nearest_name(text, field->choices);
    return error_set(error, STATUS_INVALID, "%s is one of %s, not '%s'%s%s%s", field->name, list, text,
                     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

enum status parameter_read(const struct field *field, const char *text, struct parameter_value *value,
                           struct error *error) {
    *value = (struct parameter_value){.word = PARAMETER_VALUE, .text = text};
    if ((field->flags & FIELD_MAX) && strcmp(text, "max") == 0) {
        value->word = PARAMETER_MAX;
        return STATUS_OK;
    }
    if ((field->flags & FIELD_AUTO) && strcmp(text, "auto") == 0) {
        value->word = PARAMETER_AUTO;
        return STATUS_OK;
    }
    switch (field->type) {
    case FIELD_INTEGER:
        return read_integer(field, text, value, error);
    case FIELD_REAL:
        return read_real(field, text, value, error);
    case FIELD_CHOICE:
        return read_choice(field, text, error);
    case FIELD_STRING:
        break;
    }
    return STATUS_OK;
}

enum status parameter_set(struct record *record, const struct field *field,
                          const struct parameter_value *value, int64_t maximum) {
    if (value->word == PARAMETER_AUTO) return STATUS_OK;
    if (value->word == PARAMETER_MAX) return record_set_integer(record, field->name, maximum);
    if (field->type == FIELD_INTEGER) return record_set_integer(record, field->name, value->integer);
    if (field->type == FIELD_REAL) return record_set_real(record, field->name, value->real);
    return record_set_string(record, field->name, value->text);
}

void parameters_describe(const struct record *values, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (const struct field *field = values->schema->parameters; field->name && used < size; field++) {
        char number[REAL_TEXT_SIZE];
        if (record_value(values, field->name)->count == 0) continue;
        bool is_number = field->type == FIELD_INTEGER || field->type == FIELD_REAL;
        if (is_number) parameter_format_real(record_real(values, field->name), number);
        used += (size_t)snprintf(text + used, size - used, "%s%s %s", used ? ", " : "", field->name,
                                 is_number ? number : record_string(values, field->name));
    }
}

/* Levenshtein's distance of two words of at most 63 characters; longer ones are far apart. */
static size_t edit_distance(const char *a, const char *b) {
    enum { LENGTH_MAX = 63 };
    size_t rows = strlen(a), columns = strlen(b), distance[LENGTH_MAX + 1];
    if (rows > LENGTH_MAX || columns > LENGTH_MAX) return SIZE_MAX;
    for (size_t j = 0; j <= columns; j++)
        distance[j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t diagonal = distance[0];
        distance[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]), best = distance[j] + 1;
            diagonal = distance[j];
            if (distance[j - 1] + 1 < best) best = distance[j - 1] + 1;
            distance[j] = replaced < best ? replaced : best;
        }
    }
    return distance[columns];
}

const char *nearest_name(const char *word, const char *const *candidates) {
    const char *nearest = NULL;
    size_t best = strlen(word) / 2 + 1; /* half of the letters wrong is no slip */
    for (; *candidates; candidates++) {
        size_t distance = edit_distance(word, *candidates);
        if (distance >= best) continue;
        best = distance;
        nearest = *candidates;
    }
    return nearest;
}
