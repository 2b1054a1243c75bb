#include "analysis/utf8.h"

size_t utf8_length(const char *text) {
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80) return bytes[0] != 0;
    if (bytes[0] < 0xC2 || bytes[0] > 0xF4) return 0;
    size_t length = bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    unsigned char low = bytes[0] == 0xE0 ? 0xA0 : bytes[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = bytes[0] == 0xED ? 0x9F : bytes[0] == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < low || bytes[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80) return 0;
    return length;
}

bool utf8_is_control(const char *text, size_t length) {
    unsigned char first = (unsigned char)text[0];
    if (length == 1) return first < ' ' || first == 0x7f;
    return length == 2 && first == 0xC2 && (unsigned char)text[1] < 0xA0;
}

void utf8_print(const char *text, FILE *out) {
    while (*text) {
        size_t length = utf8_length(text);
        if (length)
            fwrite(text, 1, length, out);
        else
            fputs(UTF8_REPLACEMENT, out);
        text += length ? length : 1;
    }
}
