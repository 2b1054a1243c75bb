/* The file as a whole: name, seed, experiments. */
#include <string.h>

#include "core/base/memory.h"
#include "experiments/campaign/expand.h"
#include "experiments/campaign/refine_read.h"
#include "experiments/campaign/values.h"

enum { EXPERIMENTS_SHOWN = 64 };
static const int64_t REPEATS_MAX = CAMPAIGN_UNITS_MAX;

static void read_header(struct yaml_source *source, const struct yaml_node *root, const char **name,
                        int64_t *seed) {
    static const char *const known[] = {"name", "seed", "experiments", NULL};
    check_keys(source, root, known, "a campaign");
    const struct yaml_node *name_node = yaml_get(root, "name"), *seed_node = yaml_get(root, "seed");
    *name = "";
    if (!name_node)
        yaml_mistake(source, root, "a campaign needs a name");
    else if (name_node->kind != YAML_SCALAR || name_node->text[0] == '\0')
        yaml_mistake(source, name_node, "name takes a word");
    else
        *name = name_node->text;
    if (!seed_node)
        yaml_mistake(source, root, "a campaign needs a seed");
    else
        value_whole(source, seed_node, "seed", 0, INT64_MAX, seed);
}

/* The experiment an entry names, or NULL with the mistake printed. */
static const struct experiment *read_experiment(struct yaml_source *source, const struct yaml_node *entry) {
    const struct yaml_node *node = yaml_get(entry, "experiment");
    if (!node || node->kind != YAML_SCALAR) {
        yaml_mistake(source, node ? node : entry, "an entry needs `experiment: NAME`");
        return NULL;
    }
    const struct experiment *found = experiment_named(node->text);
    if (found) return found;
    const char *names[EXPERIMENTS_SHOWN + 1];
    size_t count = 0;
    for (const struct experiment *const *e = experiments(); *e && count < EXPERIMENTS_SHOWN; e++)
        names[count++] = (*e)->schema.name;
    names[count] = NULL;
    const char *near = nearest_name(node->text, names);
    yaml_mistake(source, node, "there is no experiment '%.60s'%s%s%s", node->text,
                 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return NULL;
}

static enum status read_entry(struct yaml_source *source, const struct yaml_node *entry, struct arena *arena,
                              struct unit_list *list) {
    static const char *const known[] = {"experiment", "shape",  "set",     "vary",
                                        "zip",        "refine", "repeats", NULL};
    if (entry->kind != YAML_MAPPING) {
        yaml_mistake(source, entry, "an entry is a mapping with `experiment: NAME`");
        return STATUS_OK;
    }
    size_t before = source->mistakes;
    check_keys(source, entry, known, "an entry");
    int64_t repeats = 1;
    const struct yaml_node *repeats_node = yaml_get(entry, "repeats");
    if (repeats_node) value_whole(source, repeats_node, "repeats", 1, REPEATS_MAX, &repeats);
    const struct experiment *experiment = read_experiment(source, entry);
    if (!experiment) return STATUS_OK;
    struct axes axes;
    CHECK(axes_read(entry, experiment, source, arena, &axes));
    const struct yaml_node *refine = yaml_get(entry, "refine");
    struct refinement refinement = {.repeats = repeats};
    if (refine) refine_read(refine, entry, experiment, &axes, source, &refinement);
    /* Points of an entry with mistakes would only repeat them. */
    if (source->mistakes > before) return STATUS_OK;
    return expand_units(list, &axes, experiment, repeats, refine ? &refinement : NULL, source, entry);
}

static enum status read_root(struct yaml_source *source, const struct yaml_node *root, struct arena *arena,
                             const char **name, struct unit_list *list) {
    if (root->kind != YAML_MAPPING) {
        yaml_mistake(source, root, "a campaign is a mapping with name, seed and experiments");
        return STATUS_OK;
    }
    read_header(source, root, name, &list->seed);
    const struct yaml_node *entries = yaml_get(root, "experiments");
    if (!entries || entries->kind != YAML_SEQUENCE || entries->count == 0) {
        yaml_mistake(source, entries ? entries : root, "a campaign needs a list of experiments");
        return STATUS_OK;
    }
    for (const struct yaml_node *entry = entries->first; entry; entry = entry->next)
        CHECK(read_entry(source, entry, arena, list));
    return STATUS_OK;
}

/* A campaign that owns copies of its texts and takes over the units. */
static enum status make_campaign(const struct yaml_source *source, const char *name, struct unit_list *list,
                                 struct campaign **campaign) {
    struct campaign *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    size_t name_size = strlen(name) + 1;
    made->name = memory_allocate(name_size, 1);
    made->text = memory_allocate(source->length + 1, 1);
    if (!made->name || !made->text) {
        campaign_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    memcpy(made->name, name, name_size);
    memcpy(made->text, source->text, source->length);
    made->text_length = source->length;
    made->seed = list->seed;
    made->units = list->units;
    made->unit_count = list->count;
    made->curves = list->curves;
    memory_free(list->slot_units);
    *list = (struct unit_list){0};
    *campaign = made;
    return STATUS_OK;
}

enum status campaign_parse(const char *file_name, const char *text, size_t length,
                           const struct resources *resources, FILE *messages, struct campaign **campaign) {
    struct yaml_source source = {.file = file_name, .text = text, .length = length, .messages = messages};
    struct arena arena = {NULL};
    struct unit_list list = {.resources = resources};
    const char *name = "";
    *campaign = NULL;
    const struct yaml_node *root = yaml_parse(&source, &arena);
    enum status status = root ? read_root(&source, root, &arena, &name, &list) : STATUS_INVALID;
    if (status == STATUS_OK && source.mistakes > 0) status = STATUS_INVALID;
    if (status == STATUS_OK) status = make_campaign(&source, name, &list, campaign);
    unit_list_clear(&list);
    arena_clear(&arena);
    return status;
}
