#include "analysis/compare.h"

#include <math.h>
#include <string.h>

#include "analysis/describe.h"
#include "analysis/document.h"
#include "analysis/selection.h"
#include "core/base/memory.h"

enum { COMPARE_KEY = 0x434d50 };

const char *compare_outcome_name(enum compare_outcome outcome) {
    static const char *const names[] = {"equal", "no difference", "unclear", "different"};
    return names[outcome];
}

/* --- matching --------------------------------------------------------------------------------------- */

static void print_parameter(const struct record *record, const struct field *field, FILE *out) {
    char number[NUMBER_SIZE];
    if (field->type == FIELD_CHOICE || field->type == FIELD_STRING) {
        const char *text = record_string(record, field->name);
        fprintf(out, "%s=%zu:%s\n", field->name, strlen(text), text);
        return;
    }
    number_exact(record_real(record, field->name), number);
    fprintf(out, "%s=%s\n", field->name, number);
}

/* What makes two records the same unit wherever they ran. */
static enum status unit_key(const struct record *record, struct document *key) {
    CHECK(document_open(key));
    fprintf(key->out, "%s\n", record->schema->name);
    for (const struct field *field = record->schema->parameters; field && field->name; field++)
        print_parameter(record, field, key->out);
    fprintf(key->out, "%lld", (long long)record_integer(record, "repeat"));
    return document_end(key);
}

/* An object from keys to places in the table, of completed records. */
static enum status index_table(const struct table *table, json_t **index) {
    *index = json_object();
    if (!*index) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < table->count; i++) {
        if (describe_failed(table->records[i])) continue;
        struct document key;
        enum status status = unit_key(table->records[i], &key);
        if (status == STATUS_OK &&
            json_object_set_new_nocheck(*index, key.text, json_integer((json_int_t)i)) != 0)
            status = STATUS_NO_MEMORY;
        document_clear(&key);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* --- one column of one unit -------------------------------------------------------------------------------
 */

static bool is_measured(const struct schema *schema, const struct field *field) {
    return schema->timed && field->type == FIELD_REAL && field->unit && strcmp(field->unit, "1") != 0;
}

static bool is_compared(const struct schema *schema, const struct field *field) {
    return !is_measured(schema, field) || field->dimension == DIMENSION_SAMPLE ||
           field->dimension == DIMENSION_SCALAR;
}

struct samples {
    size_t count;
    double *values, *picked;
};

struct pair_of_samples {
    struct samples a, b;
};

static double median_of(const struct samples *samples, struct resampler *resampler) {
    for (size_t i = 0; i < samples->count; i++)
        samples->picked[i] = samples->values[resample_one(resampler, samples->count, i)];
    return samples->count > 0 ? statistics_median_in_place(samples->count, samples->picked) : NAN;
}

static void ratio_of_medians(const void *context, struct resampler *resampler, double *values) {
    const struct pair_of_samples *pair = context;
    double a = median_of(&pair->a, resampler), b = median_of(&pair->b, resampler);
    values[0] = a > 0 && b > 0 ? b / a : NAN;
}

static enum status samples_create(const struct record *record, const char *name, struct samples *samples) {
    samples->values = record_numbers(record, name, &samples->count);
    if (!samples->values) return STATUS_NO_MEMORY;
    size_t kept = 0;
    for (size_t i = 0; i < samples->count; i++)
        if (isfinite(samples->values[i])) samples->values[kept++] = samples->values[i];
    samples->count = kept;
    samples->picked = memory_allocate(kept, sizeof *samples->picked);
    return samples->picked ? STATUS_OK : STATUS_NO_MEMORY;
}

static void samples_destroy(struct samples *samples) {
    memory_free(samples->values);
    memory_free(samples->picked);
}

/* The outcome for a difference or ratio whose value is `none` where there is no difference. */
static enum compare_outcome outcome_of(const struct interval *interval, double none) {
    if (isnan(interval->value)) return COMPARE_UNCLEAR;
    if (interval->low_999 > none || interval->high_999 < none) return COMPARE_DIFFERENT;
    bool bounded = isfinite(interval->low) && isfinite(interval->high);
    return bounded && interval->low <= none && none <= interval->high ? COMPARE_NO_DIFFERENCE
                                                                      : COMPARE_UNCLEAR;
}

static enum status compare_pair(const struct pair_of_samples *pair, struct compare_row *row) {
    size_t least = pair->a.count < pair->b.count ? pair->a.count : pair->b.count;
    size_t samples = pair->a.count + pair->b.count;
    row->value_a = statistics_median(pair->a.count, pair->a.values);
    row->value_b = statistics_median(pair->b.count, pair->b.values);
    CHECK(bootstrap_interval(ratio_of_medians, pair, COMPARE_KEY, least, samples, &row->ratio));
    bool equal = pair->a.count == pair->b.count && pair->a.count > 0 &&
                 memcmp(pair->a.values, pair->b.values, pair->a.count * sizeof *pair->a.values) == 0;
    row->outcome = equal ? COMPARE_EQUAL : outcome_of(&row->ratio, 1);
    return STATUS_OK;
}

static enum status compare_measured(struct compare_row *row) {
    struct pair_of_samples pair = {0};
    enum status status = samples_create(row->a, row->field->name, &pair.a);
    if (status == STATUS_OK) status = samples_create(row->b, row->field->name, &pair.b);
    if (status == STATUS_OK) status = compare_pair(&pair, row);
    samples_destroy(&pair.a);
    samples_destroy(&pair.b);
    return status;
}

static bool same_number(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static bool same_value(const struct value *a, const struct value *b, enum field_type type) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (type == FIELD_INTEGER ? a->integers[i] != b->integers[i]
            : type == FIELD_REAL  ? !same_number(a->reals[i], b->reals[i])
                                  : strcmp(a->strings[i], b->strings[i]) != 0)
            return false;
    }
    return true;
}

