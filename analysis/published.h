/* Layers of published models, by the parameters of the experiments' named shapes. */
#ifndef ANALYSIS_PUBLISHED_H
#define ANALYSIS_PUBLISHED_H

#include <stdbool.h>

struct published_shape {
    const char *name;       /* of the experiment's shape */
    const char *title;      /* for people */
    const char *experiment; /* what the model has there: attention or recurrent */
    double length, batch;   /* batch 1 where the publication names none */
    double width;           /* heads x head_width, or units */
    double heads, kv_heads; /* 0: no attention */
    double head_width;
    bool causal;
};

/* The first shapes of published_shapes, those of attention. */
enum {
    PUBLISHED_BERT_BASE,
    PUBLISHED_VIT_B_16,
    PUBLISHED_GPT2_XL,
    PUBLISHED_LLAMA_3_8B,
    PUBLISHED_ATTENTION
};

/* Ended by one whose name is NULL. */
extern const struct published_shape published_shapes[];

#endif
