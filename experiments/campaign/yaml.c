#include "experiments/campaign/yaml.h"

#include <string.h>

#include <libfyaml.h>

#include "experiments/campaign/campaign.h"
#include "experiments/campaign/utf8.h"

/* The tree under construction: the containers that are open, from the root. */
struct builder {
    struct yaml_source *source;
    struct arena *arena;
    struct yaml_node *root;
    struct yaml_node *open[CAMPAIGN_DEPTH_MAX];
    const struct yaml_node *key[CAMPAIGN_DEPTH_MAX]; /* of open mappings: the key that waits for its value */
    size_t depth;
    size_t documents;
    int line, column; /* of the last node, from 0 */
};

/* A node at the event's place, hung where the parser is; NULL: out of memory, or a mistake was printed. */
static struct yaml_node *add_node(struct builder *builder, struct fy_event *event, enum yaml_kind kind) {
    struct yaml_node *node = arena_allocate(builder->arena, 1, sizeof *node);
    if (!node) return NULL;
    const struct fy_mark *mark = fy_event_start_mark(event);
    /* A value that is not there has no place: its key's is next to it. */
    if (mark) builder->line = mark->line;
    if (mark) builder->column = mark->column;
    *node = (struct yaml_node){.kind = kind, .line = builder->line, .column = builder->column};
    if (builder->depth == 0) {
        if (!builder->root) builder->root = node;
        return node;
    }
    struct yaml_node *parent = builder->open[builder->depth - 1];
    const struct yaml_node **key = &builder->key[builder->depth - 1];
    if (parent->kind == YAML_MAPPING && !*key) {
        if (kind != YAML_SCALAR) {
            yaml_mistake(builder->source, node, "a key must be a plain word");
            return NULL;
        }
        *key = node;
        return node;
    }
    node->key = parent->kind == YAML_MAPPING ? *key : NULL;
    *key = NULL;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->count++;
    return node;
}

/* Says what a campaign may not have; ends the parse. */
static bool refuse(struct builder *builder, struct fy_event *event, const char *what) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    yaml_mistake_at(builder->source, mark ? mark->line : 0, mark ? mark->column : 0, what);
    return false;
}

static bool add_scalar(struct builder *builder, struct fy_event *event) {
    struct yaml_node *node = add_node(builder, event, YAML_SCALAR);
    if (!node) return false;
    size_t length = 0;
    const char *text = event->scalar.value ? fy_token_get_text(event->scalar.value, &length) : "";
    if (text && memchr(text, '\0', length)) return refuse(builder, event, "a text with a NUL character");
    node->text = arena_text(builder->arena, text ? text : "", length);
    enum fy_scalar_style style =
        event->scalar.value ? fy_scalar_token_get_style(event->scalar.value) : FYSS_PLAIN;
    node->quoted = style != FYSS_PLAIN && style != FYSS_ANY;
    return node->text != NULL;
}

static bool open_container(struct builder *builder, struct fy_event *event, enum yaml_kind kind) {
    struct yaml_node *node = add_node(builder, event, kind);
    if (!node) return false;
    if (builder->depth == CAMPAIGN_DEPTH_MAX) {
        yaml_mistake(builder->source, node, "nested deeper than %d levels", CAMPAIGN_DEPTH_MAX);
        return false;
    }
    builder->key[builder->depth] = NULL;
    builder->open[builder->depth++] = node;
    return true;
}

/* False ends the parse: a mistake was printed, or memory ran out. */
static bool take_event(struct builder *builder, struct fy_event *event) {
    /* Anchors are harmless alone, aliases are how small files grow without bounds; a campaign needs neither.
     */
    if (fy_event_get_anchor_token(event) || event->type == FYET_ALIAS)
        return refuse(builder, event, "anchors and aliases are not allowed in a campaign");
    if (fy_event_get_tag_token(event)) return refuse(builder, event, "tags are not allowed in a campaign");
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return ++builder->documents == 1 || refuse(builder, event, "only one document per file");
    case FYET_SCALAR:
        return add_scalar(builder, event);
    case FYET_SEQUENCE_START:
        return open_container(builder, event, YAML_SEQUENCE);
    case FYET_MAPPING_START:
        return open_container(builder, event, YAML_MAPPING);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        builder->depth--;
        return true;
    default:
        return true;
    }
}

/* libfyaml's own findings, in our words' order. */
static void print_syntax_errors(struct yaml_source *source, struct fy_diag *diag) {
    struct fy_diag_error *found;
    void *previous = NULL;
    while ((found = fy_diag_errors_iterate(diag, &previous)))
        yaml_mistake_at(source, found->line - 1, found->column - 1, found->msg);
}

static void build_tree(struct builder *builder, struct fy_parser *parser, struct fy_diag *diag) {
    bool good = true, ended = false;
    struct fy_event *event;
    while (good && (event = fy_parser_parse(parser))) {
        ended = event->type == FYET_STREAM_END;
        good = take_event(builder, event);
        fy_parser_event_free(parser, event);
    }
    if (good && !ended) print_syntax_errors(builder->source, diag);
    /* Half a tree would be another campaign. */
    if ((!good || !ended) && builder->source->mistakes == 0)
        yaml_mistake(builder->source, NULL, "cannot be read to its end: not YAML, or no memory");
}

/* Whether the file is text in UTF-8; other bytes the YAML parser need not see. */
static bool is_text(struct yaml_source *source) {
    if (source->length > CAMPAIGN_BYTES_MAX) {
        yaml_mistake(source, NULL, "larger than %d bytes", CAMPAIGN_BYTES_MAX);
        return false;
    }
    int line = 0, column = 0;
    for (size_t i = 0; i < source->length; column++) {
        const char *byte = source->text + i;
        size_t size = campaign_utf8_sequence(byte, source->length - i);
        bool line_break = *byte == '\n' || *byte == '\r';
        if (size == 0 || (campaign_utf8_is_control(byte, size) && !line_break)) {
            yaml_mistake_at(source, line, column, "not a text file in UTF-8");
            return false;
        }
        if (*byte == '\n') {
            line++;
            column = -1;
        }
        i += size;
    }
    return true;
}

const struct yaml_node *yaml_parse(struct yaml_source *source, struct arena *arena) {
    if (!is_text(source)) return NULL;
    struct builder builder = {.source = source, .arena = arena};
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    if (diag) fy_diag_set_collect_errors(diag, true);
    const struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_parser *parser = diag ? fy_parser_create(&config) : NULL;
    if (parser && fy_parser_set_string(parser, source->text, source->length) == 0)
        build_tree(&builder, parser, diag);
    else
        yaml_mistake(source, NULL, "no memory for the parser");
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    if (source->mistakes > 0) return NULL;
    if (!builder.root) yaml_mistake(source, NULL, "the file is empty");
    return builder.root;
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key) {
    for (const struct yaml_node *value = mapping->first; value; value = value->next)
        if (strcmp(value->key->text, key) == 0) return value;
    return NULL;
}
