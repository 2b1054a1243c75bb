/* Hebbian retrieval in pattern space with updates in blocks, for networks whose patterns fill the memory of
 * one machine or of many: each slice of the neurons keeps its rows of bits, all keep the overlaps.
 *
 * In each sweep the neurons stand in the random order of the asynchronous dynamics, cut into blocks. All
 * neurons of a block see the overlaps as they were at its start; those that are unstable flip together. So
 * blocks of one neuron are the asynchronous dynamics, flip by flip, and one block of all is the synchronous
 * one. What comes out depends on the key and the size of the blocks: not on slices, threads or instruction
 * sets. */
#ifndef CORE_ASSOCIATIVE_BLOCK_RETRIEVAL_H
#define CORE_ASSOCIATIVE_BLOCK_RETRIEVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/associative/pattern_slice.h"

/* Sweeps whose flips are kept one by one. */
enum { BLOCK_SWEEPS_KEPT = 256 };

/* Adds up over the slices of a network, element by element, modulo 2^32 and 2^64; all slices call it
 * together. */
struct slice_exchange {
    void *context;
    void (*sum_i32)(void *context, size_t count, int32_t *values);
    void (*sum_u64)(void *context, size_t count, uint64_t *values);
};

struct block_settings {
    uint64_t key;       /* of starts and orders: those of the trial's number, as of other retrievals */
    uint32_t trial;     /* its number */
    size_t pattern;     /* that it starts at */
    size_t start_flips; /* after so many neurons were flipped (patterns_flips_for) */
    size_t sweep_cap;   /* 0: BLOCK_SWEEP_CAP */
};

enum { BLOCK_SWEEP_CAP = 10000 };

/* The same from every slice. */
struct block_outcome {
    double overlap;    /* of the final state with the pattern */
    uint64_t flips;    /* repeated ones included */
    uint64_t sweeps;   /* passes over all neurons in which at least one flipped */
    uint64_t unstable; /* neurons of the final state that their field would flip */
    uint64_t rises;    /* sweeps after which the energy was higher */
    uint64_t changes;  /* blocks in which a neuron flipped */
    uint64_t looks;    /* neurons looked at: each took P additions under a mask */
    bool cycle;        /* one block of all neurons: ended in a 2-cycle, in one of its states */
    bool capped;       /* gave up at the cap on sweeps with unstable neurons */
    size_t kept;       /* the smaller of sweeps and BLOCK_SWEEPS_KEPT */
    uint64_t sweep_flips[BLOCK_SWEEPS_KEPT]; /* [kept]: flips of each sweep */
};

struct block_retrieval;

/* Memory for retrievals in blocks of `block` neurons. The slice must stay while it lives. STATUS_INVALID: no
 * neurons, more than 2^30, blocks of none. STATUS_NO_MEMORY. */
enum status block_retrieval_create(const struct pattern_slice *slice, size_t block,
                                   struct block_retrieval **retrieval);
void block_retrieval_destroy(struct block_retrieval **retrieval);

/* Bytes of it beside the slice's. */
double block_retrieval_bytes(size_t neurons, size_t patterns, size_t count, size_t block);

/* Takes a disturbed pattern to where it stays, to a 2-cycle or to the cap. exchange: of the slices, which
 * must all call this with equal settings; NULL: the slice is the network. Allocates nothing. Uses OpenMP
 * threads. Fills the outcome and gives STATUS_FAILED on all slices if the overlaps kept up over the flips
 * disagree with the final state: sum_i s_i N h_i, from its fields, must be sum_mu M_mu^2 - P N. */
enum status block_retrieval_run(struct block_retrieval *retrieval, const struct block_settings *settings,
                                const struct slice_exchange *exchange, struct block_outcome *outcome);

/* The slice's spins after a run, int8_t[count]. */
const int8_t *block_retrieval_spins(const struct block_retrieval *retrieval);

#endif
