/* Shared by the sources of this folder only. */
#ifndef CORE_ATTENTION_INTERNAL_H
#define CORE_ATTENTION_INTERNAL_H

#include "core/attention/attention.h"

/* Keys begin .. end - 1. Positions grow with the index, so what a row sees is always one such range. */
struct key_range {
    size_t begin, end; /* begin == end: none */
};

/* The keys that query row `row` of item `batch_index` sees. Neither end falls from a row to the next. */
struct key_range attention_visible_keys(const struct attention_mask *mask, size_t key_length,
                                        size_t batch_index, size_t row);

#endif
