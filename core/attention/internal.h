/* Shared by the sources of this folder only. */
#ifndef CORE_ATTENTION_INTERNAL_H
#define CORE_ATTENTION_INTERNAL_H

#include <stdbool.h>

#include "core/attention/attention.h"
#include "core/kernels/attention_block.h"

/* Keys begin .. end - 1. Positions grow with the index, so what a row sees is always one such range. */
struct key_range {
    size_t begin, end; /* begin == end: none */
};

/* The keys that query row `row` of item `batch_index` sees. */
struct key_range attention_visible_keys(const struct attention_mask *mask, size_t key_length,
                                        size_t batch_index, size_t row);

/* Width rounded up to whole slices: the row length of packed values and of a block's output. */
size_t attention_padded_width(size_t head_width);

/* Panels of ATTENTION_PANEL_KEYS keys. */
size_t attention_panels(size_t key_length);

/* Packs panel `panel` of one head's keys[key_length][width], times factor, in the layout of struct
 * attention_block. Padding is not written: the array must have been zeroed once. */
void attention_pack_keys(size_t key_length, size_t width, size_t panel, float factor, const float *keys,
                         float *packed);

/* Whether values differ from the kernel's layout: one group of columns without padding is read in place. */
bool attention_values_need_packing(size_t width);
void attention_pack_values(size_t key_length, size_t width, size_t panel, const float *values, float *packed);

#endif
