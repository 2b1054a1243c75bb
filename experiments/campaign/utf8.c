#include "experiments/campaign/utf8.h"

/* The least and largest second byte after a first byte of 0xE0 and more. */
static void second_byte(unsigned char first, unsigned char *low, unsigned char *high) {
    *low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    *high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
}

size_t campaign_utf8_sequence(const char *text, size_t length) {
    const unsigned char *bytes = (const unsigned char *)text;
    if (length == 0) return 0;
    if (bytes[0] < 0x80) return 1;
    if (bytes[0] < 0xC2 || bytes[0] > 0xF4) return 0;
    size_t size = bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    unsigned char low, high;
    second_byte(bytes[0], &low, &high);
    if (length < size || bytes[1] < low || bytes[1] > high) return 0;
    for (size_t i = 2; i < size; i++)
        if (!campaign_utf8_continues(text[i])) return 0;
    return size;
}

bool campaign_utf8_continues(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

size_t campaign_utf8_count(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += !campaign_utf8_continues(text[i]);
    return count;
}

bool campaign_utf8_is_control(const char *sequence, size_t length) {
    unsigned char first = (unsigned char)sequence[0];
    if (length == 1) return (first < 0x20 && first != '\t') || first == 0x7F;
    return length == 2 && first == 0xC2 && (unsigned char)sequence[1] < 0xA0;
}
