#include "parallel/head_exchange.h"

#include <string.h>

#include "core/base/memory.h"
#include "parallel/head_exchange_size.h"
#include "parallel/head_runs.h"
#include "parallel/row_union.h"
#include "parallel/schedule_split.h"

enum { ARRAYS = 3, FIRST_TAG = 5 };

/* One of the arrays that change hands. */
struct array {
    int tag;
    bool kv; /* of key/value heads, not of query heads */
    size_t width;
};

struct head_exchange {
    struct attention_shape shape; /* of the whole */
    int ways, way, first_rank;    /* of the group; this rank is first_rank + way */
    bool log_sum_exp;
    size_t own_rows;
    struct row_union rows;
    float *by_heads;       /* messages between the others' rows and this rank's heads */
    float *by_rows;        /* and between this rank's rows and the others' heads, where those are not dense */
    const float **arrived; /* [ARRAYS][ways] messages in by_heads */
    const float **blocks;  /* [ways] the same of one batch item */
    struct message_clock *clock;
    struct exchange messages;
};

static int capacity(int ways) {
    return 2 * ARRAYS * (ways - 1);
}

size_t head_exchange_bytes(const struct attention_split *split, int ways) {
    return sizeof(struct head_exchange) + row_union_bytes(split, ways) +
           head_exchange_floats(split, ways) * sizeof(float) + (ARRAYS + 1) * (size_t)ways * sizeof(float *) +
           (size_t)capacity(ways) * sizeof(MPI_Request);
}

