#include "parallel/row_union.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/* Floats below which starting threads costs more than copying. */
enum { FLOATS_FOR_THREADS = 1 << 18 };

static struct sequence_part part_of_rank(const struct attention_split *split, int rank) {
    return (struct sequence_part){split->layout, split->shape.query_length, split->ranks, rank};
}

/* Rows lie apart when striped; else a rank has two consecutive chunks at most. */
static size_t runs_at_most(const struct attention_split *split, size_t rows, int members) {
    size_t chunks = 2 * (size_t)members;
    return split->layout == LAYOUT_STRIPED || rows < chunks ? rows : chunks;
}

static int compare_positions(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The union's row at a position that one of its rows has. */
static size_t row_at(const struct row_union *rows, size_t position) {
    const size_t *found = bsearch(&position, rows->positions, rows->rows, sizeof position, compare_positions);
    return (size_t)(found - rows->positions);
}

/* Appends the member's runs from `run` on and returns the place after them. */
static size_t find_runs(struct row_union *made, struct sequence_part part, size_t run) {
    size_t rows = sequence_rows(part), begin = run;
    for (size_t member_row = 0; member_row < rows; member_row++) {
        size_t row = row_at(made, sequence_position(part, member_row));
        struct row_run *last = run > begin ? &made->runs[run - 1] : NULL;
        if (last && last->row + last->count == row)
            last->count++;
        else
            made->runs[run++] = (struct row_run){member_row, row, 1};
    }
    return run;
}

enum status row_union_create(struct row_union *made, const struct attention_split *split, int first, int step,
                             int members) {
    *made = (struct row_union){.members = members};
    made->member_rows = memory_allocate((size_t)members, sizeof *made->member_rows);
    made->first_run = memory_allocate((size_t)members + 1, sizeof *made->first_run);
    if (!made->member_rows || !made->first_run) return STATUS_NO_MEMORY;
    for (int m = 0; m < members; m++)
        made->rows += made->member_rows[m] = sequence_rows(part_of_rank(split, first + m * step));
    made->positions = memory_allocate(made->rows, sizeof *made->positions);
    made->runs = memory_allocate(runs_at_most(split, made->rows, members), sizeof *made->runs);
    if (!made->positions || !made->runs) return STATUS_NO_MEMORY;
    size_t *positions = made->positions;
    for (int m = 0; m < members; m++) {
        sequence_positions(part_of_rank(split, first + m * step), positions);
        positions += made->member_rows[m];
    }
    qsort(made->positions, made->rows, sizeof *made->positions, compare_positions);
    for (int m = 0; m < members; m++)
        made->first_run[m + 1] = find_runs(made, part_of_rank(split, first + m * step), made->first_run[m]);
    return STATUS_OK;
}

void row_union_destroy(struct row_union *gone) {
    memory_free(gone->positions);
    memory_free(gone->member_rows);
    memory_free(gone->first_run);
    memory_free(gone->runs);
    *gone = (struct row_union){.members = 0};
}

size_t row_union_bytes(const struct attention_split *split, int members) {
    size_t count = (size_t)members, ranks = (size_t)split->ranks;
    size_t rows = count * ((split->shape.query_length + ranks - 1) / ranks);
    return (rows + 2 * count + 1) * sizeof(size_t) +
           runs_at_most(split, rows, members) * sizeof(struct row_run);
}

/* One member's rows of one set. */
static void insert_rows(const struct row_union *rows, size_t member, size_t width, const float *block,
                        float *all) {
    for (size_t i = rows->first_run[member]; i < rows->first_run[member + 1]; i++) {
        struct row_run run = rows->runs[i];
        memcpy(all + run.row * width, block + run.member_row * width, run.count * width * sizeof *all);
    }
}

void row_union_collect(const struct row_union *rows, size_t sets, size_t width, const float *const *blocks,
                       float *all) {
    size_t members = (size_t)rows->members;
#pragma omp parallel for collapse(2) if (sets * rows->rows * width >= FLOATS_FOR_THREADS)
    for (size_t set = 0; set < sets; set++)
        for (size_t m = 0; m < members; m++)
            if (blocks[m])
                insert_rows(rows, m, width, blocks[m] + set * rows->member_rows[m] * width,
                            all + set * rows->rows * width);
}

void row_union_deal(const struct row_union *rows, int member, size_t sets, size_t width, const float *all,
                    float *block) {
    size_t member_rows = rows->member_rows[member];
#pragma omp parallel for if (sets * member_rows * width >= FLOATS_FOR_THREADS)
    for (size_t set = 0; set < sets; set++) {
        const float *from = all + set * rows->rows * width;
        float *to = block + set * member_rows * width;
        for (size_t i = rows->first_run[member]; i < rows->first_run[member + 1]; i++) {
            struct row_run run = rows->runs[i];
            memcpy(to + run.member_row * width, from + run.row * width, run.count * width * sizeof *to);
        }
    }
}
