#include "analysis/markdown.h"

#include <string.h>

#include "analysis/utf8.h"

void markdown_text(const char *text, FILE *out) {
    while (*text) {
        size_t length = utf8_length(text);
        if (length == 1 && strchr("\n\r\t", *text))
            fputc(' ', out);
        else if (length == 0 || utf8_is_control(text, length))
            fputs(UTF8_REPLACEMENT, out);
        else if (length == 1 && strchr("<>&", *text))
            fprintf(out, "&#%d;", *text);
        else
            fprintf(out, "%s%.*s", strchr("\\`*_{}[]#|~!", *text) ? "\\" : "", (int)length, text);
        text += length ? length : 1;
    }
}

void markdown_rule(size_t count, FILE *out) {
    for (size_t i = 0; i < count; i++)
        fputs("| --- ", out);
    fputs("|\n", out);
}

void markdown_cell(const char *text, FILE *out) {
    fputs("| ", out);
    markdown_text(text, out);
    fputc(' ', out);
}