static void compare_counted(struct compare_row *row) {
    const struct value *a = record_value(row->a, row->field->name),
                       *b = record_value(row->b, row->field->name);
    bool number = row->field->type == FIELD_INTEGER || row->field->type == FIELD_REAL;
    bool shown = number && row->field->dimension == DIMENSION_SCALAR;
    row->value_a = shown ? record_real(row->a, row->field->name) : NAN;
    row->value_b = shown ? record_real(row->b, row->field->name) : NAN;
    row->ratio = interval_unknown(NAN, 0);
    row->outcome = same_value(a, b, row->field->type) ? COMPARE_EQUAL : COMPARE_DIFFERENT;
}

/* --- all of them ------------------------------------------------------------------------------------------
 */

static enum status compare_records(struct comparison *comparison, const struct record *a,
                                   const struct record *b) {
    for (const struct field *field = a->schema->columns; field && field->name; field++) {
        int place = schema_find(b->schema, field->name);
        if (place < 0 || !is_compared(a->schema, field)) continue;
        if (schema_field(b->schema, (size_t)place)->type != field->type) continue;
        struct compare_row *row = &comparison->rows[comparison->row_count];
        *row =
            (struct compare_row){.a = a, .b = b, .field = field, .measured = is_measured(a->schema, field)};
        if (row->measured)
            CHECK(compare_measured(row));
        else
            compare_counted(row);
        comparison->row_count++;
    }
    return STATUS_OK;
}

static enum status compare_tables(struct comparison *comparison, const struct table *a,
                                  const struct table *b) {
    json_t *index;
    enum status status = index_table(b, &index);
    for (size_t i = 0; status == STATUS_OK && i < a->count; i++) {
        if (describe_failed(a->records[i])) continue;
        struct document key;
        status = unit_key(a->records[i], &key);
        const json_t *place = status == STATUS_OK ? json_object_get(index, key.text) : NULL;
        document_clear(&key);
        if (!place) continue;
        comparison->units++;
        status = compare_records(comparison, a->records[i], b->records[json_integer_value(place)]);
    }
    json_decref(index);
    return status;
}

static size_t count_done(const struct results *results) {
    size_t done = 0;
    for (size_t t = 0; t < results->table_count; t++)
        for (size_t r = 0; r < results->tables[t].count; r++)
            done += !describe_failed(results->tables[t].records[r]);
    return done;
}

static size_t most_rows(const struct results *results) {
    size_t rows = 0;
    for (size_t t = 0; t < results->table_count; t++)
        rows += results->tables[t].count * field_table_count(results->tables[t].schema->columns);
    return rows;
}

