/* Text, figures and pictures for a page. Whatever the text holds, it stays text. Private to this folder. */
#ifndef ANALYSIS_HTML_H
#define ANALYSIS_HTML_H

#include <stdio.h>

/* Prints the text so that it is safe between tags and within quoted attributes; bytes that are not UTF-8 and
 * control characters but line ends and tabs become U+FFFD. */
void html_text(const char *text, FILE *out);

/* The same for sentences of ours: L^2, L^{-1/2} become superscripts, +- its sign. */
void html_prose(const char *text, FILE *out);

/* Prints what number.h and describe_prediction made in the typography of a page: 1.3e-6 with a power of ten,
 * minus signs, infinity, plus-minus, at most. */
void html_figures(const char *text, FILE *out);

/* Prints an SVG file as an element of a page: ids begin with `prefix`, titles within are left out, `label`
 * tells those who cannot see it what it is. Nothing is printed for what is not SVG. */
void html_svg(const char *svg, const char *prefix, const char *label, FILE *out);

#endif
