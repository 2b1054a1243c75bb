/* Keys and values of one panel in the order in which the kernel reads them. */
#include <string.h>

#include "core/attention/call.h"
#include "core/base/work.h"

/* Groups of columns, one after the other. The padding is not written: it was zeroed when the plan was made.
 */
static void pack_values(size_t count, size_t width, size_t step, const real *values, real *packed) {
    for (size_t column = 0; column < width; column += step) {
        size_t columns = width - column < step ? width - column : step;
        real *to = packed + column * ATTENTION_PANEL_KEYS;
        for (size_t j = 0; j < count; j++)
            memcpy(to + j * step, values + j * width + column, columns * sizeof *packed);
    }
}

void REAL(attention_pack)(const struct call *call, size_t kv_head, size_t panel,
                          const struct attention_panels *packed, size_t at) {
    const struct attention_shape *shape = &call->plan->shape;
    size_t width = shape->head_width, first = panel * ATTENTION_PANEL_KEYS, left = shape->key_length - first;
    size_t count = left < ATTENTION_PANEL_KEYS ? left : ATTENTION_PANEL_KEYS;
    size_t from = (kv_head * shape->key_length + first) * width, to = at * ATTENTION_PANEL_KEYS;
    if (call->plan->cut.keys_packed) {
        call->kernels->REAL(attention_pack_keys)(count, width, call->scale, call->keys + from,
                                                 packed->keys + to * width);
        work_add((struct work){.elementwise = count * width}); /* the scale */
    }
    if (call->plan->cut.values_packed)
        pack_values(count, width, call->plan->cut.value_step, call->values + from,
                    packed->values + to * call->plan->cut.value_columns);
}
