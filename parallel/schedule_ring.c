/* Ring: the sequence is split into blocks of rows. Each rank keeps its queries; the blocks of keys and values
 * travel from rank to rank, and what a rank computes with one block is merged with what it has by the sums of
 * exponentials (Liu, Zaharia, Abbeel 2023, Ring Attention with Blockwise Transformers). */
#include <limits.h>
#include <mpi.h>

#include "core/base/memory.h"
#include "parallel/schedule_split.h"
#include "parallel/team_comm.h"

enum {
    KEYS_TAG = 3,
    VALUES_TAG = 4,
    MESSAGES = 4, /* keys and values, coming and going */
    /* Calls into MPI while one block is computed: without them Open MPI moves nothing meanwhile; 16 during a
     * large message were measured to hide it. */
    PIECES_WANTED = 16
};

/* A block on its way: the rows of one rank. */
struct block {
    struct part rows;
    const float *keys, *values; /* [batch][kv_heads][rows][head_width] */
};

struct schedule_run {
    struct team *team;
    struct attention_shape shape; /* of the whole */
    struct attention_share share;
    struct attention_mask mask;
    size_t *key_lengths;
    struct attention_shape piece;    /* of one call; its key length is the block's */
    struct attention_plan *plans[2]; /* for blocks of the smaller and of the larger size */
    float *travelling[2];            /* keys, then values; one is passed on while the next one arrives */
    float *partial_output, *partial_log_sum_exp; /* of one piece */
    MPI_Request requests[MESSAGES];
};

static struct part block_rows(const struct attention_shape *shape, int ranks, int rank) {
    return split_evenly(shape->key_length, ranks, rank);
}

/* Numbers in the keys of `rows` rows. */
static size_t block_elements(const struct attention_shape *shape, size_t rows) {
    return shape->batch * shape->kv_heads * rows * shape->head_width;
}

static const char *refuses(const struct attention_split *split) {
    const char *reason = split_refuses(split);
    if (reason) return reason;
    if (split->layout != LAYOUT_CONTIGUOUS) return "the ring's blocks are contiguous";
    const struct attention_shape *shape = &split->shape;
    int ranks = split->ranks;
    size_t elements = block_elements(shape, block_rows(shape, ranks, 0).count);
    return ranks > 1 && elements > INT_MAX ? "the keys of a block exceed what one MPI message holds" : NULL;
}

static struct attention_share share(const struct attention_split *split, int rank) {
    struct sequence_part part = {split->layout, split->shape.query_length, split->ranks, rank};
    return (struct attention_share){.heads = split->shape.heads,
                                    .kv_heads = split->shape.kv_heads,
                                    .part = part,
                                    .rows = sequence_rows(part)};
}

/* 2 batch kv_heads head_width (S - rows of the next rank): every block but the one born on the next rank goes
 * there once. Rows that divide evenly make this AP1's 2 H_kv c (P - 1). */
static uint64_t elements_sent(const struct attention_split *split, int rank) {
    const struct attention_shape *shape = &split->shape;
    int ranks = split->ranks;
    size_t next = block_rows(shape, ranks, (rank + 1) % ranks).count;
    return 2 * (uint64_t)block_elements(shape, shape->key_length - next);
}

static size_t smallest_divisor_from(size_t number, size_t least) {
    size_t divisor = least;
    while (number % divisor != 0)
        divisor++;
    return divisor;
}

/* One call's batch items and heads: about PIECES_WANTED calls to a block, all of one shape. */
static struct attention_shape cut_piece(const struct attention_shape *shape, int ranks, size_t rows) {
    struct attention_shape piece = *shape;
    piece.query_length = rows;
    if (ranks == 1) return piece;
    size_t kv_heads_least = (shape->batch * shape->kv_heads + PIECES_WANTED - 1) / PIECES_WANTED;
    if (kv_heads_least > shape->kv_heads) kv_heads_least = shape->kv_heads;
    piece.kv_heads = smallest_divisor_from(shape->kv_heads, kv_heads_least);
    piece.heads = piece.kv_heads * (shape->heads / shape->kv_heads);
    size_t batch_least = (shape->batch + PIECES_WANTED - 1) / PIECES_WANTED;
    piece.batch = piece.kv_heads < shape->kv_heads ? 1 : smallest_divisor_from(shape->batch, batch_least);
    return piece;
}

