#include "parallel/head_runs.h"

#include "parallel/schedule_split.h"

struct head_range head_range_of(const struct attention_shape *shape, int ways, int way) {
    struct part heads = split_evenly(shape->heads, ways, way);
    size_t group = shape->heads / shape->kv_heads;
    size_t kv_first = heads.first / group, kv_last = (heads.first + heads.count - 1) / group;
    return (struct head_range){
        .first = heads.first, .count = heads.count, .kv_first = kv_first, .kv_count = kv_last - kv_first + 1};
}

/* How many of the `left` heads from `head` on one call can take. */
static size_t run_length(size_t head, size_t left, size_t group) {
    size_t within = head % group;
    if (within != 0 || left < group) return left < group - within ? left : group - within;
    return left / group * group;
}

size_t head_runs_cut(const struct attention_shape *shape, struct head_range range,
                     struct head_run runs[HEAD_RUNS_MAX]) {
    size_t group = shape->heads / shape->kv_heads, count = 0;
    for (size_t done = 0; done < range.count; count++) {
        size_t head = range.first + done, heads = run_length(head, range.count - done, group);
        struct attention_shape of_run = *shape;
        of_run.heads = heads;
        of_run.kv_heads = heads < group ? 1 : heads / group;
        of_run.batch = heads == range.count ? shape->batch : 1;
        runs[count] =
            (struct head_run){.head = done, .kv_head = head / group - range.kv_first, .shape = of_run};
        done += heads;
    }
    return count;
}
