#include "analysis/columns.h"

#include <stdbool.h>
#include <string.h>

#include "analysis/utf8.h"

static bool starts_character(char c) {
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* Bytes of the first `width` characters. */
static size_t bytes_of(const char *text, int width) {
    size_t i = 0;
    for (; text[i]; i++)
        if (starts_character(text[i]) && width-- == 0) break;
    return i;
}

static void print_bytes(const char *text, size_t count, FILE *out) {
    for (const char *end = text + count; text < end;) {
        size_t length = utf8_length(text);
        if (length == 0 || utf8_is_control(text, length))
            fputc('?', out);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
}

int columns_width(const char *text) {
    int width = 0;
    for (; *text; text++)
        width += starts_character(*text);
    return width;
}

void columns_plain(const char *text, FILE *out) {
    print_bytes(text, strlen(text), out);
}

void columns_cell(const char *text, int width, FILE *out) {
    int length = columns_width(text);
    if (length <= width) {
        columns_plain(text, out);
        fprintf(out, "%*s", width - length, "");
    } else {
        print_bytes(text, bytes_of(text, width - 2), out);
        fputs("..", out);
    }
}

/* Bytes of the text that go onto a line of `width` columns. */
static size_t line_length(const char *text, int width) {
    size_t fitting = bytes_of(text, width);
    if (!text[fitting]) return fitting;
    for (size_t i = fitting; i > 0; i--)
        if (text[i] == ' ') return i;
    return fitting;
}

void columns_wrap(const char *text, const char *first, int indent, int width, FILE *out) {
    fprintf(out, "%-*s", indent, first);
    for (;;) {
        size_t length = line_length(text, width - indent);
        print_bytes(text, length, out);
        fputc('\n', out);
        text += length;
        text += strspn(text, " ");
        if (!*text) return;
        fprintf(out, "%*s", indent, "");
    }
}
