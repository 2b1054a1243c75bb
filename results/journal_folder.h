/* What is where in R.h5.journal/. Private to this folder. */
#ifndef RESULTS_JOURNAL_FOLDER_H
#define RESULTS_JOURNAL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/status.h"

/* The journal folder of a result file, and a file in it; memory_free them. NULL: out of memory. */
char *journal_folder(const char *result_path);
char *journal_path(const char *result_path, const char *name);
char *journal_rank_path(const char *result_path, int rank);

#define JOURNAL_PROVENANCE "provenance.json"
#define JOURNAL_LOCK       "lock"

/* As journal_exists, but says when it could not look. */
enum status journal_look(const char *result_path, bool *exists, struct error *error);

/* Names of the ranks' files in the folder, in order; none when there is no folder. */
struct journal_names {
    size_t count;
    struct dirent **entries;
};

enum status journal_rank_files(const char *result_path, struct journal_names *names, struct error *error);
void journal_names_free(struct journal_names *names);

#endif
