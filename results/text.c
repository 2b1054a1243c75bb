#include "results/text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/* Bytes of the well-formed UTF-8 sequence at `text` (Unicode 15, table 3-7), 0 if it is none. */
static size_t sequence_length(const unsigned char *text) {
    unsigned char first = text[0];
    if (first < 0x80) return 1;
    size_t length = first >= 0xC2 && first <= 0xDF ? 2 : first >= 0xE0 && first <= 0xEF ? 3 : 4;
    if (first < 0xC2 || first > 0xF4) return 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (text[1] < low || text[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((text[i] & 0xC0) != 0x80) return 0;
    return length;
}

char *text_copy_valid(const char *text) {
    static const char replacement[] = "\xEF\xBF\xBD";
    size_t growth = sizeof replacement - 1;
    char *copy = memory_allocate(strlen(text) + 1, growth);
    if (!copy) return NULL;
    char *out = copy;
    for (const unsigned char *in = (const unsigned char *)text; *in;) {
        size_t length = sequence_length(in);
        memcpy(out, length ? (const char *)in : replacement, length ? length : growth);
        out += length ? length : growth;
        in += length ? length : 1;
    }
    return copy;
}

void text_from_real(double value, char text[TEXT_NUMBER_SIZE]) {
    if (isnan(value)) {
        memcpy(text, "nan", sizeof "nan"); /* without the sign that printf shows */
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, TEXT_NUMBER_SIZE, "%.*g", digits, value);
        if (strtod(text, NULL) == value) return;
    }
}
