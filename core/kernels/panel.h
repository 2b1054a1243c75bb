/* Weights as recurrent layers keep them, and the products and gates on them. A panel holds the columns of
 * some neighbouring units: [depth][vectors][PANEL_LANES]. Its vectors are gates of the same PANEL_LANES
 * units, or with one gate neighbouring units; so all that a unit needs at a step comes out of one panel. */
#ifndef CORE_KERNELS_PANEL_H
#define CORE_KERNELS_PANEL_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PANEL_LANES = 16,      /* a 512-bit vector, or whole smaller ones */
    PANEL_VECTORS_MAX = 4, /* with PANEL_ROWS rows they take 24 of 32 wide registers */
    PANEL_ROWS = 6,        /* tiles of that many, and the last of fewer, waste no turn */
    /* Rows of a panel that all rows of the input use before the next ones: 512 x 64 floats are 128 KiB, an
     * eighth to a half of a second-level cache. */
    PANEL_DEPTH = 512
};

/* out[rows][vectors][PANEL_LANES] = in[rows][depth] times a panel, or += if `accumulate`. Each sum is taken
 * in ascending order of depth, by itself up to PANEL_DEPTH terms before it is added to what was there, and
 * has the same bits in any panel and beside any other rows; only a single row's, unless it is `alike`, is
 * taken in two halves, even and odd, where a vector is as wide as a panel's. */
struct panel_product {
    size_t rows, depth, vectors;
    size_t terms; /* even: so many are summed by themselves, and rounding errors grow over these only */
    const float *const *in; /* [rows]: where each row starts */
    const float *panel;
    float *out;
    size_t out_stride; /* between rows, in floats */
    bool accumulate;
    bool alike; /* a single row is summed as one of several */
};

/* Some neighbouring units of one sequence at one step: hidden = cell(projected + product). What is beyond
 * `count` units is computed, but goes no further than state and hidden, which have room up to a vector. */
struct panel_cell {
    size_t count, vectors;
    const float *product;   /* [vectors][PANEL_LANES]: hidden state times recurrent weights */
    const float *projected; /* the same of the input, with the biases */
    const float *previous;  /* [units]: the hidden state before */
    float *state;           /* [units]: the memory of a cell that has one */
    float *hidden;          /* [units]: the hidden state after */
    float *output;          /* [count]: another copy of it */
};

#endif
