/* A campaign file as a small tree that knows its lines, and messages that show them. */
#ifndef EXPERIMENTS_CAMPAIGN_YAML_H
#define EXPERIMENTS_CAMPAIGN_YAML_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/status.h"
#include "experiments/campaign/arena.h"

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

/* Items of a sequence are chained by `next`; so are the values of a mapping, each with its key. */
struct yaml_node {
    enum yaml_kind kind;
    int line, column;            /* from 0 */
    const char *text;            /* scalars */
    bool quoted;                 /* scalars in quotes */
    const struct yaml_node *key; /* values of a mapping: a scalar */
    struct yaml_node *first, *last, *next;
    size_t count; /* items */
};

enum { YAML_MISTAKES_SHOWN = 200 }; /* the others are counted */

/* Where messages go and what they quote. */
struct yaml_source {
    const char *file;
    const char *text;
    size_t length;
    FILE *messages;
    size_t mistakes;
};

/* Counts a mistake at a node's place (NULL: the start of the file) and prints it, compiler style, with the
 * source line. */
void yaml_mistake(struct yaml_source *source, const struct yaml_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same at a line and column from 0. */
void yaml_mistake_at(struct yaml_source *source, int line, int column, const char *text);

/* Whether so many mistakes were found that more need not be looked for. */
bool yaml_has_enough(const struct yaml_source *source);

/* The tree of the file's only document, in the arena, or NULL with the mistakes counted and printed. Depth
 * and size are limited (campaign.h); anchors, aliases and tags are refused, so that a small file stays a
 * small tree. */
const struct yaml_node *yaml_parse(struct yaml_source *source, struct arena *arena);

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);

#endif
