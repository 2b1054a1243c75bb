/* Heads, or parts of heads, that one thread does from packing to the end. */
#include "core/attention/call.h"

/* A whole head: what the thread packs is still in its cache when its blocks read it. */
static void attend_head(const struct call *call, const struct attention_workspace *space, size_t kv_head) {
    const real_plan *plan = call->plan;
    struct panel_range seen = REAL(attention_seen_panels)(call, kv_head);
    for (size_t panel = seen.first; panel < seen.last; panel++)
        REAL(attention_pack)(call, kv_head, panel, &space->own, panel - seen.first);
    for (size_t block = 0; block < plan->cut.spans * plan->cut.blocks; block++) {
        struct place place = REAL(attention_place)(call, kv_head, block);
        REAL(attention_begin)(place.rows, &space->state);
        size_t walked = REAL(attention_attend)(call, &place, seen, &space->own, space, &space->state);
        REAL(attention_report_chain)(walked);
        REAL(attention_finish)(call, &place, &space->state);
        REAL(attention_report)(plan);
    }
}

static struct attention_state state_from(const struct attention_state *state, size_t row, size_t width) {
    return (struct attention_state){
        .output = state->output + row * REAL(attention_padded_width)(width),
        .maximum = state->maximum + row,
        .sums = state->sums + row * ATTENTION_SLICE,
    };
}

/* All rows of the head against the keys of one part. What must be packed is packed panel by panel and used at
 * once. */
static void attend_part(const struct call *call, const struct attention_workspace *space, size_t kv_head,
                        size_t part, const struct attention_state *state) {
    const struct attention_cut *cut = &call->plan->cut;
    struct panel_range seen = REAL(attention_seen_panels)(call, kv_head);
    size_t first = part * cut->part_panels, last = first + cut->part_panels;
    size_t step = call->plan->own_panels ? call->plan->own_panels : cut->part_panels;
    if (first < seen.first) first = seen.first;
    if (last > seen.last) last = seen.last;
    REAL(attention_begin)(cut->rows, state);
    size_t walked = 0;
    for (; first < last; first += step) {
        struct panel_range here = {.first = first, .last = last - first < step ? last : first + step};
        for (size_t panel = here.first; panel < here.last; panel++)
            REAL(attention_pack)(call, kv_head, panel, &space->own, panel - here.first);
        size_t longest = 0;
        for (size_t block = 0; block < cut->spans * cut->blocks; block++) {
            struct place place = REAL(attention_place)(call, kv_head, block);
            struct attention_state rows = state_from(state, place.row, call->plan->shape.head_width);
            size_t of_block = REAL(attention_attend)(call, &place, here, &space->own, space, &rows);
            if (of_block > longest) longest = of_block;
            REAL(attention_report)(call->plan);
        }
        walked += longest;
    }
    REAL(attention_report_chain)(walked + cut->parts - 1); /* joining the parts takes one after the other */
}

/* Joins the parts in their order, whoever finished them when. */
static void merge_parts(const struct call *call, size_t kv_head, const struct attention_state *parts) {
    const struct attention_cut *cut = &call->plan->cut;
    const struct place all = {.kv_head = kv_head, .row = 0, .rows = cut->rows};
    for (size_t part = 1; part < cut->parts; part++)
        REAL(attention_join)(cut->rows, call->plan->shape.head_width, &parts[part], &parts[0]);
    REAL(attention_finish)(call, &all, &parts[0]);
}

void REAL(attention_run_alone)(const struct call *call, const struct attention_workspace *space,
                               size_t task) {
    const real_plan *plan = call->plan;
    size_t parts = plan->cut.parts, kv_head = task / parts, part = task % parts;
    if (parts == 1) {
        attend_head(call, space, kv_head);
        return;
    }
    struct attention_slot *slot = &plan->slot[kv_head % plan->slots];
    size_t uses_before = kv_head / plan->slots;
    REAL(attention_await)(&slot->finished, uses_before);
    attend_part(call, space, kv_head, part, &slot->parts[part]);
    size_t ready = atomic_fetch_add_explicit(&slot->ready, 1, memory_order_acq_rel) + 1;
    if (ready < (uses_before + 1) * parts) return;
    merge_parts(call, kv_head, slot->parts);
    atomic_fetch_add_explicit(&slot->finished, 1, memory_order_release);
}
