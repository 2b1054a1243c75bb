/* Well-formed UTF-8. Private to this folder. */
#ifndef EXPERIMENTS_CAMPAIGN_UTF8_H
#define EXPERIMENTS_CAMPAIGN_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the sequence that starts text[length] (Unicode 15, table 3-7); 0: not well-formed, or length 0. */
size_t campaign_utf8_sequence(const char *text, size_t length);

/* Whether a byte continues a sequence. */
bool campaign_utf8_continues(char byte);

/* Characters in text[length]. */
size_t campaign_utf8_count(const char *text, size_t length);

/* Whether the sequence is a control character (C0 but the tab, DEL, C1). */
bool campaign_utf8_is_control(const char *sequence, size_t length);

#endif
