#include "parallel/row_gather.h"

#include "core/base/memory.h"

size_t row_gather_floats(int members, size_t rows, size_t sets, size_t width) {
    return members > 1 ? (2 * (size_t)members - 1) * rows * sets * width : 0;
}

enum status row_gather_create(struct row_gather *made) {
    const struct row_union *rows = made->rows;
    size_t own_rows = rows->member_rows[made->own], row_floats = made->sets * made->width;
    made->blocks = memory_allocate((size_t)rows->members, sizeof *made->blocks);
    if (!made->blocks) return STATUS_NO_MEMORY;
    if (rows->members == 1) return STATUS_OK;
    made->arrived = memory_allocate((rows->rows - own_rows) * row_floats, sizeof(float));
    made->all = memory_allocate(rows->rows * row_floats, sizeof(float));
    return made->arrived && made->all ? STATUS_OK : STATUS_NO_MEMORY;
}

void row_gather_destroy(struct row_gather *gone) {
    memory_free(gone->arrived);
    memory_free(gone->all);
    memory_free(gone->blocks);
}

void row_gather_start(struct row_gather *gather, struct exchange *exchange, const float *own) {
    const struct row_union *rows = gather->rows;
    size_t row_floats = gather->sets * gather->width,
           own_floats = rows->member_rows[gather->own] * row_floats;
    float *arrived = gather->arrived;
    for (int m = 0; m < rows->members; m++) {
        size_t floats = rows->member_rows[m] * row_floats;
        gather->blocks[m] = m == gather->own ? own : arrived;
        if (m == gather->own) continue;
        exchange_receive(exchange, arrived, floats, gather->first + m * gather->step, gather->tag);
        arrived += floats;
    }
    /* The next member first, so that not all ranks send to the same one at once. */
    for (int i = 1; i < rows->members; i++) {
        int m = (gather->own + i) % rows->members;
        exchange_send(exchange, own, own_floats, gather->first + m * gather->step, gather->tag);
    }
}

const float *row_gather_rows(struct row_gather *gather) {
    if (!gather->all) return gather->blocks[gather->own];
    row_union_collect(gather->rows, gather->sets, gather->width, gather->blocks, gather->all);
    return gather->all;
}