static enum status fill(struct head_exchange *exchange, const struct team *team,
                        const struct attention_split *split) {
    int ways = exchange->ways, way = exchange->way;
    const struct attention_shape *shape = &split->shape;
    CHECK(row_union_create(&exchange->rows, split, exchange->first_rank, 1, ways));
    CHECK(exchange_create(&exchange->messages, team, exchange->clock, capacity(ways)));
    exchange->own_rows = exchange->rows.member_rows[way];
    size_t other_rows = exchange->rows.rows - exchange->own_rows;
    exchange->by_heads =
        memory_allocate(head_exchange_floats_by_heads(shape, ways, way, other_rows), sizeof(float));
    exchange->by_rows =
        memory_allocate(head_exchange_floats_by_rows(shape, ways, way, exchange->own_rows), sizeof(float));
    exchange->arrived = memory_allocate(ARRAYS * (size_t)ways, sizeof *exchange->arrived);
    exchange->blocks = memory_allocate((size_t)ways, sizeof *exchange->blocks);
    bool all = exchange->by_heads && exchange->by_rows && exchange->arrived && exchange->blocks;
    return all ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status head_exchange_create(const struct team *team, const struct attention_split *split, int ways,
                                 struct message_clock *clock, struct head_exchange **exchange) {
    *exchange = memory_allocate(1, sizeof **exchange);
    if (!*exchange) return STATUS_NO_MEMORY;
    int rank = team_rank(team);
    **exchange = (struct head_exchange){.shape = split->shape,
                                        .ways = ways,
                                        .way = rank % ways,
                                        .first_rank = rank / ways * ways,
                                        .log_sum_exp = split->log_sum_exp,
                                        .clock = clock};
    enum status status = fill(*exchange, team, split);
    if (status != STATUS_OK) head_exchange_destroy(exchange);
    return status;
}

void head_exchange_destroy(struct head_exchange **exchange) {
    struct head_exchange *gone = *exchange;
    if (!gone) return;
    row_union_destroy(&gone->rows);
    exchange_destroy(&gone->messages);
    memory_free(gone->by_heads);
    memory_free(gone->by_rows);
    memory_free(gone->arrived);
    memory_free(gone->blocks);
    memory_free(gone);
    *exchange = NULL;
}

size_t head_exchange_rows(const struct head_exchange *exchange) {
    return exchange->rows.rows;
}

/* The heads of an array that rank `way` of the group has after the exchange. */
static struct part heads_of(const struct head_exchange *exchange, struct array array, int way) {
    struct head_range heads = head_range_of(&exchange->shape, exchange->ways, way);
    return array.kv ? (struct part){heads.kv_first, heads.kv_count} : (struct part){heads.first, heads.count};
}

static size_t all_heads(const struct head_exchange *exchange, struct array array) {
    return array.kv ? exchange->shape.kv_heads : exchange->shape.heads;
}

/* Where this rank's rows of the heads of `way` begin in an array by rows. */
static size_t place_by_rows(const struct head_exchange *exchange, struct array array, int way, size_t item) {
    size_t head = item * all_heads(exchange, array) + heads_of(exchange, array, way).first;
    return head * exchange->own_rows * array.width;
}

/* Floats of one batch item in a message between this rank's rows and the heads of `way`. */
static size_t item_floats(const struct head_exchange *exchange, struct array array, int way) {
    return heads_of(exchange, array, way).count * exchange->own_rows * array.width;
}

/* Calls of one direction go round the other ranks of the group, the next first, so that not all send to the
 * same one at once. */
static int other_way(const struct head_exchange *exchange, int distance) {
    return (exchange->way + distance) % exchange->ways;
}

/* Adds the messages with this rank's rows of the others' heads; returns the room after those that had to be
 * packed. */
static float *send_rows(struct head_exchange *exchange, struct array array, const float *by_rows,
                        float *room) {
    for (int distance = 1; distance < exchange->ways; distance++) {
        int to = other_way(exchange, distance);
        size_t floats = item_floats(exchange, array, to), batch = exchange->shape.batch;
        const float *message = by_rows + place_by_rows(exchange, array, to, 0);
        if (batch > 1) {
            for (size_t item = 0; item < batch; item++)
                memcpy(room + item * floats, by_rows + place_by_rows(exchange, array, to, item),
                       floats * sizeof *room);
            message = room;
            room += batch * floats;
        }
        exchange_send(&exchange->messages, message, batch * floats, exchange->first_rank + to, array.tag);
    }
    return room;
}

/* Adds the messages that bring the others' rows of this rank's heads into room; returns the room after them.
 */
static float *receive_rows(struct head_exchange *exchange, struct array array, const float **arrived,
                           float *room) {
    size_t sets = exchange->shape.batch * heads_of(exchange, array, exchange->way).count;
    for (int distance = 1; distance < exchange->ways; distance++) {
        int from = other_way(exchange, distance);
        size_t floats = sets * exchange->rows.member_rows[from] * array.width;
        exchange_receive(&exchange->messages, room, floats, exchange->first_rank + from, array.tag);
        arrived[from] = room;
        room += floats;
    }
    return room;
}

/* Puts what arrived, and the rank's own rows, in order. */
static void collect(struct head_exchange *exchange, struct array array, const float *by_rows,
                    const float *const *arrived, float *by_heads) {
    size_t heads = heads_of(exchange, array, exchange->way).count;
    for (size_t item = 0; item < exchange->shape.batch; item++) {
        for (int way = 0; way < exchange->ways; way++)
            exchange->blocks[way] =
                way == exchange->way
                    ? by_rows + place_by_rows(exchange, array, way, item)
                    : arrived[way] + item * heads * exchange->rows.member_rows[way] * array.width;
        row_union_collect(&exchange->rows, heads, array.width, exchange->blocks,
                          by_heads + item * heads * exchange->rows.rows * array.width);
    }
}

/* All time since `start` is exposed, also what was spent between messages. */
static void note_wait(const struct head_exchange *exchange, double start, double waited) {
    exchange->clock->traffic->seconds_wait = waited + parallel_seconds() - start;
}

void head_exchange_gather(struct head_exchange *exchange, const struct exchange_inputs *by_rows,
                          const struct exchange_gathered *by_heads) {
    double start = parallel_seconds(), waited = exchange->clock->traffic->seconds_wait;
    size_t width = exchange->shape.head_width;
    const float *const from[ARRAYS] = {by_rows->keys, by_rows->values, by_rows->queries};
    float *const to[ARRAYS] = {by_heads->keys, by_heads->values, by_heads->queries};
    float *arriving = exchange->by_heads, *leaving = exchange->by_rows;
    struct array arrays[ARRAYS];
    for (int i = 0; i < ARRAYS; i++) {
        arrays[i] = (struct array){FIRST_TAG + i, i < 2, width};
        arriving = receive_rows(exchange, arrays[i], exchange->arrived + i * exchange->ways, arriving);
    }
    for (int i = 0; i < ARRAYS; i++)
        leaving = send_rows(exchange, arrays[i], from[i], leaving);
    exchange_finish(&exchange->messages);
    for (int i = 0; i < ARRAYS; i++)
        collect(exchange, arrays[i], from[i], exchange->arrived + i * exchange->ways, to[i]);
    note_wait(exchange, start, waited);
}

/* Adds the messages that bring this rank's rows of the others' heads, into place where they are dense. */
static float *receive_heads(struct head_exchange *exchange, struct array array, float *by_rows, float *room) {
    size_t batch = exchange->shape.batch;
    for (int distance = 1; distance < exchange->ways; distance++) {
        int from = other_way(exchange, distance);
        size_t floats = batch * item_floats(exchange, array, from);
        float *message = batch > 1 ? room : by_rows + place_by_rows(exchange, array, from, 0);
        exchange_receive(&exchange->messages, message, floats, exchange->first_rank + from, array.tag);
        if (batch > 1) room += floats;
    }
    return room;
}

/* Adds the messages that give back the others' rows of this rank's heads, and copies its own. */
static float *send_heads(struct head_exchange *exchange, struct array array, const float *by_heads,
                         float *by_rows, float *room) {
    size_t heads = heads_of(exchange, array, exchange->way).count, batch = exchange->shape.batch;
    for (int distance = 1; distance < exchange->ways; distance++) {
        int to = other_way(exchange, distance);
        size_t floats = batch * heads * exchange->rows.member_rows[to] * array.width;
        row_union_deal(&exchange->rows, to, batch * heads, array.width, by_heads, room);
        exchange_send(&exchange->messages, room, floats, exchange->first_rank + to, array.tag);
        room += floats;
    }
    for (size_t item = 0; item < batch; item++)
        row_union_deal(&exchange->rows, exchange->way, heads, array.width,
                       by_heads + item * heads * exchange->rows.rows * array.width,
                       by_rows + place_by_rows(exchange, array, exchange->way, item));
    return room;
}

/* Puts the messages of receive_heads into place. */
static const float *unpack_heads(const struct head_exchange *exchange, struct array array, const float *room,
                                 float *by_rows) {
    for (int distance = 1; distance < exchange->ways; distance++) {
        int from = other_way(exchange, distance);
        size_t floats = item_floats(exchange, array, from);
        for (size_t item = 0; item < exchange->shape.batch; item++, room += floats)
            memcpy(by_rows + place_by_rows(exchange, array, from, item), room, floats * sizeof *room);
    }
    return room;
}

void head_exchange_return(struct head_exchange *exchange, const float *output_by_heads,
                          const float *log_sum_exp_by_heads, float *output, float *log_sum_exp) {
    double start = parallel_seconds(), waited = exchange->clock->traffic->seconds_wait;
    const struct array arrays[2] = {{FIRST_TAG, false, exchange->shape.head_width},
                                    {FIRST_TAG + 1, false, 1}};
    const float *const from[2] = {output_by_heads, log_sum_exp_by_heads};
    float *const to[2] = {output, log_sum_exp};
    float *arriving = exchange->by_rows, *leaving = exchange->by_heads;
    const int count = exchange->log_sum_exp ? 2 : 1;
    for (int i = 0; i < count; i++)
        arriving = receive_heads(exchange, arrays[i], to[i], arriving);
    for (int i = 0; i < count; i++)
        leaving = send_heads(exchange, arrays[i], from[i], to[i], leaving);
    exchange_finish(&exchange->messages);
    const float *arrived = exchange->by_rows;
    for (int i = 0; i < count && exchange->shape.batch > 1; i++)
        arrived = unpack_heads(exchange, arrays[i], arrived, to[i]);
    note_wait(exchange, start, waited);
}
