/* The fused forward pass: threads take tasks in order from one counter. Which thread does a task changes no
 * bit of the result. */
#include "core/attention/attention.h"

#include <math.h>
#include <omp.h>
#include <sched.h>

#include "core/attention/call.h"

static const double LOG2_OF_E = 1.44269504088896341;

/* Looks at a count before a thread that waits lets others run: about a microsecond. */
enum { LOOKS = 200 };

void REAL(attention_await)(atomic_size_t *count, size_t target) {
    for (int looks = 0; atomic_load_explicit(count, memory_order_acquire) < target; looks++)
        if (looks >= LOOKS) sched_yield();
}

void REAL(attention_report)(const real_plan *plan) {
    if (plan->progress && omp_get_thread_num() == 0) plan->progress(plan->progress_context);
}

static void run_tasks(const struct call *call) {
    real_plan *plan = call->plan;
    const struct attention_workspace *space = &plan->workspaces[omp_get_thread_num()];
    size_t alone = plan->alone_heads * plan->cut.parts;
    size_t all = alone + (plan->heads - plan->alone_heads) * REAL(attention_shared_tasks)(&plan->cut);
    for (;;) {
        size_t task = atomic_fetch_add_explicit(&plan->next_task, 1, memory_order_relaxed);
        if (task >= all) return;
        if (task < alone)
            REAL(attention_run_alone)(call, space, task);
        else
            REAL(attention_run_shared)(call, space, task - alone);
    }
}

void REAL(attention_forward)(real_plan *plan, const struct attention_mask *mask, real scale,
                             const real *queries, const real *keys, const real *values, real *output,
                             real *log_sum_exp) {
    const struct call call = {.plan = plan,
                              .mask = mask,
                              .kernels = plan->kernels,
                              .scale = (real)((double)scale * LOG2_OF_E), /* exponentials are powers of two */
                              .queries = queries,
                              .keys = keys,
                              .values = values,
                              .output = output,
                              .log_sum_exp = log_sum_exp};
    int threads = omp_get_max_threads() < plan->threads ? omp_get_max_threads() : plan->threads;
    atomic_store(&plan->next_task, 0);
    for (size_t s = 0; s < plan->slots; s++) {
        atomic_store(&plan->slot[s].ready, 0);
        atomic_store(&plan->slot[s].finished, 0);
    }
#pragma omp parallel num_threads(threads)
    run_tasks(&call);
}
