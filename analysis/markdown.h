/* Texts and numbers in Markdown. Private to this folder. */
#ifndef ANALYSIS_MARKDOWN_H
#define ANALYSIS_MARKDOWN_H

#include <stdio.h>

/* Prints the text so that it stays text, in paragraphs and in cells of tables: signs that Markdown or HTML
 * give a meaning to are escaped, line ends become blanks, bytes that are not UTF-8 and control characters
 * U+FFFD. */
void markdown_text(const char *text, FILE *out);

/* Ends a table's head of `count` columns: the line of dashes. */
void markdown_rule(size_t count, FILE *out);

/* A cell of a table's line, with the bar before it; the caller ends the line with " |". */
void markdown_cell(const char *text, FILE *out);

#endif
