/* Tables, records and folders for the tests of this folder. */
#ifndef TESTS_RESULTS_SAMPLE_H
#define TESTS_RESULTS_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "results/store.h"

/* A counted experiment with every type and dimension, and a small timed one. */
extern const struct schema sample_schema, sample_timed_schema;

/* Record number `number`, always the same: done for most numbers, failed with half its columns for some;
 * extreme and missing numbers, empty and awkward texts, arrays of every length from 0. */
struct record *sample_record(const struct schema *schema, uint64_t number);

/* Results with records 0 .. count - 1 of both schemas and a provenance. */
struct results *sample_results(size_t count);

/* Whether both hold the same records, in whatever order. */
bool sample_results_equal(const struct results *a, const struct results *b);

/* The record of that number's identity, or NULL. */
const struct record *sample_find(const struct results *results, const struct schema *schema, uint64_t number);

/* A new folder; "FOLDER/name" in static storage, good for four calls; the folder's removal with all in it. */
const char *sample_folder(void);
const char *sample_path(const char *folder, const char *name);
void sample_remove(const char *folder);

/* A file's bytes (memory_free them). */
char *sample_load(const char *path, size_t *size);
void sample_save(const char *path, const char *bytes, size_t size);

#endif
