/* A campaign file and the units it stands for. */
#ifndef EXPERIMENTS_CAMPAIGN_CAMPAIGN_H
#define EXPERIMENTS_CAMPAIGN_CAMPAIGN_H

#include <stdio.h>

#include "experiments/campaign/curves.h"
#include "experiments/experiment.h"

enum {
    CAMPAIGN_BYTES_MAX = 1 << 20,
    CAMPAIGN_DEPTH_MAX = 16,
    CAMPAIGN_UNITS_MAX = 1000 * 1000, /* take about 1.5 GB on every rank */
    IDENTITY_SIZE = 17                /* 16 hexadecimal digits and the end */
};

/* One piece of work: a resolved point, a repeat, an identity. */
struct unit {
    const struct experiment *experiment;
    struct record *values; /* parameters, repeat and identity; the record that run() completes */
    uint64_t data_key;
    char identity[IDENTITY_SIZE];
    int ranks; /* the team it asks for; 0: the run's choice */
    struct estimate estimate;
    bool left_out; /* while a shard or an experiment is selected */
    size_t place;  /* then: where the unit goes */
};

struct campaign {
    char *name;
    int64_t seed;
    char *text; /* the file as read */
    size_t text_length;
    size_t unit_count;
    struct unit
        *units; /* in the file's order, each identity once; then those that refining added, by round */
    struct curves curves; /* whose thresholds are refined */
};

/* Reads a whole file of at most CAMPAIGN_BYTES_MAX bytes; "-" is standard input. */
enum status campaign_read_text(const char *path, char **text, size_t *length, struct error *error);

/* Parses, validates and expands. Every mistake goes to `messages`, compiler style (file:line:column, the
 * source line, the nearest valid name, the allowed bounds); with any, STATUS_INVALID and *campaign = NULL.
 * Local, pure: all ranks get the same units from the same text and resources. */
enum status campaign_parse(const char *file_name, const char *text, size_t length,
                           const struct resources *resources, FILE *messages, struct campaign **campaign);
void campaign_destroy(struct campaign **campaign);

/* The point of a unit, valid as long as the unit. */
struct point unit_point(const struct unit *unit);

/* Identity and data key of resolved parameters: xxHash64 over experiment, seed, repeat and name and value of
 * all parameters, with the schema version (identity), or of the FIELD_DATA parameters (data key); reals as
 * shortest decimals after rounding to 12 digits. */
void unit_identify(struct unit *unit, int64_t seed);

/* Hash of a combination: experiment, seed and the parameters but for the varied one, as the file says them.
 */
uint64_t curve_hash(const struct experiment *experiment, const struct record *values, int64_t seed,
                    const struct field *vary);

/* Keeps the units of one shard: those whose identity hash is `index` modulo `count`. A curve that is refined
 * belongs to one shard as a whole, by the hash of its combination, and takes its units with it: to several
 * shards, when curves of several share them. */
void campaign_shard(struct campaign *campaign, int index, int count);

/* Keeps the units of one experiment. STATUS_NOT_FOUND, with those there are, when there are none. */
enum status campaign_only(struct campaign *campaign, const char *experiment, struct error *error);

#endif
