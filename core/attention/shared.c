/* Heads that all threads share: first their panels are packed, then their blocks attended to, and nobody
 * waits at a barrier, since the next head's panels go to another slot. */
#include "core/attention/call.h"

size_t REAL(attention_shared_tasks)(const struct attention_cut *cut) {
    return cut->panels + cut->spans * cut->blocks;
}

static void run_panel(const struct call *call, size_t kv_head, size_t panel, struct attention_slot *slot,
                      size_t uses_before) {
    const struct attention_cut *cut = &call->plan->cut;
    struct panel_range seen = REAL(attention_seen_panels)(call, kv_head);
    REAL(attention_await)(&slot->finished, uses_before * cut->spans * cut->blocks);
    if (panel >= seen.first && panel < seen.last)
        REAL(attention_pack)(call, kv_head, panel, &slot->packed, panel - seen.first);
    atomic_fetch_add_explicit(&slot->ready, 1, memory_order_release);
}

static void run_block(const struct call *call, const struct attention_workspace *space, size_t kv_head,
                      size_t block, struct attention_slot *slot, size_t uses_before) {
    struct place place = REAL(attention_place)(call, kv_head, block);
    REAL(attention_await)(&slot->ready, (uses_before + 1) * call->plan->cut.panels);
    REAL(attention_begin)(place.rows, &space->state);
    struct panel_range seen = REAL(attention_seen_panels)(call, kv_head);
    REAL(attention_report_chain)
    (REAL(attention_attend)(call, &place, seen, &slot->packed, space, &space->state));
    REAL(attention_finish)(call, &place, &space->state);
    atomic_fetch_add_explicit(&slot->finished, 1, memory_order_release);
    REAL(attention_report)(call->plan);
}

void REAL(attention_run_shared)(const struct call *call, const struct attention_workspace *space,
                                size_t task) {
    const real_plan *plan = call->plan;
    size_t tasks = REAL(attention_shared_tasks)(&plan->cut), head = task / tasks;
    struct attention_slot *slot = &plan->slot[head % plan->slots];
    size_t kv_head = plan->alone_heads + head, uses_before = head / plan->slots;
    task %= tasks;
    if (task < plan->cut.panels)
        run_panel(call, kv_head, task, slot, uses_before);
    else
        run_block(call, space, kv_head, task - plan->cut.panels, slot, uses_before);
}
