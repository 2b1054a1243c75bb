#include "core/associative/rank_buckets.h"

#include "core/base/memory.h"

enum { WORD_BITS = 64, BUCKET_BITS = 10, BUCKETS = 1 << BUCKET_BITS, WORDS = BUCKETS / WORD_BITS };

struct link {
    struct rank_entry entry;
    uint32_t next; /* in the bucket; NONE: the last */
};

static const uint32_t NONE = UINT32_MAX;

struct rank_buckets {
    uint64_t words_in_use;   /* bit w: words[w] is not 0 */
    uint64_t in_use[WORDS];  /* a bit per bucket that is not empty */
    uint32_t heads[BUCKETS]; /* of buckets in use */
    uint32_t used;           /* links that ever were */
    uint32_t unused;         /* first of those that no longer are, or NONE */
    struct link *links;      /* [neurons] */
};

enum status rank_buckets_create(size_t neurons, struct rank_buckets **queue) {
    *queue = NULL;
    struct rank_buckets *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    made->unused = NONE;
    made->links = memory_allocate(neurons, sizeof *made->links);
    if (!made->links) {
        memory_free(made);
        return STATUS_NO_MEMORY;
    }
    *queue = made;
    return STATUS_OK;
}

void rank_buckets_destroy(struct rank_buckets **queue) {
    if (!*queue) return;
    memory_free((*queue)->links);
    memory_free(*queue);
    *queue = NULL;
}

double rank_buckets_bytes(size_t neurons) {
    return (double)sizeof(struct rank_buckets) + (double)neurons * (double)sizeof(struct link);
}

static uint32_t take_link(struct rank_buckets *queue) {
    uint32_t place = queue->unused;
    if (place == NONE) return queue->used++;
    queue->unused = queue->links[place].next;
    return place;
}

void rank_buckets_push(struct rank_buckets *queue, struct rank_entry entry) {
    unsigned bucket = (unsigned)(entry.rank >> (WORD_BITS - BUCKET_BITS)), word = bucket / WORD_BITS;
    uint64_t bit = (uint64_t)1 << bucket % WORD_BITS;
    uint32_t place = take_link(queue);
    queue->links[place] = (struct link){entry, queue->in_use[word] & bit ? queue->heads[bucket] : NONE};
    queue->heads[bucket] = place;
    queue->in_use[word] |= bit;
    queue->words_in_use |= (uint64_t)1 << word;
}

/* The first bucket in use; there must be one. */
static unsigned first_bucket(const struct rank_buckets *queue) {
    unsigned word = (unsigned)__builtin_ctzll(queue->words_in_use);
    return word * WORD_BITS + (unsigned)__builtin_ctzll(queue->in_use[word]);
}

/* What points to the first entry of a bucket in use. */
static uint32_t *first_in(struct rank_buckets *queue, unsigned bucket) {
    struct link *links = queue->links;
    uint32_t *best = &queue->heads[bucket];
    for (uint32_t *place = &links[*best].next; *place != NONE; place = &links[*place].next)
        if (rank_before(links[*place].entry, links[*best].entry)) best = place;
    return best;
}

bool rank_buckets_pop(struct rank_buckets *queue, struct rank_entry *first) {
    if (!queue->words_in_use) return false;
    unsigned bucket = first_bucket(queue), word = bucket / WORD_BITS;
    uint32_t *best = first_in(queue, bucket), place = *best;
    *first = queue->links[place].entry;
    *best = queue->links[place].next;
    queue->links[place].next = queue->unused;
    queue->unused = place;
    if (queue->heads[bucket] == NONE) {
        queue->in_use[word] &= ~((uint64_t)1 << bucket % WORD_BITS);
        if (!queue->in_use[word]) queue->words_in_use &= ~((uint64_t)1 << word);
    }
    return true;
}

/* One of each bucket: few have more. */
size_t rank_buckets_next(const struct rank_buckets *queue, size_t most, uint32_t *neurons) {
    size_t count = 0;
    for (uint64_t words = queue->words_in_use; words; words &= words - 1) {
        unsigned word = (unsigned)__builtin_ctzll(words);
        for (uint64_t bits = queue->in_use[word]; bits; bits &= bits - 1) {
            if (count == most) return count;
            unsigned bucket = word * WORD_BITS + (unsigned)__builtin_ctzll(bits);
            neurons[count++] = queue->links[queue->heads[bucket]].entry.neuron;
        }
    }
    return count;
}
