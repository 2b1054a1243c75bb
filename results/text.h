/* Texts that go into files: valid UTF-8, exact numbers. Private to this folder. */
#ifndef RESULTS_TEXT_H
#define RESULTS_TEXT_H

#include <stddef.h>

/* A copy in which every byte that is not part of valid UTF-8 is replaced by U+FFFD, since neither JSON nor
 * HDF5 readers take other texts. NULL: out of memory. Give it back with memory_free. */
char *text_copy_valid(const char *text);

enum { TEXT_NUMBER_SIZE = 32 };

/* The shortest decimal that reads back as the same number; "nan", "inf", "-inf". */
void text_from_real(double value, char text[TEXT_NUMBER_SIZE]);

#endif
