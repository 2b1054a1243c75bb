/* Text in columns on a terminal. Characters count one column each; control characters, with which a file
 * could play tricks on a terminal, are shown as '?'. Private to this folder. */
#ifndef ANALYSIS_COLUMNS_H
#define ANALYSIS_COLUMNS_H

#include <stdio.h>

/* Columns that the text takes. */
int columns_width(const char *text);

/* Prints at most `width` columns of the text (longer ones end in "..") and blanks up to `width`. */
void columns_cell(const char *text, int width, FILE *out);

/* Prints the text as it is, without control characters. */
void columns_plain(const char *text, FILE *out);

/* Prints the text in lines of at most `width` columns, broken at blanks (longer words anywhere), each line
 * after `indent` blanks, the first after `first` instead (shorter than that). */
void columns_wrap(const char *text, const char *first, int indent, int width, FILE *out);

#endif
