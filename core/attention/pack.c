/* Copies of keys and values in the order in which the kernel reads them. */
#include <string.h>

#include "core/attention/internal.h"

size_t attention_padded_width(size_t head_width) {
    return (head_width + ATTENTION_SLICE - 1) / ATTENTION_SLICE * ATTENTION_SLICE;
}

size_t attention_panels(size_t key_length) {
    return (key_length + ATTENTION_PANEL_KEYS - 1) / ATTENTION_PANEL_KEYS;
}

/* packed[width][64] from keys[count][width]. */
static void pack_key_group(size_t count, size_t width, float factor, const float *keys, float *packed) {
    /* Columns in groups that share a cache line of every key. */
    const size_t group = 16;
    for (size_t first = 0; first < width; first += group) {
        size_t last = width - first < group ? width : first + group;
        for (size_t k = first; k < last; k++)
            for (size_t j = 0; j < count; j++)
                packed[k * ATTENTION_GROUP + j] = factor * keys[j * width + k];
    }
}

/* Keys that the panel really has. */
static size_t panel_keys(size_t key_length, size_t panel) {
    size_t left = key_length - panel * ATTENTION_PANEL_KEYS;
    return left < ATTENTION_PANEL_KEYS ? left : ATTENTION_PANEL_KEYS;
}

void attention_pack_keys(size_t key_length, size_t width, size_t panel, float factor, const float *keys,
                         float *packed) {
    size_t count = panel_keys(key_length, panel);
    keys += panel * ATTENTION_PANEL_KEYS * width;
    for (size_t first = 0; first < count; first += ATTENTION_GROUP) {
        size_t left = count - first, here = left < ATTENTION_GROUP ? left : ATTENTION_GROUP;
        pack_key_group(here, width, factor, keys + first * width, packed + first * width);
    }
}

void attention_pack_values(size_t key_length, size_t width, size_t panel, const float *values,
                           float *packed) {
    size_t count = panel_keys(key_length, panel), padded = attention_padded_width(width);
    values += panel * ATTENTION_PANEL_KEYS * width;
    for (size_t first = 0; first < width; first += ATTENTION_GROUP) {
        size_t columns = width - first, step = padded - first;
        if (columns > ATTENTION_GROUP) columns = ATTENTION_GROUP;
        if (step > ATTENTION_GROUP) step = ATTENTION_GROUP;
        float *to = packed + first * ATTENTION_PANEL_KEYS;
        for (size_t j = 0; j < count; j++)
            memcpy(to + j * step, values + j * width + first, columns * sizeof *to);
    }
}
