/* Creating and destroying plans. */
#include "core/attention/plan.h"

#include <math.h>
#include <omp.h>
#include <stdbool.h>

#include "core/base/memory.h"

/* Offsets of the arrays of one thread's workspace, in bytes, each a multiple of MEMORY_ALIGNMENT. */
struct workspace_layout {
    size_t output, maximum, sums, visible, seen, total;
};

static size_t aligned(size_t bytes) {
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

static struct workspace_layout workspace_layout(size_t width) {
    const size_t rows = ATTENTION_BLOCK_ROWS;
    struct workspace_layout at = {.output = 0};
    at.maximum = at.output + aligned(rows * attention_padded_width(width) * sizeof(float));
    at.sums = at.maximum + aligned(rows * sizeof(float));
    at.visible = at.sums + aligned(rows * ATTENTION_SLICE * sizeof(float));
    at.seen = at.visible + aligned(rows * sizeof(struct attention_range));
    at.total = at.seen + aligned(rows * sizeof(struct key_range));
    return at;
}

static struct attention_workspace workspace_at(char *base, const struct workspace_layout *at) {
    return (struct attention_workspace){
        .output = (float *)(base + at->output),
        .maximum = (float *)(base + at->maximum),
        .sums = (float *)(base + at->sums),
        .visible = (struct attention_range *)(base + at->visible),
        .seen = (struct key_range *)(base + at->seen),
    };
}

/* Whether a, b, c, d and the bytes of a float multiply without overflow. */
static bool array_fits(size_t a, size_t b, size_t c, size_t d) {
    size_t bytes = sizeof(float);
    return !__builtin_mul_overflow(bytes, a, &bytes) && !__builtin_mul_overflow(bytes, b, &bytes) &&
           !__builtin_mul_overflow(bytes, c, &bytes) && !__builtin_mul_overflow(bytes, d, &bytes) &&
           bytes <= SIZE_MAX / 4;
}

static bool shape_is_valid(const struct attention_shape *shape) {
    if (!shape->batch || !shape->heads || !shape->kv_heads || !shape->query_length || !shape->key_length ||
        !shape->head_width)
        return false;
    if (shape->head_width > ATTENTION_WIDTH_MAX || shape->heads % shape->kv_heads) return false;
    /* Padding adds at most 63 keys and 15 columns. */
    return shape->key_length <= SIZE_MAX / 2 &&
           array_fits(shape->batch, shape->heads, shape->query_length, shape->head_width) &&
           array_fits(shape->batch, shape->kv_heads, shape->key_length + ATTENTION_PANEL_KEYS,
                      shape->head_width + ATTENTION_SLICE);
}

size_t attention_query_blocks(const struct attention_shape *shape) {
    return (shape->query_length + ATTENTION_BLOCK_ROWS - 1) / ATTENTION_BLOCK_ROWS;
}

/* As few heads at a time as give every thread 16 blocks of queries, so that threads stay balanced to a few
 * percent and what is packed for short sequences is still in the cache when it is used. */
static size_t slots_for(const struct attention_shape *shape, int threads) {
    size_t heads = shape->batch * shape->kv_heads;
    size_t blocks_per_slot = attention_query_blocks(shape) * (shape->heads / shape->kv_heads);
    size_t slots = (16 * (size_t)threads + blocks_per_slot - 1) / blocks_per_slot;
    return slots < heads ? slots : heads;
}

static size_t packed_keys_of_head(const struct attention_shape *shape) {
    return attention_panels(shape->key_length) * ATTENTION_PANEL_KEYS * shape->head_width;
}

static size_t packed_values_of_head(const struct attention_shape *shape) {
    if (!attention_values_need_packing(shape->head_width)) return 0;
    return attention_panels(shape->key_length) * ATTENTION_PANEL_KEYS *
           attention_padded_width(shape->head_width);
}

static enum status allocate(struct attention_plan *plan) {
    const struct attention_shape *shape = &plan->shape;
    struct workspace_layout layout = workspace_layout(shape->head_width);
    size_t threads = (size_t)plan->threads;
    plan->packed_keys = memory_allocate(plan->slots * plan->keys_per_head, sizeof(float));
    plan->packed_values = memory_allocate(plan->slots * plan->values_per_head, sizeof(float));
    plan->workspaces = memory_allocate(threads, sizeof *plan->workspaces);
    plan->scratch = memory_allocate(threads, layout.total);
    if (!plan->packed_keys || !plan->packed_values || !plan->workspaces || !plan->scratch)
        return STATUS_NO_MEMORY;
    for (size_t t = 0; t < threads; t++)
        plan->workspaces[t] = workspace_at(plan->scratch + t * layout.total, &layout);
    return STATUS_OK;
}

enum status attention_plan_create(const struct attention_shape *shape, struct attention_plan **plan) {
    *plan = NULL;
    if (!shape_is_valid(shape)) return STATUS_INVALID;
    struct attention_plan *created = memory_allocate(1, sizeof *created);
    if (!created) return STATUS_NO_MEMORY;
    created->shape = *shape;
    created->threads = omp_get_max_threads();
    created->slots = slots_for(shape, created->threads);
    created->keys_per_head = packed_keys_of_head(shape);
    created->values_per_head = packed_values_of_head(shape);
    enum status status = allocate(created);
    if (status == STATUS_OK)
        *plan = created;
    else
        attention_plan_destroy(&created);
    return status;
}

void attention_plan_destroy(struct attention_plan **plan) {
    if (!*plan) return;
    memory_free((*plan)->packed_keys);
    memory_free((*plan)->packed_values);
    memory_free((*plan)->workspaces);
    memory_free((*plan)->scratch);
    memory_free(*plan);
    *plan = NULL;
}

void attention_plan_on_progress(struct attention_plan *plan, attention_progress *progress, void *context) {
    plan->progress = progress;
    plan->progress_context = context;
}

size_t attention_plan_bytes(const struct attention_shape *shape, int threads) {
    size_t slots = slots_for(shape, threads), workers = (size_t)threads;
    const size_t arrays[] = {
        sizeof(struct attention_plan),
        slots * packed_keys_of_head(shape) * sizeof(float),
        slots * packed_values_of_head(shape) * sizeof(float),
        workers * sizeof(struct attention_workspace),
        workers * workspace_layout(shape->head_width).total,
    };
    size_t bytes = 0;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        bytes += aligned(arrays[i]) + MEMORY_ALIGNMENT; /* the allocator's header */
    return bytes;
}

float attention_scale(const struct attention_shape *shape) {
    return 1.0F / sqrtf((float)shape->head_width);
}
