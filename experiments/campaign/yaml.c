#include "experiments/campaign/yaml.h"

#include <stdarg.h>
#include <string.h>

#include <libfyaml.h>

#include "experiments/campaign/campaign.h"

/* The tree under construction: the containers that are open, from the root. */
struct builder {
    struct yaml_source *source;
    struct arena *arena;
    struct yaml_node *root;
    struct yaml_node *open[CAMPAIGN_DEPTH_MAX];
    const struct yaml_node *key[CAMPAIGN_DEPTH_MAX]; /* of open mappings: the key that waits for its value */
    size_t depth;
    size_t documents;
};

/* The line of that number, without its end; empty when the file is shorter. */
static void find_line(const struct yaml_source *source, int line, const char **start, size_t *length) {
    const char *place = source->text, *end = source->text + source->length;
    for (int i = 0; i < line && place < end; i++) {
        const char *newline = memchr(place, '\n', (size_t)(end - place));
        place = newline ? newline + 1 : end;
    }
    const char *newline = memchr(place, '\n', (size_t)(end - place));
    *start = place;
    *length = (size_t)((newline ? newline : end) - place);
}

static void print_mistake(struct yaml_source *source, int line, int column, const char *text) {
    enum { WIDTH_MAX = 160 };
    const char *start;
    size_t length;
    source->mistakes++;
    if (line < 0) line = 0;
    if (column < 0) column = 0;
    fprintf(source->messages, "%s:%d:%d: error: %s\n", source->file, line + 1, column + 1, text);
    find_line(source, line, &start, &length);
    if (length == 0 || length > WIDTH_MAX || (size_t)column > length) return;
    /* What is not printable ASCII shows as '?', so that the file cannot play with the terminal. */
    fputs("    ", source->messages);
    for (size_t i = 0; i < length; i++)
        fputc(start[i] >= ' ' && start[i] <= '~' ? start[i] : '?', source->messages);
    fprintf(source->messages, "\n    %*s^\n", column, "");
}

void yaml_mistake(struct yaml_source *source, const struct yaml_node *node, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_mistake(source, node ? node->line : 0, node ? node->column : 0, text);
}

/* A node at the event's place, hung where the parser is; NULL: out of memory, or a mistake was printed. */
static struct yaml_node *add_node(struct builder *builder, struct fy_event *event, enum yaml_kind kind) {
    struct yaml_node *node = arena_allocate(builder->arena, 1, sizeof *node);
    if (!node) return NULL;
    const struct fy_mark *mark = fy_event_start_mark(event);
    *node =
        (struct yaml_node){.kind = kind, .line = mark ? mark->line : 0, .column = mark ? mark->column : 0};
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

static bool add_scalar(struct builder *builder, struct fy_event *event) {
    struct yaml_node *node = add_node(builder, event, YAML_SCALAR);
    if (!node) return false;
    size_t length = 0;
    const char *text = event->scalar.value ? fy_token_get_text(event->scalar.value, &length) : "";
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

/* Anchors are harmless alone, aliases are how small files grow without bounds; a campaign needs neither. */
static bool refuse(struct builder *builder, struct fy_event *event, const char *what) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    print_mistake(builder->source, mark ? mark->line : 0, mark ? mark->column : 0, what);
    return false;
}

/* False ends the parse: a mistake was printed, or memory ran out. */
static bool take_event(struct builder *builder, struct fy_event *event) {
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
        print_mistake(source, found->line > 0 ? found->line - 1 : 0,
                      found->column > 0 ? found->column - 1 : 0, found->msg);
}

static void build_tree(struct builder *builder, struct fy_parser *parser, struct fy_diag *diag) {
    bool good = true;
    struct fy_event *event;
    while (good && (event = fy_parser_parse(parser))) {
        good = take_event(builder, event);
        fy_parser_event_free(parser, event);
    }
    if (fy_diag_got_error(diag)) print_syntax_errors(builder->source, diag);
}

/* The bytes that the YAML parser need not see. */
static bool is_text(struct yaml_source *source) {
    if (source->length > CAMPAIGN_BYTES_MAX) {
        yaml_mistake(source, NULL, "larger than %d bytes", CAMPAIGN_BYTES_MAX);
        return false;
    }
    for (size_t i = 0; i < source->length; i++) {
        unsigned char byte = (unsigned char)source->text[i];
        if (byte >= ' ' || byte == '\n' || byte == '\t' || byte == '\r') continue;
        yaml_mistake(source, NULL, "not a text file: byte %zu is 0x%02x", i, byte);
        return false;
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
