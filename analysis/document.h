/* Files of a report: each appears whole or not at all. Private to this folder. */
#ifndef ANALYSIS_DOCUMENT_H
#define ANALYSIS_DOCUMENT_H

#include <stdio.h>

#include "core/base/status.h"

/* A text that grows in memory: print to `out`, then close. */
struct document {
    FILE *out;
    char *text;
    size_t size;
};

/* STATUS_NO_MEMORY. */
enum status document_open(struct document *document);

/* Ends the printing; `text` and `size` are valid then, until document_clear. STATUS_NO_MEMORY: something did
 * not fit. */
enum status document_end(struct document *document);

void document_clear(struct document *document);

/* Writes bytes as FOLDER/NAME: a temporary file beside it, then a rename. STATUS_IO with a sentence that
 * names the file; the old one is then what it was. */
enum status document_save(const char *folder, const char *name, const char *bytes, size_t size,
                          struct error *error);

/* Creates a folder and those above it. STATUS_IO. */
enum status document_folder(const char *path, struct error *error);

#endif
