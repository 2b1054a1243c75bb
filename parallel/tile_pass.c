#include "parallel/tile_pass.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "parallel/cost.h"
#include "parallel/row_gather.h"
#include "parallel/schedule_split.h"

enum { QUERIES_TAG = 20, KEYS_TAG, VALUES_TAG, PARTIALS_TAG };

/* Partial results on their way to the owners of the rows: a block for each other rank of the grid row,
 * [sets][rows][width] of output followed by [sets][rows] of log-sum-exps. */
struct partials {
    float *output, *log_sum_exp; /* of the tile: [sets][rows of the grid row][...] */
    float *leaving, *arriving;
    float *own_log_sum_exp; /* [sets][own rows]: where the caller wants none */
};

struct schedule_run {
    struct team *team;
    struct tile_grid grid;
    struct attention_shape shape; /* of the whole */
    struct attention_shape piece; /* of one call */
    size_t own_rows;
    struct attention_mask mask;
    size_t *key_lengths;
    struct row_union query_rows, key_rows;
    bool visible; /* something in the tile is */
    struct attention_plan *plan;
    struct row_gather queries, keys, values;
    struct partials partials;
    struct message_clock clock;
    struct exchange gathering, returning;
};

/* Heads of batch items in a piece: of queries, and of keys. */
static size_t query_sets(const struct schedule_run *run) {
    return run->piece.batch * run->piece.heads;
}

static size_t key_sets(const struct schedule_run *run) {
    return run->piece.batch * run->piece.kv_heads;
}

/* Floats of a piece's partial results for so many rows. */
static size_t partial_floats(const struct attention_shape *piece, size_t rows) {
    return piece->batch * piece->heads * rows * (piece->head_width + 1);
}

size_t tile_bytes_extra(const struct attention_split *split, struct tile_grid grid, int threads) {
    struct attention_shape piece = tile_piece(&split->shape);
    size_t most = tile_rows_most(split);
    size_t sets = piece.batch * piece.heads, kv_sets = piece.batch * piece.kv_heads;
    size_t columns = (size_t)grid.columns, rows = (size_t)grid.rows, width = piece.head_width;
    size_t floats = row_gather_floats(grid.columns, most, sets, width) +
                    2 * row_gather_floats(grid.rows, most, kv_sets, width);
    if (columns > 1) floats += (3 * columns - 2) * partial_floats(&piece, most) + sets * most;
    piece.query_length = columns * most;
    piece.key_length = rows * most;
    size_t pointers = columns + 2 * rows, requests = 4 * (2 * columns + 2 * rows);
    return sizeof(struct schedule_run) + floats * sizeof(float) + pointers * sizeof(float *) +
           requests * sizeof(MPI_Request) + split->shape.batch * sizeof(size_t) +
           row_union_bytes(split, grid.columns) + row_union_bytes(split, grid.rows) +
           attention_plan_bytes(&piece, threads);
}

void tile_destroy(struct schedule_run **run) {
    struct schedule_run *gone = *run;
    if (!gone) return;
    row_union_destroy(&gone->query_rows);
    row_union_destroy(&gone->key_rows);
    row_gather_destroy(&gone->queries);
    row_gather_destroy(&gone->keys);
    row_gather_destroy(&gone->values);
    exchange_destroy(&gone->gathering);
    exchange_destroy(&gone->returning);
    attention_plan_destroy(&gone->plan);
    memory_free(gone->partials.output);
    memory_free(gone->partials.log_sum_exp);
    memory_free(gone->partials.leaving);
    memory_free(gone->partials.arriving);
    memory_free(gone->partials.own_log_sum_exp);
    memory_free(gone->key_lengths);
    memory_free(gone);
    *run = NULL;
}

