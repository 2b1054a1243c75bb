/* A YAML document as a tree whose nodes know their place in the file. Private to this folder. */
#ifndef EXPERIMENTS_CAMPAIGN_TREE_H
#define EXPERIMENTS_CAMPAIGN_TREE_H

#include <stdbool.h>

#include "experiments/campaign/mistakes.h"

enum {
    TREE_ANCHORS_MAX = 100,
    TREE_NODES_MAX = 1 << 20 /* with aliases followed; no file of CAMPAIGN_BYTES_MAX without them has more */
};

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    struct place place;
    size_t weight;      /* nodes of the subtree, aliases followed */
    const char *text;   /* scalars; ends at the first NUL */
    bool plain;         /* scalars: not quoted */
    struct item *first; /* lists and maps */
};

/* An entry of a list (key NULL) or of a map. A node that has an anchor may be the value of several. */
struct item {
    struct node *key, *value;
    struct item *next;
};

/* Builds the tree of the only document of mistakes->text; nodes live in the arena. Anything that YAML or the
 * limits (depth, anchors, nodes) forbid is added to the mistakes; *root is NULL then, and when out of memory.
 */
enum status tree_build(struct mistakes *mistakes, struct arena *arena, struct node **root);

/* "a single value", "a list", "a map". */
const char *node_kind_name(const struct node *node);

#endif
