/* Texts in a script. */
#include <string.h>

#include "analysis/plot_script.h"
#include "analysis/utf8.h"

/* The length of a ^{...} at the start of the text, 0 if there is none. */
static size_t superscript_length(const char *text) {
    if (text[0] != '^' || text[1] != '{') return 0;
    size_t inner = strspn(text + 2, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-/. ");
    return inner > 0 && text[2 + inner] == '}' ? inner + 3 : 0;
}

void plot_quote(const char *text, FILE *out) {
    fputc('\'', out);
    while (*text) {
        size_t superscript = superscript_length(text);
        if (superscript) {
            fwrite(text, 1, superscript, out);
            text += superscript;
            continue;
        }
        size_t length = utf8_length(text);
        if (length == 0 || utf8_is_control(text, length))
            fputs(length ? " " : UTF8_REPLACEMENT, out);
        else if (*text == '\'')
            fputs("\xE2\x80\x99", out); /* typographic: gnuplot 5.4 loses its way in doubled quotes */
        else
            fprintf(out, "%s%.*s", strchr("^_{}@&~\\", *text) ? "\\" : "", (int)length, text);
        text += length ? length : 1;
    }
    fputc('\'', out);
}

size_t plot_text_length(const char *text) {
    size_t length = 0;
    for (; *text; text++)
        length += ((unsigned char)*text & 0xC0) != 0x80;
    return length;
}
