#include "core/base/cpu.h"

#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* The 48 characters of CPUID leaves 0x80000002 to 4, without the blanks around them. */
static void read_model(char model[64]) {
    unsigned words[12] = {0};
    for (unsigned leaf = 0; leaf < 3; leaf++) {
        unsigned *w = words + 4 * leaf;
        if (!__get_cpuid(0x80000002U + leaf, &w[0], &w[1], &w[2], &w[3])) break;
    }
    char text[49] = {0};
    memcpy(text, words, sizeof words);
    size_t first = strspn(text, " "), length = strlen(text);
    while (length > first && text[length - 1] == ' ')
        text[--length] = '\0';
    snprintf(model, 64, "%s", text + first);
}

static struct cpu detect(void) {
    struct cpu cpu = {0};
    __builtin_cpu_init();
    cpu.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    cpu.avx512 = cpu.avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    cpu.avx512_popcnt = cpu.avx512 && __builtin_cpu_supports("avx512vpopcntdq");
    read_model(cpu.model);
    return cpu;
}
#else
static struct cpu detect(void) {
    struct cpu cpu = {0};
#if defined(__aarch64__)
    strcpy(cpu.model, "aarch64");
#else
    strcpy(cpu.model, "unknown");
#endif
    return cpu;
}
#endif

struct cpu cpu_features(void) {
    return detect();
}

void cpu_describe(char *text, size_t size) {
    struct cpu cpu = detect();
    snprintf(text, size, "%s%s%s", cpu.avx2 ? "avx2+fma" : "baseline", cpu.avx512 ? " avx512f+bw+dq+vl" : "",
             cpu.avx512_popcnt ? " avx512-vpopcntdq" : "");
}
