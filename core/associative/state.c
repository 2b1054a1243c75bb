#include "core/associative/state.h"

#include "core/base/memory.h"

static const struct state_type *const types[COUPLINGS_KIND_COUNT] = {
    [COUPLINGS_INTEGER] = &state_integer,
    [COUPLINGS_REAL] = &state_real,
    [COUPLINGS_HALF] = &state_half,
    [COUPLINGS_PATTERN] = &state_pattern,
};

enum status state_create(const struct couplings *couplings, struct state **state) {
    *state = NULL;
    struct state *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->type = types[couplings->kind];
    made->couplings = couplings;
    made->extent = couplings->stride;
    made->fields = memory_allocate(made->extent, made->type->entry_size);
    made->signs = memory_allocate(made->extent, made->type->entry_size);
    made->open = memory_allocate(made->extent, made->type->entry_size);
    if (!made->fields || !made->signs || !made->open) {
        state_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    *state = made;
    return STATUS_OK;
}

void state_destroy(struct state **state) {
    if (!*state) return;
    memory_free((*state)->fields);
    memory_free((*state)->signs);
    memory_free((*state)->open);
    memory_free(*state);
    *state = NULL;
}

double state_bytes(enum couplings_kind kind, size_t neurons) {
    return 3.0 * (double)types[kind]->entry_size * (double)couplings_stride(kind, neurons);
}
