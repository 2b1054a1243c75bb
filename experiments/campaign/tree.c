#include "experiments/campaign/tree.h"

#include <libfyaml.h>
#include <string.h>

#include "experiments/campaign/campaign.h"
#include "experiments/campaign/utf8.h"

/* A list or map whose end was not reached. */
struct opened {
    struct node *node;
    struct item *last;
    struct node *key; /* maps: the key that waits for its value */
    const char *anchor;
};

struct anchor {
    const char *name;
    struct node *node;
};

struct builder {
    struct mistakes *mistakes;
    struct arena *arena;
    struct node *root;
    size_t depth;
    struct opened opened[CAMPAIGN_DEPTH_MAX];
    size_t anchor_count;
    struct anchor anchors[TREE_ANCHORS_MAX];
    size_t documents;
};

static const struct place FILE_START = {0, 0};

const char *node_kind_name(const struct node *node) {
    static const char *const names[] = {"a single value", "a list", "a map"};
    return names[node->kind];
}

static struct place place_of(struct fy_event *event) {
    const struct fy_mark *start = fy_event_start_mark(event), *end = fy_event_end_mark(event);
    if (!start) return FILE_START;
    size_t length = end && end->input_pos > start->input_pos ? end->input_pos - start->input_pos : 0;
    return (struct place){start->input_pos, length};
}

static char *token_text(struct builder *builder, struct fy_token *token) {
    size_t length = 0;
    const char *text = fy_token_get_text(token, &length);
    return arena_text(builder->arena, text ? text : "", text ? length : 0);
}

static enum status mistake(struct builder *builder, struct place place, const char *text) {
    mistakes_add(builder->mistakes, place, "%s", text);
    return STATUS_INVALID;
}

/* The key of a map must be a scalar, and not an alias: it is compared with names. */
static enum status take_key(struct builder *builder, struct opened *map, struct node *node) {
    if (node->kind != NODE_SCALAR) return mistake(builder, node->place, "a key must be a single word");
    map->key = node;
    return STATUS_OK;
}

/* Puts a finished node, or an alias of one, where the document has it. */
static enum status attach(struct builder *builder, struct node *node, struct place place) {
    if (builder->depth == 0) {
        builder->root = node;
        return STATUS_OK;
    }
    struct opened *parent = &builder->opened[builder->depth - 1];
    if (parent->node->kind == NODE_MAP && !parent->key) return take_key(builder, parent, node);
    struct item *item = arena_allocate(builder->arena, 1, sizeof *item);
    if (!item) return STATUS_NO_MEMORY;
    *item = (struct item){parent->key, node, NULL};
    *(parent->last ? &parent->last->next : &parent->node->first) = item;
    parent->last = item;
    parent->key = NULL;
    parent->node->weight += node->weight;
    if (parent->node->weight > TREE_NODES_MAX)
        return mistake(builder, place, "too large: its aliases stand for more than 1048576 values");
    return STATUS_OK;
}

static enum status remember(struct builder *builder, const char *anchor, struct node *node) {
    if (!anchor) return STATUS_OK;
    if (builder->anchor_count == TREE_ANCHORS_MAX)
        return mistake(builder, node->place, "too many anchors: at most 100");
    builder->anchors[builder->anchor_count++] = (struct anchor){anchor, node};
    return STATUS_OK;
}

static enum status add_scalar(struct builder *builder, struct fy_event *event) {
    struct node *node = arena_allocate(builder->arena, 1, sizeof *node);
    char *text = token_text(builder, event->scalar.value);
    char *anchor = event->scalar.anchor ? token_text(builder, event->scalar.anchor) : NULL;
    if (!node || !text || (event->scalar.anchor && !anchor)) return STATUS_NO_MEMORY;
    bool plain = !event->scalar.value || fy_scalar_token_get_style(event->scalar.value) == FYSS_PLAIN;
    *node = (struct node){
        .kind = NODE_SCALAR, .place = place_of(event), .weight = 1, .text = text, .plain = plain};
    CHECK(remember(builder, anchor, node));
    return attach(builder, node, node->place);
}

static enum status open_collection(struct builder *builder, struct fy_event *event, enum node_kind kind,
                                   struct fy_token *anchor) {
    if (builder->depth == CAMPAIGN_DEPTH_MAX)
        return mistake(builder, place_of(event),
                       "nested too deeply: at most 16 lists and maps in each other");
    struct node *node = arena_allocate(builder->arena, 1, sizeof *node);
    char *name = anchor ? token_text(builder, anchor) : NULL;
    if (!node || (anchor && !name)) return STATUS_NO_MEMORY;
    struct place place = place_of(event);
    place.length = 0; /* the mark is where it begins */
    *node = (struct node){.kind = kind, .place = place, .weight = 1};
    builder->opened[builder->depth++] = (struct opened){.node = node, .anchor = name};
    return STATUS_OK;
}

