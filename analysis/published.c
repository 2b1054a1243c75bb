#include "analysis/published.h"

#include <stddef.h>

#define ATTENTION(name, title, length, heads, kv_heads, head_width, causal)                                  \
    { name, title, "attention", length, 1, (heads) * (head_width), heads, kv_heads, head_width, causal }
#define RECURRENT(name, title, length, batch, width)                                                         \
    { name, title, "recurrent", length, batch, width, 0, 0, 0, false }

const struct published_shape published_shapes[] = {
    [PUBLISHED_BERT_BASE] = ATTENTION("bert-base", "BERT-base", 512, 12, 12, 64, false),
    [PUBLISHED_VIT_B_16] = ATTENTION("vit-b-16", "ViT-B/16", 197, 12, 12, 64, false),
    [PUBLISHED_GPT2_XL] = ATTENTION("gpt2-xl", "GPT-2 XL", 1024, 25, 25, 64, true),
    [PUBLISHED_LLAMA_3_8B] = ATTENTION("llama-3-8b", "Llama-3-8B", 8192, 32, 8, 128, true),
    RECURRENT("gnmt", "GNMT", 50, 64, 1024),
    RECURRENT("deepbench-rnn-1760", "DeepBench RNN", 50, 16, 1760),
    RECURRENT("deepbench-lstm-512", "DeepBench LSTM", 25, 16, 512),
    RECURRENT("deepbench-lstm-1024", "DeepBench LSTM", 25, 16, 1024),
    RECURRENT("deepbench-lstm-2048", "DeepBench LSTM", 25, 16, 2048),
    RECURRENT("deepbench-lstm-4096", "DeepBench LSTM", 25, 16, 4096),
    RECURRENT("deepbench-gru-2816", "DeepBench GRU", 750, 32, 2816),
    {NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, false},
};