/* --- summaries --------------------------------------------------------------------------------------------
 */

struct logarithms {
    size_t count;
    double *values;
};

static void mean_logarithm(const void *context, struct resampler *resampler, double *values) {
    const struct logarithms *logarithms = context;
    double sum = 0;
    for (size_t i = 0; i < logarithms->count; i++)
        sum += logarithms->values[resample_one(resampler, logarithms->count, i)];
    values[0] = sum / (double)logarithms->count;
}

/* Limits that the data do not bound stay infinite. */
static double exponential_limit(double logarithm) {
    return isinf(logarithm) ? logarithm : exp(logarithm);
}

static struct interval exponential(struct interval interval) {
    return (struct interval){.value = exp(interval.value),
                             .low = exponential_limit(interval.low),
                             .high = exponential_limit(interval.high),
                             .low_999 = exponential_limit(interval.low_999),
                             .high_999 = exponential_limit(interval.high_999),
                             .n = interval.n};
}

/* Whether a summary of an earlier row is about the same column. */
static bool is_summarised(const struct comparison *comparison, const struct compare_row *row) {
    for (size_t i = 0; i < comparison->summary_count; i++)
        if (comparison->summaries[i].field == row->field) return true;
    return false;
}

static enum status summarise(struct comparison *comparison, const struct compare_row *first,
                             double *scratch) {
    struct logarithms logarithms = {0, scratch};
    for (const struct compare_row *row = first; row < comparison->rows + comparison->row_count; row++)
        if (row->field == first->field && row->ratio.value > 0 && isfinite(row->ratio.value))
            scratch[logarithms.count++] = log(row->ratio.value);
    if (logarithms.count == 0) return STATUS_OK;
    struct compare_summary *summary = &comparison->summaries[comparison->summary_count++];
    summary->experiment = first->a->schema->name;
    summary->field = first->field;
    CHECK(bootstrap_interval(mean_logarithm, &logarithms, COMPARE_KEY, logarithms.count, logarithms.count,
                             &summary->ratio));
    summary->ratio = exponential(summary->ratio);
    summary->outcome = outcome_of(&summary->ratio, 1);
    return STATUS_OK;
}

static enum status summarise_all(struct comparison *comparison) {
    double *scratch = memory_allocate(comparison->row_count, sizeof *scratch);
    enum status status = scratch ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < comparison->row_count && status == STATUS_OK; i++) {
        const struct compare_row *row = &comparison->rows[i];
        if (row->measured && !is_summarised(comparison, row)) status = summarise(comparison, row, scratch);
    }
    memory_free(scratch);
    return status;
}

static size_t most_summaries(const struct results *results) {
    size_t columns = 0;
    for (size_t t = 0; t < results->table_count; t++)
        columns += field_table_count(results->tables[t].schema->columns);
    return columns;
}

/* --- interface --------------------------------------------------------------------------------------------
 */

static bool same_seed(const struct results *a, const struct results *b) {
    const json_t *seed_a = json_object_get(a->provenance, "seed"),
                 *seed_b = json_object_get(b->provenance, "seed");
    return !seed_a || !seed_b || json_equal(seed_a, seed_b);
}

enum status comparison_create(const struct results *a, const struct results *b,
                              struct comparison **comparison) {
    struct comparison *made = *comparison = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->rows = memory_allocate(most_rows(a), sizeof *made->rows);
    made->summaries = memory_allocate(most_summaries(a), sizeof *made->summaries);
    made->same_seed = same_seed(a, b);
    enum status status = made->rows && made->summaries ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t t = 0; t < a->table_count && status == STATUS_OK; t++) {
        const struct table *other = results_table(b, a->tables[t].schema->name);
        if (other) status = compare_tables(made, &a->tables[t], other);
    }
    if (status == STATUS_OK) status = summarise_all(made);
    made->only_a = count_done(a) - made->units;
    made->only_b = count_done(b) - made->units;
    if (status != STATUS_OK) comparison_destroy(comparison);
    return status;
}

void comparison_destroy(struct comparison **comparison) {
    if (!*comparison) return;
    memory_free((*comparison)->rows);
    memory_free((*comparison)->summaries);
    memory_free(*comparison);
    *comparison = NULL;
}