/* The piece against a block of the smaller (0) or larger (1) size; no such call: false. */
static bool piece_with_block(const struct schedule_run *run, int size, struct attention_shape *piece) {
    size_t length = run->shape.key_length, ranks = (size_t)team_size(run->team);
    *piece = run->piece;
    piece->key_length = length / ranks + (size_t)size;
    return piece->query_length > 0 && piece->key_length > 0 && (size == 0 || length % ranks != 0);
}

static int blocks_travelling(int ranks) {
    return ranks - 1 < 2 ? ranks - 1 : 2;
}

static double seconds(const struct attention_split *split, const struct attention_mask *mask,
                      const struct schedule_rates *rates) {
    double bytes = (double)elements_sent(split, 0) * sizeof(float);
    return attention_flops(&split->shape, mask) / split->ranks / rates->flops + bytes / rates->bandwidth;
}

static size_t bytes_extra(const struct attention_split *split, int threads) {
    const struct attention_shape *shape = &split->shape;
    int ranks = split->ranks;
    size_t rows = block_rows(shape, ranks, 0).count; /* no rank has more */
    struct attention_shape piece = cut_piece(shape, ranks, rows);
    size_t piece_rows = ranks > 1 ? piece.batch * piece.heads * rows : 0;
    size_t floats = (size_t)blocks_travelling(ranks) * 2 * block_elements(shape, rows) +
                    piece_rows * (shape->head_width + 1);
    piece.key_length = rows;
    size_t plans = attention_plan_bytes(&piece, threads);
    if (shape->key_length % (size_t)ranks != 0 && --piece.key_length > 0)
        plans += attention_plan_bytes(&piece, threads);
    return sizeof(struct schedule_run) + floats * sizeof(float) + plans + shape->batch * sizeof(size_t);
}

static void destroy(struct schedule_run **run) {
    struct schedule_run *gone = *run;
    if (!gone) return;
    for (int i = 0; i < 2; i++) {
        attention_plan_destroy(&gone->plans[i]);
        memory_free(gone->travelling[i]);
    }
    memory_free(gone->partial_output);
    memory_free(gone->partial_log_sum_exp);
    memory_free(gone->key_lengths);
    memory_free(gone);
    *run = NULL;
}

