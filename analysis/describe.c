#include "analysis/describe.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Appends to a text of that size; what does not fit is cut off. */
static void append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...) {
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

/* --- provenance ------------------------------------------------------------------------------------- */

const char *describe_provenance(const struct results *results, const char *key) {
    const char *text = json_string_value(json_object_get(results->provenance, key));
    return text ? text : "";
}

static void append_value(const json_t *value, char *text, size_t size) {
    char number[NUMBER_SIZE];
    if (json_is_string(value))
        append(text, size, "%s", json_string_value(value));
    else if (json_is_integer(value))
        append(text, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value)) {
        number_rounded(json_real_value(value), number);
        append(text, size, "%s", number);
    } else if (json_is_boolean(value))
        append(text, size, "%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_array(value)) {
        size_t i;
        const json_t *element;
        json_array_foreach(value, i, element) {
            if (i > 0) append(text, size, ", ");
            if (!json_is_array(element)) append_value(element, text, size);
        }
    }
}

void describe_value(const json_t *value, char *text, size_t size) {
    text[0] = '\0';
    append_value(value, text, size);
}

void describe_size(const struct results *results, char *text, size_t size) {
    static const struct {
        const char *key, *before, *unit;
    } parts[] = {{"jobsize", "", "rank"}, {"threads", " x ", "thread"}, {"numhosts", " on ", "host"}};
    text[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *value = json_object_get(results->provenance, parts[i].key);
        if (!json_is_integer(value)) continue;
        long long count = json_integer_value(value);
        append(text, size, "%s%lld %s%s", parts[i].before, count, parts[i].unit, count == 1 ? "" : "s");
    }
}

/* --- warnings --------------------------------------------------------------------------------------- */

bool describe_failed(const struct record *record) {
    return strcmp(record_string(record, "status"), "done") != 0;
}

static size_t count_failed(const struct results *results) {
    size_t failed = 0;
    for (size_t t = 0; t < results->table_count; t++)
        for (size_t r = 0; r < results->tables[t].count; r++)
            failed += describe_failed(results->tables[t].records[r]);
    return failed;
}

/* The stamps of all sources, each sentence once. */
static void say_stamps(const struct results *results, void (*say)(const char *sentence, void *context),
                       void *context) {
    json_t *seen = json_object();
    for (size_t s = 0; s < results->source_count || s == 0; s++) {
        const json_t *from = results->source_count > 0 ? results->provenances[s] : results->provenance;
        const json_t *stamps = json_object_get(from, "stamps"), *stamp;
        size_t i;
        json_array_foreach(stamps, i, stamp) {
            const char *sentence = json_string_value(stamp);
            if (!sentence || json_object_get(seen, sentence)) continue;
            if (seen) json_object_set_new(seen, sentence, json_true());
            say(sentence, context);
        }
    }
    json_decref(seen);
}

/* Units that the runs behind the files left for later. */
static long long count_pending(const struct results *results) {
    long long pending = 0;
    for (size_t s = 0; s < results->source_count; s++)
        pending += json_integer_value(json_object_get(results->provenances[s], "units_pending"));
    return pending;
}

void describe_warnings(const struct results *results, void (*say)(const char *sentence, void *context),
                       void *context) {
    char text[160];
    say_stamps(results, say, context);
    if (results->unfinished) say("unfinished: a journal was read, the run is going on or broke off", context);
    if (results->damaged_entries > 0) {
        snprintf(text, sizeof text, "damaged journal: %zu entries could not be read and were left out",
                 results->damaged_entries);
        say(text, context);
    }
    long long pending = count_pending(results);
    if (pending > 0 && !results->unfinished) {
        snprintf(text, sizeof text, "incomplete: %lld unit%s of the campaign %s pending", pending,
                 pending == 1 ? "" : "s", pending == 1 ? "is" : "are");
        say(text, context);
    }
    size_t failed = count_failed(results);
    if (failed > 0) {
        snprintf(text, sizeof text, "%zu unit%s failed; no row rests on %s", failed, failed == 1 ? "" : "s",
                 failed == 1 ? "it" : "them");
        say(text, context);
    }
}

static void append_parameter(const struct record *record, const struct field *field, char *text,
                             size_t size) {
    char number[NUMBER_SIZE];
    if (field->type == FIELD_CHOICE || field->type == FIELD_STRING) {
        append(text, size, "%s=%s", field->name, record_string(record, field->name));
        return;
    }
    number_rounded(record_real(record, field->name), number);
    append(text, size, "%s=%s", field->name, number);
}

