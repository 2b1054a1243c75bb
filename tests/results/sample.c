#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/base/random.h"

static const char *const rules[] = {"hebb", "pseudo_inverse", NULL};

static const struct field parameters[] = {
    {.name = "neurons", .type = FIELD_INTEGER, .unit = "1", .flags = FIELD_DATA, .description = "Neurons"},
    {.name = "load",
     .type = FIELD_REAL,
     .unit = "1",
     .flags = FIELD_DATA,
     .description = "Patterns per neuron"},
    {.name = "rule", .type = FIELD_CHOICE, .unit = "1", .choices = rules, .description = "Learning rule"},
    {.name = NULL}};

static const struct field columns[] = {
    {.name = "sweeps", .type = FIELD_INTEGER, .unit = "1", .description = "Sweeps"},
    {.name = "energy", .type = FIELD_REAL, .unit = "J", .description = "Energy, größer is \"worse\""},
    {.name = "note", .type = FIELD_STRING, .unit = "1", .description = "Any text"},
    {.name = "overlap",
     .type = FIELD_REAL,
     .dimension = DIMENSION_TRIAL,
     .unit = "1",
     .description = "Overlap"},
    {.name = "flips",
     .type = FIELD_INTEGER,
     .dimension = DIMENSION_TRIAL,
     .unit = "1",
     .description = "Flips"},
    {.name = "bytes",
     .type = FIELD_INTEGER,
     .dimension = DIMENSION_RANK,
     .unit = "byte",
     .description = "Sent"},
    {.name = "image", .type = FIELD_REAL, .dimension = DIMENSION_PIXEL, .unit = "1", .description = "Pixels"},
    {.name = NULL}};

static const struct field timed_columns[] = {{.name = "seconds",
                                              .type = FIELD_REAL,
                                              .dimension = DIMENSION_SAMPLE,
                                              .unit = "s",
                                              .description = "Time"},
                                             {.name = NULL}};

const struct schema sample_schema = {"recall", "Recalls, with \"quotes\"", 3, parameters, columns, false};
const struct schema sample_timed_schema = {"stopwatch", "Times", 1, NULL, timed_columns, true};

/* --- records ------------------------------------------------------------------------------------------ */

static uint64_t draw(uint64_t number, uint64_t index, uint64_t bound) {
    return random_below(random_source(number, RANDOM_CHOICE, 0), index, bound);
}

static int64_t draw_integer(uint64_t number, uint64_t index) {
    static const int64_t awkward[] = {INT64_MIN, INT64_MAX, INT64_MIN + 1, 0, -1};
    uint64_t choice = draw(number, index, 10);
    return choice < 5 ? awkward[choice] : (int64_t)random_bits(random_source(number, RANDOM_NOISE, 1), index);
}

static double draw_real(uint64_t number, uint64_t index) {
    static const double awkward[] = {NAN, INFINITY, -INFINITY, -0.0, 5e-324, 1.7976931348623157e308, 0.1};
    uint64_t choice = draw(number, index, 14);
    if (choice < 7) return awkward[choice];
    double value;
    uint64_t bits = random_bits(random_source(number, RANDOM_NOISE, 2), index);
    memcpy(&value, &bits, sizeof value);
    return value;
}

static const char *draw_text(uint64_t number, uint64_t index) {
    static const char *const awkward[] = {"",
                                          "a \"quoted\", text",
                                          "two\nlines\r\n",
                                          "κόσμε 🜨",
                                          "\x01\x7f\\u0041",
                                          "{\"schema\": 1}",
                                          "0123456789abcdef {}",
                                          " ",
                                          "nan"};
    return awkward[draw(number, index, sizeof awkward / sizeof *awkward)];
}

/* The arrays of one dimension have one length; a failed record holds only some of them. */
static void set_arrays(struct record *record, const struct field *fields, uint64_t number, bool done) {
    for (size_t f = 0; fields[f].name; f++) {
        enum field_dimension dimension = fields[f].dimension;
        if (dimension == DIMENSION_SCALAR || !done) continue;
        size_t count = draw(number, 100 + dimension, 6);
        int64_t integers[6] = {0};
        double reals[6] = {0};
        for (size_t i = 0; i < count; i++) {
            integers[i] = draw_integer(number, 1000 * f + i);
            reals[i] = draw_real(number, 1000 * f + i);
        }
        if (fields[f].type == FIELD_REAL)
            assert_int_equal(record_set_reals(record, fields[f].name, count, reals), STATUS_OK);
        else
            assert_int_equal(record_set_integers(record, fields[f].name, count, integers), STATUS_OK);
    }
}

