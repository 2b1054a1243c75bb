/* The values of one key under vary or zip: a list, or a range. */
#ifndef EXPERIMENTS_CAMPAIGN_VALUES_H
#define EXPERIMENTS_CAMPAIGN_VALUES_H

#include <stdint.h>

#include "experiments/campaign/yaml.h"

/* One value as text, and the node a mistake in it belongs to. */
struct value_text {
    const char *text;
    const struct yaml_node *node;
};

/* Expands a list as it stands, and {from, to, step} or {from, to, factor} with both ends (from + i step, from
 * factor^i). Mistakes are printed and counted, *count is then 0. STATUS_NO_MEMORY. */
enum status values_expand(const struct yaml_node *node, struct yaml_source *source, struct arena *arena,
                          struct value_text **values, size_t *count);

/* Prints a mistake for every key of a mapping that is not among `known` (ended by NULL) or stands twice. */
void check_keys(struct yaml_source *source, const struct yaml_node *mapping, const char *const *known,
                const char *what);

/* A whole number within bounds; false after printing the mistake. */
bool value_whole(struct yaml_source *source, const struct yaml_node *node, const char *what, int64_t low,
                 int64_t high, int64_t *number);

#endif
