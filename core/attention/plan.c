/* Creating and destroying plans. */
#include "core/attention/plan.h"

#include <math.h>
#include <omp.h>

#include "core/base/memory.h"
#include "core/kernels/kernels.h"

/* Memory dealt out piece by piece, each a multiple of MEMORY_ALIGNMENT. With a base of NULL it only counts.
 */
struct deal {
    char *base;
    size_t used;
};

static size_t aligned(size_t bytes) {
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

static void *deal(struct deal *from, size_t count, size_t size) {
    char *piece = from->base ? from->base + from->used : NULL;
    from->used += aligned(count * size);
    return count ? piece : NULL;
}

static struct attention_state deal_state(struct deal *from, size_t rows, size_t width) {
    return (struct attention_state){
        .output = deal(from, rows * REAL(attention_padded_width)(width), sizeof(real)),
        .maximum = deal(from, rows, sizeof(real)),
        .sums = deal(from, rows * ATTENTION_SLICE, sizeof(real)),
    };
}

static struct attention_panels deal_panels(struct deal *from, const real_plan *plan, size_t panels) {
    size_t keys = panels * ATTENTION_PANEL_KEYS, width = plan->shape.head_width;
    return (struct attention_panels){
        .keys = deal(from, plan->cut.keys_packed ? keys * width : 0, sizeof(real)),
        .values = deal(from, plan->cut.values_packed ? keys * plan->cut.value_columns : 0, sizeof(real)),
    };
}

static struct attention_workspace deal_workspace(struct deal *from, const real_plan *plan) {
    const size_t rows = ATTENTION_BLOCK_ROWS, width = plan->shape.head_width;
    return (struct attention_workspace){
        .state = deal_state(from, rows, width),
        .own = deal_panels(from, plan, plan->own_panels),
        .queries = deal(from, plan->cut.keys_packed ? 0 : rows * width, sizeof(real)),
        .visible = deal(from, rows, sizeof(struct attention_range)),
        .seen = deal(from, rows, sizeof(struct key_range)),
    };
}

/* Hands out all arrays of a plan whose sizes are known, or counts their bytes. */
static size_t deal_all(real_plan *plan, char *base) {
    struct deal from = {.base = base};
    const size_t parts = plan->cut.parts;
    for (int t = 0; t < plan->threads; t++) {
        struct attention_workspace space = deal_workspace(&from, plan);
        if (base) plan->workspaces[t] = space;
    }
    for (size_t s = 0; s < plan->slots; s++) {
        if (parts == 1) {
            struct attention_panels packed = deal_panels(&from, plan, plan->cut.panels);
            if (base) plan->slot[s].packed = packed;
        }
        for (size_t p = 0; p < parts && parts > 1; p++) {
            struct attention_state state = deal_state(&from, plan->cut.rows, plan->shape.head_width);
            if (base) plan->part_states[s * parts + p] = state;
        }
        if (base && parts > 1) plan->slot[s].parts = plan->part_states + s * parts;
    }
    return from.used;
}

/* Slots for as many heads as keep all threads busy, and one more, so that nobody waits for the last block of
 * a head. */
static size_t slots_for(const real_plan *plan) {
    size_t users = plan->cut.parts > 1 ? plan->heads : plan->heads - plan->alone_heads;
    size_t tasks = plan->cut.parts > 1 ? plan->cut.parts : plan->cut.spans * plan->cut.blocks;
    size_t threads = (size_t)plan->threads, slots = threads == 1 ? 1 : (threads + tasks - 1) / tasks + 1;
    return users < slots ? users : slots;
}

/* A plan of this shape without its memory. */
static real_plan plan_sizes(const struct attention_shape *shape, int threads) {
    real_plan plan = {
        .shape = *shape,
        .cut = REAL(attention_cut)(shape, kernels()->attention_group_bytes / sizeof(real)),
        .kernels = kernels(),
        .threads = threads,
        .heads = shape->batch * shape->kv_heads,
    };
    plan.alone_heads = REAL(attention_alone_heads)(shape, &plan.cut, threads);
    if (plan.cut.keys_packed || plan.cut.values_packed)
        plan.own_panels = plan.cut.parts > 1 ? 1 : plan.alone_heads ? plan.cut.panels : 0;
    plan.slots = slots_for(&plan);
    return plan;
}

/* Whether a, b, c, d and the bytes of a real multiply without overflow. */
static bool array_fits(size_t a, size_t b, size_t c, size_t d) {
    size_t bytes = sizeof(real);
    return !__builtin_mul_overflow(bytes, a, &bytes) && !__builtin_mul_overflow(bytes, b, &bytes) &&
           !__builtin_mul_overflow(bytes, c, &bytes) && !__builtin_mul_overflow(bytes, d, &bytes) &&
           bytes <= SIZE_MAX >> 16; /* what is computed from it must not overflow either */
}

static bool shape_is_valid(const struct attention_shape *shape) {
    if (!shape->batch || !shape->heads || !shape->kv_heads || !shape->query_length || !shape->key_length ||
        !shape->head_width)
        return false;
    if (shape->head_width > ATTENTION_WIDTH_MAX || shape->heads % shape->kv_heads) return false;
    return shape->key_length <= SIZE_MAX / 2 &&
           array_fits(shape->batch, shape->heads, shape->query_length, shape->head_width) &&
           array_fits(shape->batch, shape->kv_heads, shape->key_length + ATTENTION_PANEL_KEYS,
                      shape->head_width + ATTENTION_SLICE);
}

static enum status allocate(real_plan *plan) {
    plan->workspaces = memory_allocate((size_t)plan->threads, sizeof *plan->workspaces);
    plan->slot = memory_allocate(plan->slots, sizeof *plan->slot);
    plan->part_states = memory_allocate(plan->slots * plan->cut.parts, sizeof *plan->part_states);
    plan->scratch = memory_allocate(deal_all(plan, NULL), 1);
    if (!plan->workspaces || !plan->slot || !plan->part_states || !plan->scratch) return STATUS_NO_MEMORY;
    deal_all(plan, plan->scratch);
    return STATUS_OK;
}

enum status REAL(attention_plan_create)(const struct attention_shape *shape, real_plan **plan) {
    *plan = NULL;
    if (!shape_is_valid(shape)) return STATUS_INVALID;
    real_plan *created = memory_allocate(1, sizeof *created);
    if (!created) return STATUS_NO_MEMORY;
    *created = plan_sizes(shape, omp_get_max_threads());
    enum status status = allocate(created);
    if (status == STATUS_OK)
        *plan = created;
    else
        REAL(attention_plan_destroy)(&created);
    return status;
}

void REAL(attention_plan_destroy)(real_plan **plan) {
    if (!*plan) return;
    memory_free((*plan)->workspaces);
    memory_free((*plan)->slot);
    memory_free((*plan)->part_states);
    memory_free((*plan)->scratch);
    memory_free(*plan);
    *plan = NULL;
}

void REAL(attention_plan_on_progress)(real_plan *plan, attention_progress *progress, void *context) {
    plan->progress = progress;
    plan->progress_context = context;
}

size_t REAL(attention_plan_bytes)(const struct attention_shape *shape, int threads) {
    real_plan plan = plan_sizes(shape, threads);
    const size_t arrays[] = {
        sizeof plan,
        (size_t)threads * sizeof *plan.workspaces,
        plan.slots * sizeof *plan.slot,
        plan.slots * plan.cut.parts * sizeof *plan.part_states,
        deal_all(&plan, NULL),
    };
    size_t bytes = 0;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        bytes += aligned(arrays[i]) + MEMORY_ALIGNMENT; /* the allocator's header */
    return bytes;
}
