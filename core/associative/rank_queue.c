#include "core/associative/rank_queue.h"

/* Puts `entry` at `place` or below, so that no child of it comes before it. */
static void sink(struct rank_queue *queue, size_t place, struct rank_entry entry) {
    for (size_t child; (child = 2 * place + 1) < queue->count; place = child) {
        if (child + 1 < queue->count && rank_before(queue->entries[child + 1], queue->entries[child]))
            child++;
        if (!rank_before(queue->entries[child], entry)) break;
        queue->entries[place] = queue->entries[child];
    }
    queue->entries[place] = entry;
}

void rank_queue_arrange(struct rank_queue *queue, size_t count) {
    queue->count = count;
    for (size_t place = count / 2; place-- > 0;)
        sink(queue, place, queue->entries[place]);
}

struct rank_entry rank_queue_pop(struct rank_queue *queue) {
    struct rank_entry first = queue->entries[0];
    queue->count--;
    if (queue->count > 0) sink(queue, 0, queue->entries[queue->count]);
    return first;
}