static enum status close_collection(struct builder *builder) {
    struct opened closed = builder->opened[--builder->depth];
    /* The node can be referred to from here on: within itself it cannot, so that no tree is endless. */
    CHECK(remember(builder, closed.anchor, closed.node));
    return attach(builder, closed.node, closed.node->place);
}

static enum status add_alias(struct builder *builder, struct fy_event *event) {
    const char *name = token_text(builder, event->alias.anchor);
    if (!name) return STATUS_NO_MEMORY;
    for (size_t i = builder->anchor_count; i > 0; i--)
        if (strcmp(builder->anchors[i - 1].name, name) == 0)
            return attach(builder, builder->anchors[i - 1].node, place_of(event));
    mistakes_add(builder->mistakes, place_of(event), "no anchor %s is finished before this alias",
                 quote(name).text);
    return STATUS_INVALID;
}

static enum status take_event(struct builder *builder, struct fy_event *event) {
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (builder->documents++ == 0) return STATUS_OK;
        return mistake(builder, place_of(event), "a second document: a campaign is a single one");
    case FYET_SCALAR:
        return add_scalar(builder, event);
    case FYET_ALIAS:
        return add_alias(builder, event);
    case FYET_SEQUENCE_START:
        return open_collection(builder, event, NODE_LIST, event->sequence_start.anchor);
    case FYET_MAPPING_START:
        return open_collection(builder, event, NODE_MAP, event->mapping_start.anchor);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        return close_collection(builder);
    default:
        return STATUS_OK;
    }
}

/* What the parser says against the text. */
static enum status take_errors(struct builder *builder, struct fy_diag *diag) {
    void *previous = NULL;
    const struct fy_diag_error *error;
    size_t before = builder->mistakes->count;
    while ((error = fy_diag_errors_iterate(diag, &previous))) {
        size_t line = error->line > 0 ? (size_t)error->line : 1,
               column = error->column > 0 ? (size_t)error->column : 1;
        struct place place = {mistakes_offset(builder->mistakes, line, column), 0};
        mistakes_add(builder->mistakes, place, "%s", error->msg);
    }
    if (builder->mistakes->count == before) mistakes_add(builder->mistakes, FILE_START, "not valid YAML");
    return STATUS_INVALID;
}

static enum status take_events(struct builder *builder, struct fy_parser *parser, struct fy_diag *diag) {
    enum status status = STATUS_OK;
    struct fy_event *event;
    bool ended = false;
    while (status == STATUS_OK && (event = fy_parser_parse(parser))) {
        ended = event->type == FYET_STREAM_END;
        status = take_event(builder, event);
        fy_parser_event_free(parser, event);
    }
    if (status != STATUS_OK) return status;
    if (!ended || fy_parser_get_stream_error(parser)) return take_errors(builder, diag);
    return builder->root ? STATUS_OK
                         : mistake(builder, FILE_START, "empty: a campaign has name, seed and experiments");
}

/* The events of the text, read one by one: libfyaml's own documents recurse as deeply as the text does. */
static enum status read_events(struct builder *builder) {
    struct fy_diag_cfg diag_settings;
    fy_diag_cfg_default(&diag_settings);
    diag_settings.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_settings);
    if (!diag) return STATUS_NO_MEMORY;
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg settings = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_parser *parser = fy_parser_create(&settings);
    enum status status = STATUS_NO_MEMORY;
    if (parser && fy_parser_set_string(parser, builder->mistakes->text, builder->mistakes->length) == 0)
        status = take_events(builder, parser, diag);
    if (parser) fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    return status;
}

/* Rejects bytes that no text file has: binary files, other encodings. */
static enum status check_text(struct mistakes *mistakes) {
    for (size_t i = 0; i < mistakes->length;) {
        const char *at = mistakes->text + i;
        size_t size = utf8_sequence(at, mistakes->length - i);
        bool line_break = *at == '\n' || (*at == '\r' && i + 1 < mistakes->length && at[1] == '\n');
        if (size == 0 || (utf8_is_control(at, size) && !line_break)) {
            mistakes_add(mistakes, (struct place){i, 1}, "not a text file in UTF-8: byte 0x%02X",
                         (unsigned)(unsigned char)*at);
            return STATUS_INVALID;
        }
        i += size;
    }
    return STATUS_OK;
}

enum status tree_build(struct mistakes *mistakes, struct arena *arena, struct node **root) {
    *root = NULL;
    CHECK(check_text(mistakes));
    struct builder *builder = arena_allocate(arena, 1, sizeof *builder);
    if (!builder) return STATUS_NO_MEMORY;
    *builder = (struct builder){.mistakes = mistakes, .arena = arena};
    CHECK(read_events(builder));
    *root = builder->root;
    return STATUS_OK;
}
