#include "parallel/sequence_halo.h"

#include "core/base/memory.h"
#include "parallel/sequence_way.h"

size_t halo_runs(const struct convolution_shape *shape, struct part reader, struct part owner,
                 struct part *runs, size_t *rows) {
    size_t count = 0, end_of_run = 0;
    *rows = 0;
    /* From the tap that reads farthest back, so that positions rise. */
    for (size_t left = shape->kernel_size; left > 0; left--) {
        size_t first, end = convolution_tap_reads(shape, left - 1, reader.first, reader.count, &first);
        if (end > owner.first + owner.count) end = owner.first + owner.count;
        if (first < owner.first) first = owner.first;
        bool joined = count > 0 && first <= end_of_run;
        if (joined) first = end_of_run;
        if (first >= end) continue;
        if (runs && joined)
            runs[count - 1].count += end - first;
        else if (runs)
            runs[count] = (struct part){first, end - first};
        count += !joined;
        *rows += end - first;
        end_of_run = end;
    }
    return count;
}

/* --- who has what ------------------------------------------------------------------------------------- */

struct part halo_part(const struct sequence_split *split, int rank) {
    bool cut = split->kind == SPLIT_SEQUENCE;
    return cut ? split_evenly(split->convolution.length, split->ranks, rank)
               : (struct part){0, split->convolution.length};
}

/* The rank that has a position. */
static int owner_of(const struct sequence_split *split, size_t position) {
    size_t ranks = (size_t)split->ranks, least = split->convolution.length / ranks;
    size_t larger = split->convolution.length % ranks, of_larger = larger * (least + 1);
    return (int)(position < of_larger ? position / (least + 1) : larger + (position - of_larger) / least);
}

struct ranks halo_ranks(const struct sequence_split *split, int rank, bool readers) {
    const struct convolution_shape *shape = &split->convolution;
    struct convolution_reach reach = convolution_reach(shape);
    struct part rows = halo_part(split, rank);
    if (rows.count == 0) return (struct ranks){rank, rank};
    size_t back = readers ? reach.after : reach.before, ahead = readers ? reach.before : reach.after;
    size_t last = rows.first + rows.count - 1, left = shape->length - 1 - last;
    return (struct ranks){owner_of(split, rows.first > back ? rows.first - back : 0),
                          owner_of(split, last + (ahead < left ? ahead : left))};
}

/* --- messages ----------------------------------------------------------------------------------------- */

/* A message of a single sequence and a single run lies in place. */
static bool needs_packing(const struct convolution_shape *shape, size_t runs) {
    return shape->batch > 1 || runs > 1;
}

size_t halos_bytes(const struct sequence_split *split, int rank, bool sends) {
    const struct convolution_shape *shape = &split->convolution;
    struct ranks others = halo_ranks(split, rank, sends);
    size_t bytes = (size_t)(others.last - others.first) * (sizeof(struct halo) + sizeof(MPI_Request));
    for (int other = others.first; other <= others.last; other++) {
        struct part theirs = halo_part(split, other), own = halo_part(split, rank);
        size_t rows, runs;
        if (other == rank) continue;
        runs = halo_runs(shape, sends ? theirs : own, sends ? own : theirs, NULL, &rows);
        bytes += runs * sizeof(struct part);
        if (needs_packing(shape, runs)) bytes += shape->batch * rows * shape->width * sizeof(float);
    }
    return bytes;
}

static enum status fill_halo(const struct sequence_split *split, int rank, int other, bool sends,
                             struct halo *halo) {
    const struct convolution_shape *shape = &split->convolution;
    struct part own = halo_part(split, rank), theirs = halo_part(split, other);
    struct part reader = sends ? theirs : own, owner = sends ? own : theirs;
    halo->rank = other;
    halo->count = halo_runs(shape, reader, owner, NULL, &halo->rows);
    if (halo->count == 0) return STATUS_OK;
    halo->runs = memory_allocate(halo->count, sizeof *halo->runs);
    if (!halo->runs) return STATUS_NO_MEMORY;
    halo_runs(shape, reader, owner, halo->runs, &halo->rows);
    if (!needs_packing(shape, halo->count)) return STATUS_OK;
    return sequence_floats(shape->batch * halo->rows * shape->width, &halo->floats);
}

enum status halos_create(const struct sequence_split *split, int rank, bool sends, struct halos *made) {
    struct ranks others = halo_ranks(split, rank, sends);
    made->halos = memory_allocate((size_t)(others.last - others.first), sizeof *made->halos);
    if (!made->halos) return STATUS_NO_MEMORY;
    for (int other = others.first; other <= others.last; other++) {
        if (other == rank) continue;
        struct halo *halo = &made->halos[made->count];
        enum status status = fill_halo(split, rank, other, sends, halo);
        made->count += halo->count > 0;
        CHECK(status);
    }
    return STATUS_OK;
}

void halos_destroy(struct halos *gone) {
    for (size_t i = 0; i < gone->count; i++) {
        memory_free(gone->halos[i].runs);
        memory_free(gone->halos[i].floats);
    }
    memory_free(gone->halos);
}