static enum status allocate_floats(size_t count, float **floats) {
    *floats = memory_allocate(count, sizeof(float));
    return *floats ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status create_partials(struct schedule_run *run) {
    struct partials *partials = &run->partials;
    size_t rows = run->query_rows.rows, width = run->piece.head_width, sets = query_sets(run);
    size_t others = (size_t)run->grid.columns - 1;
    CHECK(allocate_floats(sets * rows * width, &partials->output));
    CHECK(allocate_floats(sets * rows, &partials->log_sum_exp));
    CHECK(allocate_floats(partial_floats(&run->piece, rows - run->own_rows), &partials->leaving));
    CHECK(allocate_floats(others * partial_floats(&run->piece, run->own_rows), &partials->arriving));
    return allocate_floats(sets * run->own_rows, &partials->own_log_sum_exp);
}

/* The driving on of messages while the plan computes. */
static void let_messages_progress(void *context) {
    struct schedule_run *run = context;
    exchange_progress(&run->gathering);
    exchange_progress(&run->returning);
}

static enum status create_plan(struct schedule_run *run) {
    struct attention_shape tile = run->piece;
    tile.query_length = run->query_rows.rows;
    tile.key_length = run->key_rows.rows;
    CHECK(attention_plan_create(&tile, &run->plan));
    if (team_size(run->team) > 1) attention_plan_on_progress(run->plan, let_messages_progress, run);
    return STATUS_OK;
}

static enum status create_gathers(struct schedule_run *run) {
    struct tile_grid grid = run->grid;
    int row = team_rank(run->team) / grid.columns, column = team_rank(run->team) % grid.columns;
    size_t width = run->shape.head_width;
    run->queries = (struct row_gather){.rows = &run->query_rows,
                                       .first = row * grid.columns,
                                       .step = 1,
                                       .own = column,
                                       .tag = QUERIES_TAG,
                                       .sets = query_sets(run),
                                       .width = width};
    run->keys = (struct row_gather){.rows = &run->key_rows,
                                    .first = column,
                                    .step = grid.columns,
                                    .own = row,
                                    .tag = KEYS_TAG,
                                    .sets = key_sets(run),
                                    .width = width};
    run->values = run->keys;
    run->values.tag = VALUES_TAG;
    CHECK(row_gather_create(&run->queries));
    CHECK(row_gather_create(&run->keys));
    return row_gather_create(&run->values);
}

static enum status fill(struct schedule_run *run, const struct attention_split *split,
                        const struct attention_mask *mask) {
    struct tile_grid grid = run->grid;
    int row = team_rank(run->team) / grid.columns, column = team_rank(run->team) % grid.columns;
    int messages = row_gather_messages(grid.columns) + 2 * row_gather_messages(grid.rows);
    CHECK(split_copy_mask(&run->shape, mask, &run->mask, &run->key_lengths));
    CHECK(row_union_create(&run->query_rows, split, row * grid.columns, 1, grid.columns));
    CHECK(row_union_create(&run->key_rows, split, column, grid.columns, grid.rows));
    run->mask.queries = (struct attention_rows){.positions = run->query_rows.positions};
    run->mask.keys = (struct attention_rows){.positions = run->key_rows.positions};
    run->visible = cost_tile_flops(split, mask, grid.columns, row, column) > 0;
    CHECK(create_gathers(run));
    CHECK(exchange_create(&run->gathering, run->team, &run->clock, messages));
    CHECK(exchange_create(&run->returning, run->team, &run->clock, 2 * (grid.columns - 1)));
    if (grid.columns > 1) CHECK(create_partials(run));
    return run->visible ? create_plan(run) : STATUS_OK;
}

enum status tile_create(struct team *team, const struct attention_split *split, struct tile_grid grid,
                        const struct attention_mask *mask, struct schedule_run **run) {
    *run = NULL;
    if (tile_refuses(split, grid)) return STATUS_INVALID;
    struct schedule_run *made = memory_allocate(1, sizeof *made);
    enum status status = STATUS_NO_MEMORY;
    if (made) {
        *made = (struct schedule_run){.team = team,
                                      .grid = grid,
                                      .shape = split->shape,
                                      .piece = tile_piece(&split->shape),
                                      .own_rows = tile_share(split, team_rank(team)).rows};
        status = fill(made, split, mask);
    }
    status = team_agree(team, status, NULL);
    if (status != STATUS_OK) tile_destroy(&made);
    *run = made;
    return status;
}

/* The caller's arrays. */
struct pass {
    float scale;
    const float *queries, *keys, *values;
    float *output, *log_sum_exp;
};

/* A piece's place in them: the first of its heads and key/value heads, counted over the batch. */
struct place {
    size_t head, kv_head, item;
};

static size_t piece_count(const struct schedule_run *run) {
    return run->shape.batch / run->piece.batch * (run->shape.kv_heads / run->piece.kv_heads);
}

static struct place place_of_piece(const struct schedule_run *run, size_t piece) {
    size_t kv_head = piece * key_sets(run);
    return (struct place){
        .head = piece * query_sets(run), .kv_head = kv_head, .item = kv_head / run->shape.kv_heads};
}

static void start_gathering(struct schedule_run *run, const struct pass *pass, size_t piece) {
    struct place place = place_of_piece(run, piece);
    size_t row_floats = run->own_rows * run->shape.head_width;
    row_gather_start(&run->queries, &run->gathering, pass->queries + place.head * row_floats);
    row_gather_start(&run->keys, &run->gathering, pass->keys + place.kv_head * row_floats);
    row_gather_start(&run->values, &run->gathering, pass->values + place.kv_head * row_floats);
}

/* The tile's part of a piece. What the messages take meanwhile is no computing. */
static void compute(struct schedule_run *run, float scale, size_t piece, const float *queries,
                    const float *keys, const float *values, float *output, float *log_sum_exp) {
    struct split_traffic *traffic = run->clock.traffic;
    double start = parallel_seconds(), waited = traffic->seconds_wait;
    if (run->visible) {
        struct attention_mask mask = run->mask;
        if (mask.key_lengths) mask.key_lengths += place_of_piece(run, piece).item;
        attention_forward(run->plan, &mask, scale, queries, keys, values, output, log_sum_exp);
    } else {
        size_t rows = query_sets(run) * run->query_rows.rows;
        memset(output, 0, rows * run->shape.head_width * sizeof *output);
        for (size_t row = 0; log_sum_exp && row < rows; row++)
            log_sum_exp[row] = -INFINITY;
    }
    traffic->seconds_compute += parallel_seconds() - start - (traffic->seconds_wait - waited);
}

/* Where a piece's log-sum-exps of the own rows are kept. */
static float *own_log_sum_exp(struct schedule_run *run, const struct pass *pass, size_t piece) {
    if (!pass->log_sum_exp) return run->partials.own_log_sum_exp;
    return pass->log_sum_exp + place_of_piece(run, piece).head * run->own_rows;
}

/* Deals the tile's results to the owners of the rows: the own ones into the output, the others' into
 * messages. */
static void start_returning(struct schedule_run *run, const struct pass *pass, size_t piece) {
    const struct row_union *rows = &run->query_rows;
    const struct partials *partials = &run->partials;
    size_t sets = query_sets(run), width = run->shape.head_width;
    double start = parallel_seconds();
    row_union_deal(rows, run->queries.own, sets, width, partials->output,
                   pass->output + place_of_piece(run, piece).head * run->own_rows * width);
    row_union_deal(rows, run->queries.own, sets, 1, partials->log_sum_exp, own_log_sum_exp(run, pass, piece));
    float *leaving = partials->leaving, *arriving = partials->arriving;
    for (int m = 0; m < rows->members; m++) {
        if (m == run->queries.own) continue;
        size_t going = partial_floats(&run->piece, rows->member_rows[m]);
        size_t coming = partial_floats(&run->piece, run->own_rows);
        row_union_deal(rows, m, sets, width, partials->output, leaving);
        row_union_deal(rows, m, sets, 1, partials->log_sum_exp,
                       leaving + sets * rows->member_rows[m] * width);
        run->clock.traffic->seconds_wait += parallel_seconds() - start;
        exchange_receive(&run->returning, arriving, coming, run->queries.first + m, PARTIALS_TAG);
        exchange_send(&run->returning, leaving, going, run->queries.first + m, PARTIALS_TAG);
        start = parallel_seconds();
        leaving += going;
        arriving += coming;
    }
}

/* Merges what the other tiles of the grid row found for the own rows, in the order of their ranks. */
static void finish_returning(struct schedule_run *run, const struct pass *pass, size_t piece) {
    size_t width = run->shape.head_width, rows = query_sets(run) * run->own_rows;
    exchange_finish(&run->returning);
    double start = parallel_seconds();
    const float *arrived = run->partials.arriving;
    for (int other = 1; other < run->grid.columns; other++) {
        attention_merge(rows, width, arrived, arrived + rows * width,
                        pass->output + place_of_piece(run, piece).head * run->own_rows * width,
                        own_log_sum_exp(run, pass, piece));
        arrived += rows * (width + 1);
    }
    run->clock.traffic->seconds_merge += parallel_seconds() - start;
}

/* One piece, whose rows are on their way here. */
static void pass_piece(struct schedule_run *run, const struct pass *pass, size_t piece) {
    exchange_finish(&run->gathering);
    double start = parallel_seconds();
    const float *queries = row_gather_rows(&run->queries), *keys = row_gather_rows(&run->keys),
                *values = row_gather_rows(&run->values);
    run->clock.traffic->seconds_wait += parallel_seconds() - start;
    if (piece + 1 < piece_count(run)) start_gathering(run, pass, piece + 1);
    if (run->grid.columns == 1) {
        size_t row = place_of_piece(run, piece).head * run->own_rows;
        compute(run, pass->scale, piece, queries, keys, values, pass->output + row * run->shape.head_width,
                pass->log_sum_exp ? pass->log_sum_exp + row : NULL);
        return;
    }
    compute(run, pass->scale, piece, queries, keys, values, run->partials.output, run->partials.log_sum_exp);
    if (piece > 0) finish_returning(run, pass, piece - 1);
    start_returning(run, pass, piece);
}

void tile_forward(struct schedule_run *run, float scale, const float *queries, const float *keys,
                  const float *values, float *output, float *log_sum_exp, struct split_traffic *traffic) {
    *traffic = (struct split_traffic){0};
    run->clock = (struct message_clock){.traffic = traffic};
    const struct pass pass = {scale, queries, keys, values, output, log_sum_exp};
    size_t pieces = piece_count(run);
    start_gathering(run, &pass, 0);
    for (size_t piece = 0; piece < pieces; piece++)
        pass_piece(run, &pass, piece);
    if (run->grid.columns > 1) finish_returning(run, &pass, pieces - 1);
}
