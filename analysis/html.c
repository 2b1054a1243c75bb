#include "analysis/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "analysis/utf8.h"

static const char *entity(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Prints one character; gives the bytes it takes. */
static size_t print_character(const char *text, FILE *out) {
    size_t length = utf8_length(text);
    const char *safe = length == 1 ? entity(*text) : NULL;
    if (safe)
        fputs(safe, out);
    else if (length == 0 || (utf8_is_control(text, length) && *text != '\n' && *text != '\t'))
        fputs(UTF8_REPLACEMENT, out);
    else
        fwrite(text, 1, length, out);
    return length ? length : 1;
}

void html_text(const char *text, FILE *out) {
    while (*text)
        text += print_character(text, out);
}

/* Prints the exponent at `text`, which begins with '^'; gives the bytes it takes, 0 if it is none. */
static size_t print_superscript(const char *text, FILE *out) {
    static const char alphanumeric[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    bool braced = text[1] == '{';
    size_t start = braced ? 2 : 1 + (text[1] == '-'), length = strspn(text + start, alphanumeric);
    if (braced) length = strcspn(text + start, "}<>&\"'");
    if (length == 0 || (braced && text[start + length] != '}')) return 0;
    if (!braced && text[start + length] == '.') length += 1 + strspn(text + start + length + 1, alphanumeric);
    if (!braced && text[start + length - 1] == '.') length--; /* the end of the sentence */
    fputs("<sup>", out);
    for (const char *c = braced ? text + start : text + 1; c < text + start + length;)
        c += print_character(c, out);
    fputs("</sup>", out);
    return start + length + braced;
}

void html_prose(const char *text, FILE *out) {
    while (*text) {
        size_t length = *text == '^' ? print_superscript(text, out) : 0;
        if (length == 0 && strncmp(text, "+-", 2) == 0) {
            fputs("\xC2\xB1", out);
            length = 2;
        }
        text += length ? length : print_character(text, out);
    }
}

/* --- figures ---------------------------------------------------------------------------------------- */

/* Prints the power of ten at `text`, which begins with 'e'; gives the bytes it takes. */
static size_t print_exponent(const char *text, FILE *out) {
    size_t length = 1;
    fputs("\xC3\x97"
          "10<sup>",
          out); /* multiplication sign */
    if (text[length] == '-') {
        fputs("\xE2\x88\x92", out); /* minus sign */
        length++;
    }
    for (; isdigit((unsigned char)text[length]); length++)
        fputc(text[length], out);
    fputs("</sup>", out);
    return length;
}

void html_figures(const char *text, FILE *out) {
    static const struct {
        const char *plain, *fine;
    } signs[] = {{"+-", "\xC2\xB1"},      {"<=", "\xE2\x89\xA4"},  {">=", "\xE2\x89\xA5"},
                 {"...", "\xE2\x80\xA6"}, {"inf", "\xE2\x88\x9E"}, {"-", "\xE2\x88\x92"},
                 {"<", "&lt;"},           {"&", "&amp;"}};
    char before = ' ';
    while (*text) {
        size_t length = 0;
        if (*text == 'e' && isdigit((unsigned char)before)) length = print_exponent(text, out);
        for (size_t i = 0; length == 0 && i < sizeof signs / sizeof *signs; i++)
            if (strncmp(text, signs[i].plain, strlen(signs[i].plain)) == 0) {
                fputs(signs[i].fine, out);
                length = strlen(signs[i].plain);
            }
        if (length == 0) {
            fputc(*text, out);
            length = 1;
        }
        before = text[length - 1];
        text += length;
    }
}

/* --- pictures --------------------------------------------------------------------------------------- */

static bool begins_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

/* Past the end of the element `<name>...</name>` that begins at `text`. */
static const char *after_element(const char *text, const char *end_tag) {
    const char *end = strstr(text, end_tag);
    return end ? end + strlen(end_tag) : text + strlen(text);
}

/* Prints the head of the element: the view box alone is kept of its attributes. Gives what follows it. */
static const char *print_svg_head(const char *svg, const char *label, FILE *out) {
    const char *head_end = strchr(svg, '>'), *box = strstr(svg, "viewBox=\"");
    if (!head_end || !box || box > head_end) return NULL;
    const char *box_end = strchr(box + strlen("viewBox=\""), '"');
    if (!box_end) return NULL;
    fputs("<svg ", out);
    fwrite(box, 1, (size_t)(box_end + 1 - box), out);
    fputs(" role=\"img\" aria-label=\"", out);
    html_text(label, out);
    fputs("\">", out);
    return head_end + 1;
}

void html_svg(const char *svg, const char *prefix, const char *label, FILE *out) {
    static const char *const names[] = {" id='", " id=\"", "xlink:href='#", "xlink:href=\"#", "url(#"};
    const char *text = strstr(svg, "<svg");
    if (text) text = print_svg_head(text, label, out);
    while (text && *text) {
        if (begins_with(text, "<title>")) {
            text = after_element(text, "</title>");
            continue;
        }
        if (begins_with(text, "<desc>")) {
            text = after_element(text, "</desc>");
            continue;
        }
        size_t length = 0;
        for (size_t i = 0; i < sizeof names / sizeof *names && length == 0; i++)
            if (begins_with(text, names[i])) length = strlen(names[i]);
        size_t skipped = begins_with(text, "xlink:") ? strlen("xlink:") : 0;
        if (length > 0)
            fprintf(out, "%.*s%s", (int)(length - skipped), text + skipped, prefix);
        else if (skipped > 0)
            length = skipped;
        else {
            fputc(*text, out);
            length = 1;
        }
        text += length;
    }
}
