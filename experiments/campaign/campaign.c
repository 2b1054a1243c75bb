#include "experiments/campaign/campaign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/* The whole stream, up to one byte more than is allowed. */
static enum status read_stream(FILE *file, const char *path, char **text, size_t *length,
                               struct error *error) {
    char *buffer = memory_allocate(CAMPAIGN_BYTES_MAX + 1, 1);
    if (!buffer) return error_set(error, STATUS_NO_MEMORY, "no memory to read %s", path);
    *length = fread(buffer, 1, CAMPAIGN_BYTES_MAX + 1, file);
    enum status status = STATUS_OK;
    if (ferror(file)) status = error_set(error, STATUS_INVALID, "cannot read %s: %s", path, strerror(errno));
    if (*length > CAMPAIGN_BYTES_MAX)
        status = error_set(error, STATUS_INVALID, "%s is larger than %d bytes: no campaign", path,
                           CAMPAIGN_BYTES_MAX);
    if (status != STATUS_OK) {
        memory_free(buffer);
        return status;
    }
    *text = buffer;
    return STATUS_OK;
}

enum status campaign_read_text(const char *path, char **text, size_t *length, struct error *error) {
    if (strcmp(path, "-") == 0) return read_stream(stdin, "standard input", text, length, error);
    FILE *file = fopen(path, "rb");
    if (!file) return error_set(error, STATUS_NOT_FOUND, "cannot open %s: %s", path, strerror(errno));
    enum status status = read_stream(file, path, text, length, error);
    fclose(file);
    return status;
}

void campaign_destroy(struct campaign **campaign) {
    if (!*campaign) return;
    for (size_t i = 0; i < (*campaign)->unit_count; i++)
        record_destroy(&(*campaign)->units[i].values);
    memory_free((*campaign)->units);
    memory_free((*campaign)->name);
    memory_free((*campaign)->text);
    memory_free(*campaign);
    *campaign = NULL;
}

struct point unit_point(const struct unit *unit) {
    return (struct point){.values = unit->values, .data_key = unit->data_key};
}

/* Keeps the units for which keep() holds, in their order. */
static void keep_units(struct campaign *campaign, bool (*keep)(const struct unit *, const void *),
                       const void *context) {
    size_t kept = 0;
    for (size_t i = 0; i < campaign->unit_count; i++) {
        struct unit *unit = &campaign->units[i];
        if (keep(unit, context))
            campaign->units[kept++] = *unit;
        else
            record_destroy(&unit->values);
    }
    campaign->unit_count = kept;
}

struct shard {
    uint64_t index, count;
};

static bool in_shard(const struct unit *unit, const void *context) {
    const struct shard *shard = context;
    return strtoumax(unit->identity, NULL, 16) % shard->count == shard->index;
}

void campaign_shard(struct campaign *campaign, int index, int count) {
    const struct shard shard = {(uint64_t)index, (uint64_t)count};
    keep_units(campaign, in_shard, &shard);
}

static bool of_experiment(const struct unit *unit, const void *name) {
    return strcmp(unit->experiment->schema.name, name) == 0;
}

/* The experiments that the campaign has, each once, separated by blanks. */
static void list_experiments(const struct campaign *campaign, char *text, size_t size) {
    const struct experiment *last = NULL;
    text[0] = '\0';
    for (size_t i = 0; i < campaign->unit_count; i++) {
        const struct experiment *experiment = campaign->units[i].experiment;
        size_t used = strlen(text);
        if (experiment == last || strstr(text, experiment->schema.name)) continue;
        snprintf(text + used, size - used, "%s%s", used ? " " : "", experiment->schema.name);
        last = experiment;
    }
}

enum status campaign_only(struct campaign *campaign, const char *experiment, struct error *error) {
    char present[400];
    list_experiments(campaign, present, sizeof present);
    keep_units(campaign, of_experiment, experiment);
    if (campaign->unit_count > 0) return STATUS_OK;
    return error_set(error, STATUS_NOT_FOUND, "the campaign has no units of '%s'; it has %s", experiment,
                     present);
}
