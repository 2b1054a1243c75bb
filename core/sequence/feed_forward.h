/* The feed-forward part of a transformer block, position by position, float32: what whole models are made of
 * beside attention. */
#ifndef CORE_SEQUENCE_FEED_FORWARD_H
#define CORE_SEQUENCE_FEED_FORWARD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/random.h"
#include "core/base/status.h"

/* Plain: gelu(x A) B, gelu as in GPT-2, x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2 (Hendrycks & Gimpel
 * 2016). Gated: (silu(x A) * (x G)) B, silu(x) = x / (1 + e^-x) (Shazeer 2020, SwiGLU). Without biases. */
struct feed_forward_shape {
    size_t positions; /* of all sequences */
    size_t width, hidden;
    bool gated;
};

struct feed_forward;

/* Weights are normal, A and G with variance 1 / width, B with 1 / hidden. STATUS_INVALID: a size is 0 or more
 * than a product takes. STATUS_NO_MEMORY. */
enum status feed_forward_create(const struct feed_forward_shape *shape, struct random_source weights,
                                struct feed_forward **layer);
void feed_forward_destroy(struct feed_forward **layer);

/* output[positions][width] of input[positions][width]. Some positions at a time, so that what lies between
 * stays in the cache; products on BLAS's threads, the rest on OpenMP's. One call at a time. */
void feed_forward_run(struct feed_forward *layer, const float *input, float *output);

/* Float64 reference of one position: output[width] of input[width]. STATUS_NO_MEMORY. */
enum status feed_forward_reference(const struct feed_forward *layer, const float *input, double *output);

/* Bytes that the layer takes beside its input and output; 0 for an invalid shape. */
double feed_forward_bytes(const struct feed_forward_shape *shape);

/* Operations of all kinds that a run executes. */
double feed_forward_flops(const struct feed_forward_shape *shape);

#endif
