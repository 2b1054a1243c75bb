/* What the sources of the recurrent layers share. Internal to this folder. */
#ifndef CORE_SEQUENCE_RECURRENT_H
#define CORE_SEQUENCE_RECURRENT_H

#include "core/sequence/sequence.h"

/* All arrays that have a gate dimension keep a unit's gates `width` elements apart. */
struct recurrent {
    struct recurrent_shape shape;
    const struct cell *cell;
    size_t parameters;        /* numbers in the three arrays that follow */
    float *input_weights;     /* [width in][gates][width] */
    float *recurrent_weights; /* [width in][gates][width] */
    float *bias;              /* [gates][width] */
    float *projected;         /* [batch][length][gates][width]: input times input_weights, of all steps */
    float *products;          /* [batch][gates][width]: hidden state times recurrent_weights, of one step */
    float *hidden;            /* [batch][width] */
    float *memory;            /* [batch][width]: the LSTM's cell state; NULL for the others */
};

/* Some neighbouring units of one batch item at one step; pointers lead to the first unit's first gate. */
struct cell_units {
    size_t count, width;
    const float *projected, *bias;
    float *products; /* overwritten with the gates' values */
    float *hidden, *memory, *output;
};

/* A kind of cell. */
struct cell {
    size_t gates;
    bool has_memory;
    size_t elementwise, transcendental;           /* operations of `step` per unit */
    void (*step)(const struct cell_units *units); /* from the products to the new hidden state */
    void (*reference)(size_t width, const double *projected, const double *products, double *hidden,
                      double *memory); /* the same in float64 for one batch item; projected has the bias */
};

const struct cell *recurrent_cell(enum recurrent_cell kind);

#endif
