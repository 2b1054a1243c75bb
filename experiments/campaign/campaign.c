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
    curves_clear(&(*campaign)->curves);
    memory_free((*campaign)->name);
    memory_free((*campaign)->text);
    memory_free(*campaign);
    *campaign = NULL;
}

struct point unit_point(const struct unit *unit) {
    return (struct point){.values = unit->values, .data_key = unit->data_key};
}

/* Drops the units that are left out, in their order, and members of dropped units with them: those are
 * members of dropped curves only. */
static void drop_units(struct campaign *campaign) {
    struct curves *curves = &campaign->curves;
    size_t kept = 0, members = 0;
    for (size_t i = 0; i < campaign->unit_count; i++) {
        struct unit *unit = &campaign->units[i];
        unit->place = kept;
        if (!unit->left_out) kept++;
    }
    for (size_t m = 0; m < curves->member_count; m++) {
        struct member member = curves->members[m];
        const struct unit *unit = &campaign->units[member.unit];
        if (!unit->left_out) curves->members[members++] = (struct member){member.curve, unit->place};
    }
    curves->member_count = members;
    for (size_t i = 0; i < campaign->unit_count; i++) {
        struct unit *unit = &campaign->units[i];
        if (unit->left_out)
            record_destroy(&unit->values);
        else
            campaign->units[unit->place] = *unit;
    }
    campaign->unit_count = kept;
}

static bool hash_in_shard(uint64_t hash, int index, int count) {
    return hash % (uint64_t)count == (uint64_t)index;
}

/* Units on no curve go by themselves, the others with any of their curves. */
void campaign_shard(struct campaign *campaign, int index, int count) {
    struct curves *curves = &campaign->curves;
    for (size_t i = 0; i < campaign->unit_count; i++) {
        struct unit *unit = &campaign->units[i];
        unit->left_out = !hash_in_shard(strtoumax(unit->identity, NULL, 16), index, count);
    }
    for (size_t m = 0; m < curves->member_count; m++)
        campaign->units[curves->members[m].unit].left_out = true;
    for (size_t c = 0; c < curves->count; c++)
        curves->curves[c].elsewhere |= !hash_in_shard(curves->curves[c].key, index, count);
    for (size_t m = 0; m < curves->member_count; m++)
        if (!curves->curves[curves->members[m].curve].elsewhere)
            campaign->units[curves->members[m].unit].left_out = false;
    drop_units(campaign);
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
    struct curves *curves = &campaign->curves;
    for (size_t i = 0; i < campaign->unit_count; i++)
        campaign->units[i].left_out = strcmp(campaign->units[i].experiment->schema.name, experiment) != 0;
    for (size_t c = 0; c < curves->count; c++)
        curves->curves[c].elsewhere |= strcmp(curves->curves[c].experiment->schema.name, experiment) != 0;
    drop_units(campaign);
    if (campaign->unit_count > 0) return STATUS_OK;
    return error_set(error, STATUS_NOT_FOUND, "the campaign has no units of '%s'; it has %s", experiment,
                     present);
}
