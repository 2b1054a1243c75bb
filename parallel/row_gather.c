#include "parallel/row_gather.h"

#include "core/base/memory.h"

enum { RUNS_IN_PLACE_MAX = 2 };

int row_gather_messages(int members) {
    return 2 * RUNS_IN_PLACE_MAX * (members - 1);
}

size_t row_gather_floats(int members, size_t rows, size_t sets, size_t width) {
    return members > 1 ? 2 * (size_t)members * rows * sets * width : 0;
}

static bool can_be_in_place(const struct row_gather *gather) {
    const struct row_union *rows = gather->rows;
    for (int m = 0; m < rows->members; m++)
        if (rows->first_run[m + 1] - rows->first_run[m] > RUNS_IN_PLACE_MAX) return false;
    return gather->sets == 1;
}

enum status row_gather_create(struct row_gather *made) {
    const struct row_union *rows = made->rows;
    size_t row_floats = made->sets * made->width;
    size_t others = (rows->rows - rows->member_rows[made->own]) * row_floats, all = rows->rows * row_floats;
    made->blocks = memory_allocate((size_t)rows->members, sizeof *made->blocks);
    if (!made->blocks) return STATUS_NO_MEMORY;
    if (rows->members == 1) return STATUS_OK;
    made->in_place = can_be_in_place(made);
    float **second = made->in_place ? &made->all[1] : &made->arrived;
    made->all[0] = memory_allocate(all, sizeof(float));
    *second = memory_allocate(made->in_place ? all : others, sizeof(float));
    return made->all[0] && *second ? STATUS_OK : STATUS_NO_MEMORY;
}

void row_gather_destroy(struct row_gather *gone) {
    memory_free(gone->arrived);
    memory_free(gone->all[0]);
    memory_free(gone->all[1]);
    memory_free(gone->blocks);
}

/* Member m's rows into their places. */
static void receive_in_place(const struct row_gather *gather, struct exchange *exchange, int m, float *all) {
    const struct row_union *rows = gather->rows;
    for (size_t i = rows->first_run[m]; i < rows->first_run[m + 1]; i++) {
        struct row_run run = rows->runs[i];
        exchange_receive(exchange, all + run.row * gather->width, run.count * gather->width,
                         gather->first + m * gather->step, gather->tag);
    }
}

/* The own rows to member m, in the messages that it expects. */
static void send_runs(const struct row_gather *gather, struct exchange *exchange, int m, const float *own) {
    const struct row_union *rows = gather->rows;
    int rank = gather->first + m * gather->step;
    if (!gather->in_place) {
        size_t floats = rows->member_rows[gather->own] * gather->sets * gather->width;
        exchange_send(exchange, own, floats, rank, gather->tag);
        return;
    }
    for (size_t i = rows->first_run[gather->own]; i < rows->first_run[gather->own + 1]; i++) {
        struct row_run run = rows->runs[i];
        exchange_send(exchange, own + run.member_row * gather->width, run.count * gather->width, rank,
                      gather->tag);
    }
}

void row_gather_start(struct row_gather *gather, struct exchange *exchange, const float *own) {
    const struct row_union *rows = gather->rows;
    float *arrived = gather->arrived;
    if (gather->in_place) gather->filling = 1 - gather->filling;
    for (int m = 0; m < rows->members; m++) {
        gather->blocks[m] = m == gather->own ? own : arrived;
        if (m == gather->own) continue;
        if (gather->in_place) {
            receive_in_place(gather, exchange, m, gather->all[gather->filling]);
            continue;
        }
        size_t floats = rows->member_rows[m] * gather->sets * gather->width;
        exchange_receive(exchange, arrived, floats, gather->first + m * gather->step, gather->tag);
        arrived += floats;
    }
    /* The next member first, so that not all ranks send to the same one at once. */
    for (int i = 1; i < rows->members; i++)
        send_runs(gather, exchange, (gather->own + i) % rows->members, own);
}

const float *row_gather_rows(struct row_gather *gather) {
    float *all = gather->all[gather->filling];
    if (!all) return gather->blocks[gather->own];
    row_union_collect(gather->rows, gather->sets, gather->width, gather->blocks, all);
    return all;
}