static void set_scalars(struct record *record, uint64_t number, bool done) {
    assert_int_equal(record_set_integer(record, "neurons", draw_integer(number, 1)), STATUS_OK);
    assert_int_equal(record_set_real(record, "load", draw_real(number, 2)), STATUS_OK);
    assert_int_equal(record_set_string(record, "rule", rules[draw(number, 3, 2)]), STATUS_OK);
    assert_int_equal(record_set_string(record, "note", draw_text(number, 4)), STATUS_OK);
    if (!done) return;
    assert_int_equal(record_set_integer(record, "sweeps", draw_integer(number, 5)), STATUS_OK);
    assert_int_equal(record_set_real(record, "energy", draw_real(number, 6)), STATUS_OK);
}

static void identity_of(uint64_t number, char text[24]) {
    snprintf(text, 24, "%016llx", (unsigned long long)(number * 0x9e3779b97f4a7c15u));
}

struct record *sample_record(const struct schema *schema, uint64_t number) {
    struct record *record;
    char identity[24];
    bool done = number % 5 != 3;
    identity_of(number, identity);
    assert_int_equal(record_create(schema, &record), STATUS_OK);
    assert_int_equal(record_set_string(record, "identity", identity), STATUS_OK);
    assert_int_equal(record_set_integer(record, "repeat", (int64_t)number), STATUS_OK);
    assert_int_equal(record_set_string(record, "status", done ? "done" : "failed"), STATUS_OK);
    if (!done) assert_int_equal(record_set_string(record, "reason", draw_text(number, 7)), STATUS_OK);
    if (schema == &sample_schema) set_scalars(record, number, done);
    set_arrays(record, schema->columns, number, done);
    return record;
}

struct results *sample_results(size_t count) {
    struct results *results;
    assert_int_equal(results_create(&results), STATUS_OK);
    json_decref(results->provenance);
    results->provenance =
        json_pack("{s:i, s:s, s:s, s:b, s:f, s:[s, s], s:[], s:s}", "seed", 7, "machine_fingerprint", "m",
                  "build_fingerprint", "b", "git_dirty", 1, "ratio", 0.1, "cmdline", "engram", "run β",
                  "stamps", "campaign_text", "");
    assert_non_null(results->provenance);
    for (size_t i = 0; i < 2 * count; i++) {
        struct record *record = sample_record(i % 2 ? &sample_timed_schema : &sample_schema, i / 2);
        assert_int_equal(results_add(results, record), STATUS_OK);
        record_destroy(&record);
    }
    return results;
}

const struct record *sample_find(const struct results *results, const struct schema *schema,
                                 uint64_t number) {
    char identity[24];
    identity_of(number, identity);
    const struct table *table = results_table(results, schema->name);
    for (size_t r = 0; table && r < table->count; r++)
        if (strcmp(record_string(table->records[r], "identity"), identity) == 0) return table->records[r];
    return NULL;
}

static bool holds(const struct table *table, const struct record *record) {
    for (size_t r = 0; r < table->count; r++)
        if (record_equal(table->records[r], record)) return true;
    return false;
}

bool sample_results_equal(const struct results *a, const struct results *b) {
    if (a->table_count != b->table_count) return false;
    for (size_t t = 0; t < a->table_count; t++) {
        const struct table *other = results_table(b, a->tables[t].schema->name);
        if (!other || other->count != a->tables[t].count) return false;
        for (size_t r = 0; r < other->count; r++)
            if (!holds(other, a->tables[t].records[r])) return false;
    }
    return true;
}

/* --- files -------------------------------------------------------------------------------------------- */

const char *sample_folder(void) {
    static char folder[200];
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/engram-results-XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(folder));
    return folder;
}

const char *sample_path(const char *folder, const char *name) {
    static char paths[4][400];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void sample_remove(const char *folder) {
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

char *sample_load(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = memory_allocate(*size, 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

void sample_save(const char *path, const char *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}