static enum status allocate_floats(size_t count, float **floats) {
    *floats = memory_allocate(count, sizeof(float));
    return *floats ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status allocate_buffers(struct schedule_run *run) {
    int ranks = team_size(run->team);
    size_t elements = block_elements(&run->shape, block_rows(&run->shape, ranks, 0).count);
    for (int i = 0; i < blocks_travelling(ranks); i++)
        CHECK(allocate_floats(2 * elements, &run->travelling[i]));
    if (ranks == 1) return STATUS_OK;
    size_t rows = run->piece.batch * run->piece.heads * run->piece.query_length;
    CHECK(allocate_floats(rows * run->piece.head_width, &run->partial_output));
    return allocate_floats(rows, &run->partial_log_sum_exp);
}

static enum status fill(struct schedule_run *run, const struct attention_mask *mask) {
    CHECK(split_copy_mask(&run->shape, mask, &run->mask, &run->key_lengths));
    for (int size = 0; size < 2; size++) {
        struct attention_shape piece;
        if (piece_with_block(run, size, &piece)) CHECK(attention_plan_create(&piece, &run->plans[size]));
    }
    return allocate_buffers(run);
}

static enum status create(struct team *team, const struct attention_split *split,
                          const struct attention_mask *mask, struct schedule_run **run) {
    *run = NULL;
    if (refuses(split)) return STATUS_INVALID;
    const struct attention_shape *shape = &split->shape;
    int ranks = split->ranks;
    struct schedule_run *made = memory_allocate(1, sizeof *made);
    enum status status = STATUS_NO_MEMORY;
    if (made) {
        made->team = team;
        made->shape = *shape;
        made->share = share(split, team_rank(team));
        made->piece = cut_piece(shape, ranks, made->share.rows);
        for (int i = 0; i < MESSAGES; i++)
            made->requests[i] = MPI_REQUEST_NULL;
        status = fill(made, mask);
    }
    status = team_agree(team, status, NULL);
    if (status != STATUS_OK) destroy(&made);
    *run = made;
    return status;
}

/* Seconds since *since, which moves on to now. */
static double lap(double *since) {
    double now = parallel_seconds(), passed = now - *since;
    *since = now;
    return passed;
}

/* Whether a row of this rank may see a key of the block, by the mask's kind alone. */
static bool block_visible(const struct schedule_run *run, const struct attention_mask *mask, size_t rows) {
    size_t query_first = mask->queries.first;
    size_t query_last = query_first + (run->share.rows - 1) * 1;
    size_t key_first = mask->keys.first, key_last = key_first + (rows - 1) * 1;
    if (mask->kind == ATTENTION_FULL) return true;
    if (key_first > query_last) return false;
    return mask->kind != ATTENTION_WINDOW || query_first < mask->window ||
           key_last > query_first - mask->window;
}

/* Whether one of the piece's batch items is long enough to reach the block. */
static bool piece_visible(const struct schedule_run *run, const struct attention_mask *mask) {
    if (!mask->key_lengths) return true;
    for (size_t item = 0; item < run->piece.batch; item++)
        if (mask->keys.first < mask->key_lengths[item]) return true;
    return false;
}

struct pass {
    float scale;
    const float *queries;
    float *output, *log_sum_exp;
    struct attention_traffic *traffic;
    double clock;
};

/* Open MPI moves data only inside its calls. */
static void let_messages_progress(struct schedule_run *run, struct pass *pass) {
    int done;
    MPI_Testall(MESSAGES, run->requests, &done, MPI_STATUSES_IGNORE);
    pass->traffic->seconds_wait += lap(&pass->clock);
}

/* The piece from (item, kv_head) on against a block: straight into the output for the rank's own block, which
 * comes first, else merged into it. */
static void compute_piece(struct schedule_run *run, struct pass *pass, const struct block *block, bool own,
                          struct attention_mask mask, size_t item, size_t kv_head) {
    const struct attention_shape *whole = &run->shape;
    size_t head = kv_head * (whole->heads / whole->kv_heads), width = whole->head_width;
    size_t row = (item * whole->heads + head) * run->share.rows;
    size_t key_row = (item * whole->kv_heads + kv_head) * block->rows.count;
    if (mask.key_lengths) mask.key_lengths += item;
    if (!own && !piece_visible(run, &mask)) return;
    float *output = pass->output + row * width, *log_sum_exp = pass->log_sum_exp + row;
    bool larger = block->rows.count > whole->key_length / (size_t)team_size(run->team);
    attention_forward(run->plans[larger], &mask, pass->scale, pass->queries + row * width,
                      block->keys + key_row * width, block->values + key_row * width,
                      own ? output : run->partial_output, own ? log_sum_exp : run->partial_log_sum_exp);
    pass->traffic->seconds_compute += lap(&pass->clock);
    if (own) return;
    attention_merge(run->piece.batch * run->piece.heads * run->share.rows, width, run->partial_output,
                    run->partial_log_sum_exp, output, log_sum_exp);
    pass->traffic->seconds_merge += lap(&pass->clock);
}

static void compute_block(struct schedule_run *run, struct pass *pass, const struct block *block, bool own) {
    if (run->share.rows == 0 || block->rows.count == 0) return;
    struct attention_mask mask = run->mask;
    mask.queries.first = sequence_position(run->share.part, 0);
    mask.keys.first = block->rows.first;
    if (!own && !block_visible(run, &mask, block->rows.count)) return;
    for (size_t item = 0; item < run->shape.batch; item += run->piece.batch)
        for (size_t kv_head = 0; kv_head < run->shape.kv_heads; kv_head += run->piece.kv_heads) {
            compute_piece(run, pass, block, own, mask, item, kv_head);
            let_messages_progress(run, pass);
        }
}

/* Counts what leaves, where it leaves. */
static void send_floats(struct schedule_run *run, struct pass *pass, const float *floats, size_t count,
                        int tag, MPI_Request *request) {
    int next = (team_rank(run->team) + 1) % team_size(run->team);
    MPI_Isend(floats, (int)count, MPI_FLOAT, next, tag, run->team->comm, request);
    pass->traffic->bytes_sent += count * sizeof *floats;
}

/* Posts the messages that pass `block` on and bring the one after it into `room`; empty blocks need none. */
static struct block start_exchange(struct schedule_run *run, struct pass *pass, const struct block *block,
                                   int owner_after, float *room) {
    int ranks = team_size(run->team), before = (team_rank(run->team) + ranks - 1) % ranks;
    struct part rows = block_rows(&run->shape, ranks, owner_after);
    size_t coming = block_elements(&run->shape, rows.count);
    size_t going = block_elements(&run->shape, block->rows.count);
    struct block after = {.rows = rows, .keys = room, .values = room + coming};
    MPI_Comm comm = run->team->comm;
    if (coming > 0) {
        MPI_Irecv(room, (int)coming, MPI_FLOAT, before, KEYS_TAG, comm, &run->requests[0]);
        MPI_Irecv(room + coming, (int)coming, MPI_FLOAT, before, VALUES_TAG, comm, &run->requests[1]);
    }
    if (going > 0) {
        send_floats(run, pass, block->keys, going, KEYS_TAG, &run->requests[2]);
        send_floats(run, pass, block->values, going, VALUES_TAG, &run->requests[3]);
    }
    pass->traffic->seconds_wait += lap(&pass->clock);
    return after;
}

static void finish_exchange(struct schedule_run *run, struct pass *pass) {
    MPI_Waitall(MESSAGES, run->requests, MPI_STATUSES_IGNORE);
    pass->traffic->seconds_wait += lap(&pass->clock);
}

static void forward(struct schedule_run *run, float scale, const float *queries, const float *keys,
                    const float *values, float *output, float *log_sum_exp,
                    struct attention_traffic *traffic) {
    *traffic = (struct attention_traffic){0};
    struct pass pass = {scale, queries, output, log_sum_exp, traffic, parallel_seconds()};
    int ranks = team_size(run->team), rank = team_rank(run->team);
    struct block block = {{sequence_position(run->share.part, 0), run->share.rows}, keys, values};
    for (int step = 0; step < ranks; step++) {
        struct block after = block;
        if (step + 1 < ranks)
            after = start_exchange(run, &pass, &block, (rank - step - 1 + ranks) % ranks,
                                   run->travelling[step % 2]);
        compute_block(run, &pass, &block, step == 0);
        finish_exchange(run, &pass);
        block = after;
    }
}

const struct schedule schedule_ring = {
    .name = "ring",
    .summary =
        "the sequence is split; blocks of keys and values travel around and partial results are merged",
    .needs = "nothing",
    .refuses = refuses,
    .share = share,
    .elements_sent = elements_sent,
    .seconds = seconds,
    .bytes_extra = bytes_extra,
    .create = create,
    .forward = forward,
    .destroy = destroy,
};
