/* Mistakes as compilers show them: place, sentence, source line, mark. */
#include <stdarg.h>
#include <string.h>

#include "experiments/campaign/utf8.h"
#include "experiments/campaign/yaml.h"

enum {
    SHOWN_CHARACTERS = 100, /* of a source line; longer ones are cut around the mistake */
    SHOWN_BEFORE = 40       /* of them before the mistake */
};

/* Part of a text. */
struct span {
    const char *start;
    size_t length;
};

/* The line of that number, without its end; empty when the file is shorter. */
static struct span find_line(const struct yaml_source *source, int line) {
    const char *place = source->text, *end = source->text + source->length;
    for (int i = 0; i < line && place < end; i++) {
        const char *newline = memchr(place, '\n', (size_t)(end - place));
        place = newline ? newline + 1 : end;
    }
    const char *newline = place < end ? memchr(place, '\n', (size_t)(end - place)) : NULL;
    size_t length = (size_t)((newline ? newline : end) - place);
    if (length > 0 && place[length - 1] == '\r') length--;
    return (struct span){place, length};
}

/* At most `count` characters of the line from character `first`. */
static struct span cut(struct span line, size_t first, size_t count) {
    size_t start = 0;
    for (size_t i = 0; i < first && start < line.length; i++)
        for (start++; start < line.length && campaign_utf8_continues(line.start[start]);)
            start++;
    size_t end = start;
    for (size_t i = 0; i < count && end < line.length; i++)
        for (end++; end < line.length && campaign_utf8_continues(line.start[end]);)
            end++;
    return (struct span){line.start + start, end - start};
}

/* Without control characters and broken UTF-8, so that a file of unknown origin cannot play with the
 * terminal. */
static void print_plainly(struct span text, FILE *out) {
    for (size_t i = 0; i < text.length;) {
        const char *place = text.start + i;
        size_t size = campaign_utf8_sequence(place, text.length - i);
        if (*place == '\t')
            fputc(' ', out);
        else if (size == 0 || campaign_utf8_is_control(place, size))
            fputc('?', out);
        else
            fwrite(place, 1, size, out);
        i += size > 0 ? size : 1;
    }
}

static void print_source(const struct yaml_source *source, int line, size_t column) {
    struct span whole = find_line(source, line);
    size_t characters = campaign_utf8_count(whole.start, whole.length);
    if (characters == 0) return;
    size_t first = characters > SHOWN_CHARACTERS && column > SHOWN_BEFORE ? column - SHOWN_BEFORE : 0;
    struct span shown = cut(whole, first, SHOWN_CHARACTERS);
    const char *before = first > 0 ? "..." : "";
    fprintf(source->messages, "%5d | %s", line + 1, before);
    print_plainly(shown, source->messages);
    fputs(first + SHOWN_CHARACTERS < characters ? "...\n" : "\n", source->messages);
    fprintf(source->messages, "      | %*s^\n", (int)(strlen(before) + column - first), "");
}

void yaml_mistake_at(struct yaml_source *source, int line, int column, const char *text) {
    source->mistakes++;
    if (source->mistakes == YAML_MISTAKES_SHOWN + 1)
        fprintf(source->messages, "%s: more mistakes are not shown\n", source->file);
    if (source->mistakes > YAML_MISTAKES_SHOWN) return;
    if (line < 0) line = 0;
    if (column < 0) column = 0;
    fprintf(source->messages, "%s:%d:%d: error: ", source->file, line + 1, column + 1);
    print_plainly((struct span){text, strlen(text)}, source->messages);
    fputc('\n', source->messages);
    print_source(source, line, (size_t)column);
}

void yaml_mistake(struct yaml_source *source, const struct yaml_node *node, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    yaml_mistake_at(source, node ? node->line : 0, node ? node->column : 0, text);
}

bool yaml_has_enough(const struct yaml_source *source) {
    return source->mistakes > YAML_MISTAKES_SHOWN;
}
