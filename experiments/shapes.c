/* Layers of published models as named shapes. Those of DeepBench (Baidu 2016) are the training problems of
 * its rnn_problems.h, the smallest batch of each size. */
#include <string.h>

#include "experiments/experiment.h"

typedef const char *const settings[][2];

static settings attention_bert_base = {
    {"length", "512"}, {"heads", "12"}, {"head_width", "64"}, {"mask", "full"}, {NULL, NULL}};
static settings attention_gpt2_xl = {
    {"length", "1024"}, {"heads", "25"}, {"head_width", "64"}, {"mask", "causal"}, {NULL, NULL}};
static settings attention_llama_3_8b = {{"length", "8192"},    {"heads", "32"},    {"kv_heads", "8"},
                                        {"head_width", "128"}, {"mask", "causal"}, {NULL, NULL}};
static settings attention_vit_b_16 = {
    {"length", "197"}, {"heads", "12"}, {"head_width", "64"}, {"mask", "full"}, {NULL, NULL}};

static settings layer_bert_base = {{"length", "512"}, {"width", "768"}, {NULL, NULL}};
static settings layer_gpt2_xl = {{"length", "1024"}, {"width", "1600"}, {NULL, NULL}};
static settings layer_llama_3_8b = {{"length", "8192"}, {"width", "4096"}, {NULL, NULL}};
static settings layer_vit_b_16 = {{"length", "197"}, {"width", "768"}, {NULL, NULL}};

static settings feed_bert_base = {
    {"length", "512"}, {"width", "768"}, {"hidden", "3072"}, {"blocks", "12"}, {NULL, NULL}};
static settings feed_gpt2_xl = {
    {"length", "1024"}, {"width", "1600"}, {"hidden", "6400"}, {"blocks", "48"}, {NULL, NULL}};
static settings feed_llama_3_8b = {{"length", "8192"},      {"width", "4096"}, {"hidden", "14336"},
                                   {"activation", "gated"}, {"blocks", "32"},  {NULL, NULL}};
static settings feed_vit_b_16 = {
    {"length", "197"}, {"width", "768"}, {"hidden", "3072"}, {"blocks", "12"}, {NULL, NULL}};

static settings gnmt = {{"cell", "lstm"}, {"width", "1024"}, {"length", "50"}, {"batch", "64"}, {NULL, NULL}};
static settings rnn_1760 = {
    {"cell", "rnn"}, {"width", "1760"}, {"length", "50"}, {"batch", "16"}, {NULL, NULL}};
static settings lstm_512 = {
    {"cell", "lstm"}, {"width", "512"}, {"length", "25"}, {"batch", "16"}, {NULL, NULL}};
static settings lstm_1024 = {
    {"cell", "lstm"}, {"width", "1024"}, {"length", "25"}, {"batch", "16"}, {NULL, NULL}};
static settings lstm_2048 = {
    {"cell", "lstm"}, {"width", "2048"}, {"length", "25"}, {"batch", "16"}, {NULL, NULL}};
static settings lstm_4096 = {
    {"cell", "lstm"}, {"width", "4096"}, {"length", "25"}, {"batch", "16"}, {NULL, NULL}};
static settings gru_2816 = {
    {"cell", "gru"}, {"width", "2816"}, {"length", "750"}, {"batch", "32"}, {NULL, NULL}};

const struct shape shapes[] = {
    {"bert-base", "12 heads of 64 over 512 positions (Devlin et al. 2019)", "attention", attention_bert_base},
    {"gpt2-xl", "25 heads of 64 over 1024 positions, causal (Radford et al. 2019)", "attention",
     attention_gpt2_xl},
    {"llama-3-8b", "32 heads of 128, 8 key/value heads, 8192 positions, causal (Llama team 2024)",
     "attention", attention_llama_3_8b},
    {"vit-b-16", "12 heads of 64 over 197 patches (Dosovitskiy et al. 2021)", "attention",
     attention_vit_b_16},

    {"bert-base", "a convolution as long and wide as BERT-base's attention", "convolution", layer_bert_base},
    {"gpt2-xl", "a convolution as long and wide as GPT-2 XL's attention", "convolution", layer_gpt2_xl},
    {"llama-3-8b", "a convolution as long and wide as Llama-3-8B's attention", "convolution",
     layer_llama_3_8b},
    {"vit-b-16", "a convolution as long and wide as ViT-B/16's attention", "convolution", layer_vit_b_16},

    {"bert-base", "a recurrence as long and wide as BERT-base's attention", "recurrent", layer_bert_base},
    {"gpt2-xl", "a recurrence as long and wide as GPT-2 XL's attention", "recurrent", layer_gpt2_xl},
    {"llama-3-8b", "a recurrence as long and wide as Llama-3-8B's attention", "recurrent", layer_llama_3_8b},
    {"vit-b-16", "a recurrence as long and wide as ViT-B/16's attention", "recurrent", layer_vit_b_16},

    {"bert-base", "the feed-forward part of BERT-base's blocks (Devlin et al. 2019)", "feed_forward",
     feed_bert_base},
    {"gpt2-xl", "the feed-forward part of GPT-2 XL's blocks (Radford et al. 2019)", "feed_forward",
     feed_gpt2_xl},
    {"llama-3-8b", "the feed-forward part of Llama-3-8B's blocks (Llama team 2024)", "feed_forward",
     feed_llama_3_8b},
    {"vit-b-16", "the feed-forward part of ViT-B/16's blocks (Dosovitskiy et al. 2021)", "feed_forward",
     feed_vit_b_16},

    {"gnmt", "one LSTM layer of 1024 units (Wu et al. 2016); 50 steps and batch 64 are typical, not theirs",
     "recurrent", gnmt},
    {"deepbench-rnn-1760", "DeepBench training, vanilla 1760, 50 steps, batch 16", "recurrent", rnn_1760},
    {"deepbench-lstm-512", "DeepBench training, LSTM 512, 25 steps, batch 16", "recurrent", lstm_512},
    {"deepbench-lstm-1024", "DeepBench training, LSTM 1024, 25 steps, batch 16", "recurrent", lstm_1024},
    {"deepbench-lstm-2048", "DeepBench training, LSTM 2048, 25 steps, batch 16", "recurrent", lstm_2048},
    {"deepbench-lstm-4096", "DeepBench training, LSTM 4096, 25 steps, batch 16", "recurrent", lstm_4096},
    {"deepbench-gru-2816", "DeepBench training, GRU 2816, 750 steps, batch 32", "recurrent", gru_2816},

    {NULL, NULL, NULL, NULL},
};

const struct shape *shape_named(const char *name, const char *experiment) {
    for (const struct shape *shape = shapes; shape->name; shape++)
        if (strcmp(shape->name, name) == 0 && strcmp(shape->experiment, experiment) == 0) return shape;
    return NULL;
}
