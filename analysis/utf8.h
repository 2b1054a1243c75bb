/* Texts from files need not be UTF-8, and what is cut off need not end with a whole character; pictures,
 * pages and JSON take nothing else. Private to this folder. */
#ifndef ANALYSIS_UTF8_H
#define ANALYSIS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* Bytes of the well-formed sequence at `text` (Unicode 15, table 3-7); 0: none, or the end. */
size_t utf8_length(const char *text);

/* Whether the sequence of that length is a control character, C0 or C1. */
bool utf8_is_control(const char *text, size_t length);

/* Prints the text with U+FFFD for every byte that is not part of a sequence. */
void utf8_print(const char *text, FILE *out);

#endif
