/* Loops whose speed is the machine's: what a rate that was reached is held against. Each runs on all OpenMP
 * threads and says how much it did; the caller takes the time. */
#ifndef CORE_KERNELS_RATES_H
#define CORE_KERNELS_RATES_H

#include <stddef.h>

/* Multiply-adds in registers, `rounds` of them in each of several independent chains per thread. Returns the
 * floating-point operations of all threads together, a multiply-add as two. */
double rates_fma_f32(size_t rounds);
double rates_fma_f64(size_t rounds);

/* Reads data[count] once, each thread its own part. Returns the bytes read. Reading from memory takes an
 * array that is much larger than the caches. */
double rates_read(size_t count, const float *data);

#endif