void describe_unit(const struct record *record, char *text, size_t size) {
    text[0] = '\0';
    append(text, size, "%s: ", record->schema->name);
    for (const struct field *field = record->schema->parameters; field && field->name; field++) {
        append_parameter(record, field, text, size);
        append(text, size, ", ");
    }
    append(text, size, "repeat %lld", (long long)record_integer(record, "repeat"));
}

/* --- rows ------------------------------------------------------------------------------------------- */

bool describe_decides(const struct measurement *measurement) {
    return !isnan(measurement->prediction);
}

bool describe_is_measured(const struct measurement *measurement) {
    return !isnan(measurement->value);
}

void describe_quantity(const struct measurement *measurement, char text[DESCRIBE_QUANTITY_SIZE]) {
    bool pure = *measurement->unit == '\0' || strcmp(measurement->unit, "1") == 0;
    text[0] = '\0';
    append(text, DESCRIBE_QUANTITY_SIZE, "%s", measurement->name);
    if (!pure) append(text, DESCRIBE_QUANTITY_SIZE, " (%s)", measurement->unit);
}

void describe_prediction(const struct measurement *measurement, char text[NUMBER_INTERVAL_SIZE]) {
    char first[NUMBER_SIZE], second[NUMBER_SIZE];
    double prediction = measurement->prediction, tolerance = measurement->tolerance;
    text[0] = '\0';
    if (!describe_decides(measurement)) return;
    switch (measurement->criterion) {
    case CRITERION_AT_MOST:
        number_rounded(prediction + tolerance, first);
        append(text, NUMBER_INTERVAL_SIZE, "<= %s", first);
        return;
    case CRITERION_AT_LEAST:
        number_rounded(prediction - tolerance, first);
        append(text, NUMBER_INTERVAL_SIZE, ">= %s", first);
        return;
    case CRITERION_WITHIN:
        number_rounded(prediction - tolerance, first);
        number_rounded(prediction + tolerance, second);
        append(text, NUMBER_INTERVAL_SIZE, "%s ... %s", first, second);
        return;
    default:
        number_rounded(prediction, first);
        number_rounded(tolerance, second);
        if (tolerance > 0)
            append(text, NUMBER_INTERVAL_SIZE, "%s +- %s", first, second);
        else
            append(text, NUMBER_INTERVAL_SIZE, "= %s", first);
    }
}

void describe_why(const struct ledger_row *row, char *text, size_t size) {
    static const struct {
        enum standing standing;
        const char *one, *many;
    } words[] = {{STANDING_MISSES, "misses", "miss"},
                 {STANDING_BORDERLINE, "is borderline", "are borderline"},
                 {STANDING_NOISY, "is too noisy", "are too noisy"},
                 {STANDING_UNMEASURED, "is not measured", "are not measured"}};
    const struct finding *finding = &row->finding;
    size_t counts[STANDING_COUNT] = {0}, all = 0;
    for (size_t i = 0; i < finding->measurement_count; i++) {
        if (!describe_decides(&finding->measurements[i])) continue;
        counts[verdict_standing(&finding->measurements[i])]++;
        all++;
    }
    if (all == 0) {
        snprintf(text, size, "nothing measured");
        return;
    }
    size_t agree = counts[STANDING_AGREES], length;
    length = (size_t)snprintf(text, size, "%zu of %zu agree%s", agree, all, agree == 1 ? "s" : "");
    for (size_t i = 0; i < sizeof words / sizeof *words && length < size; i++) {
        size_t count = counts[words[i].standing];
        if (count > 0)
            length += (size_t)snprintf(text + length, size - length, ", %zu %s", count,
                                       count == 1 ? words[i].one : words[i].many);
    }
}

bool describe_is_untouched(const struct ledger_row *row, const struct results *results) {
    const struct claim_source *source = row->claim->sources;
    if (source->experiment == NULL) return false;
    for (; source->experiment != NULL; source++) {
        const struct table *table = results_table(results, source->experiment);
        if (table != NULL && table->count > 0) return false;
    }
    return true;
}

bool describe_has_value(const struct ledger_row *row) {
    for (size_t i = 0; i < row->finding.measurement_count; i++)
        if (describe_is_measured(&row->finding.measurements[i])) return true;
    return false;
}

void describe_tally(const struct ledger *ledger, char *text, size_t size) {
    size_t counts[VERDICT_COUNT] = {0};
    for (size_t i = 0; i < ledger->count; i++)
        counts[ledger->rows[i].verdict]++;
    text[0] = '\0';
    for (int v = 0; v < VERDICT_COUNT; v++)
        if (counts[v] > 0)
            append(text, size, "%s%zu %s", *text ? ", " : "", counts[v], verdict_name((enum verdict)v));
}
