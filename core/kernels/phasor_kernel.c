/* Complex sums over all patterns of a phasor network, real and imaginary parts apart. */
#include <string.h>

#include "core/kernels/isa.h"

enum { LANES = 8 };

/* Wider than some instruction sets have: the compiler splits them, but passes none by value. */
typedef double lanes_f64 __attribute__((vector_size(8 * LANES)));

static inline double total(const lanes_f64 *sums) {
    double sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += (*sums)[lane];
    return sum;
}

void KERNEL(complex_dot_f64)(size_t count, const double *a_re, const double *a_im, const double *b_re,
                             const double *b_im, double dot[2]) {
    lanes_f64 re_re = {0}, im_im = {0}, re_im = {0}, im_re = {0};
    for (size_t i = 0; i < count; i += LANES) {
        lanes_f64 ar, ai, br, bi;
        memcpy(&ar, a_re + i, sizeof ar);
        memcpy(&ai, a_im + i, sizeof ai);
        memcpy(&br, b_re + i, sizeof br);
        memcpy(&bi, b_im + i, sizeof bi);
        re_re += ar * br;
        im_im += ai * bi;
        re_im += ar * bi;
        im_re += ai * br;
    }
    dot[0] = total(&re_re) - total(&im_im);
    dot[1] = total(&re_im) + total(&im_re);
}

void KERNEL(add_conjugate_f64)(size_t count, const double factor[2], const double *re, const double *im,
                               double *sum_re, double *sum_im) {
    for (size_t i = 0; i < count; i++) {
        sum_re[i] += factor[0] * re[i] + factor[1] * im[i];
        sum_im[i] += factor[1] * re[i] - factor[0] * im[i];
    }
}
