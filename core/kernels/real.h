/* The precision that a source is compiled for: REAL_BITS is 32, or 64 in the second build of the sources that
 * serve both. What such a source shares with others has a name that says which it is. Internal to core. */
#ifndef CORE_KERNELS_REAL_H
#define CORE_KERNELS_REAL_H

#include <stdint.h>

#ifndef REAL_BITS
#define REAL_BITS 32
#endif

/* REAL(attention_forward) is attention_forward, or attention_forward_f64 in the build for float64. */
#if REAL_BITS == 64
typedef double real;
typedef int64_t real_int;
typedef uint64_t real_uint;
#define REAL(name) name##_f64
#else
typedef float real;
typedef int32_t real_int;
typedef uint32_t real_uint;
#define REAL(name) name
#endif

#endif
