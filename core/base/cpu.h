/* What the processor can do, read from the processor itself. */
#ifndef CORE_BASE_CPU_H
#define CORE_BASE_CPU_H

#include <stdbool.h>
#include <stddef.h>

struct cpu {
    bool avx2;          /* AVX2 and FMA */
    bool avx512;        /* F, BW, DQ, VL */
    bool avx512_popcnt; /* VPOPCNTDQ */
    char model[64];     /* the maker's text, or the architecture's name */
};

/* The features of the running processor that the operating system has enabled. */
struct cpu cpu_features(void);

/* Writes the names of the instruction sets in use, separated by spaces, into text[size]. */
void cpu_describe(char *text, size_t size);

#endif
