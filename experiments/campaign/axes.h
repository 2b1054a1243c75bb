/* What one entry of a campaign's experiments varies: axes, whose product are its points. */
#ifndef EXPERIMENTS_CAMPAIGN_AXES_H
#define EXPERIMENTS_CAMPAIGN_AXES_H

#include "experiments/campaign/campaign.h"
#include "experiments/campaign/parameter.h"
#include "experiments/campaign/yaml.h"

/* A parameter's value and where it was written. */
struct setting {
    const struct field *field;
    struct parameter_value value;
    bool from_shape; /* a shape's values give way to explicit ones */
    struct setting *next;
};

/* What is set together at one place of an axis. */
struct step {
    struct setting *settings;
    struct step *next;
};

struct axis {
    struct step *steps, *last;
    size_t count;
    struct axis *next;
};

/* The axes of one entry in the order of the file: `set` gives axes of one step, each key of `vary` an axis,
 * `zip` one for all of its keys. */
struct axes {
    struct axis *first, *last;
};

/* Reads shape, set, vary and zip of an entry. Every mistake is printed and counted in the source; with a
 * mistake, or STATUS_NO_MEMORY, the axes are not to be used. */
enum status axes_read(const struct yaml_node *entry, const struct experiment *experiment,
                      struct yaml_source *source, struct arena *arena, struct axes *axes);

#endif
