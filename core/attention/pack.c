/* Copies of keys and values in the order in which the kernel reads them. */
#include <string.h>

#include "core/attention/internal.h"

size_t attention_padded_width(size_t head_width) {
    return (head_width + ATTENTION_SLICE - 1) / ATTENTION_SLICE * ATTENTION_SLICE;
}

size_t attention_panels(size_t key_length) {
    return (key_length + ATTENTION_PANEL_KEYS - 1) / ATTENTION_PANEL_KEYS;
}

/* Four floats; vectors of any instruction set hold so many. */
typedef float quad __attribute__((vector_size(16), may_alias));

static inline quad load_quad(const float *from) {
    quad q;
    memcpy(&q, from, sizeof q);
    return q;
}

/* packed[c][0 .. 3] = factor * keys[0 .. 3][c] for four columns c: a 4 x 4 transposition in registers. */
static inline void pack_square(size_t width, float factor, const float *keys, float *packed) {
    quad a = factor * load_quad(keys), b = factor * load_quad(keys + width);
    quad c = factor * load_quad(keys + 2 * width), d = factor * load_quad(keys + 3 * width);
    quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5),
         ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5),
         cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    quad columns[4] = {
        __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5),
        __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
        __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5),
        __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7),
    };
    for (size_t column = 0; column < 4; column++)
        memcpy(packed + column * ATTENTION_GROUP, &columns[column], sizeof columns[column]);
}

/* packed[width][64] from keys[count][width]: squares of 4 x 4, then what is left of columns and keys. */
static void pack_key_group(size_t count, size_t width, float factor, const float *keys, float *packed) {
    size_t whole_keys = count / 4 * 4, whole_columns = width / 4 * 4;
    for (size_t k = 0; k < whole_columns; k += 4)
        for (size_t j = 0; j < whole_keys; j += 4)
            pack_square(width, factor, keys + j * width + k, packed + k * ATTENTION_GROUP + j);
    for (size_t k = 0; k < width; k++)
        for (size_t j = k < whole_columns ? whole_keys : 0; j < count; j++)
            packed[k * ATTENTION_GROUP + j] = factor * keys[j * width + k];
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

bool attention_values_need_packing(size_t width) {
    return width > ATTENTION_GROUP || width % ATTENTION_SLICE != 0;
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
