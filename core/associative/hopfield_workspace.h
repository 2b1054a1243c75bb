/* What one thread needs to retrieve with a network, and batches of states spread over threads: for the
 * sources of Hopfield networks. */
#ifndef CORE_ASSOCIATIVE_HOPFIELD_WORKSPACE_H
#define CORE_ASSOCIATIVE_HOPFIELD_WORKSPACE_H

#include "core/associative/hopfield_model.h"

struct hopfield_workspace {
    struct state *state;
    struct batch_fields *batch;      /* of halves; else NULL */
    struct walker *walker;           /* of halves and patterns, where it fits; else NULL */
    uint32_t *lists;                 /* [2][neurons] */
    uint64_t *ranks;                 /* [neurons] */
    struct hopfield_unstable *found; /* [neurons] */
    struct rank_buckets *queue;
    void *scratch;           /* of the rule */
    struct thermal *thermal; /* made for the first trial in a heat bath */
};

/* Puts spins into the workspace's state with their fields: number `item` of a batch whose fields were
 * computed together, where that is possible. STATUS_NO_MEMORY. */
enum status hopfield_take(const struct hopfield *network, struct hopfield_workspace *space, size_t item,
                          const int8_t *spins);

/* Does `work` for items first .. first + count - 1, count <= HOPFIELD_LANES. */
typedef enum status hopfield_work(void *context, struct hopfield_workspace *space, size_t first,
                                  size_t count);

/* Batches of all items, spread over OpenMP threads with a workspace each; the worst status of all. */
enum status hopfield_for_each_batch(const struct hopfield *network, size_t count, hopfield_work *work,
                                    void *context);

#endif
