#include "core/attention/saturation.h"

#include <math.h>

/* Of sums over i, j of (p_i [i = j] - p_i p_j)^2 those of p^2, p^3 and (sum of p^2)^2 remain. */
static double jacobian_norm(double squares, double cubes) {
    return sqrt(fmax(0, squares - 2 * cubes + squares * squares));
}

struct saturation softmax_saturation(size_t count, const double *scores, double beta, double *weights) {
    size_t first = 0;
    for (size_t i = 1; i < count; i++)
        if (scores[i] > scores[first]) first = i;
    double sum = 0, squares = 0, cubes = 0, others = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i] = exp(beta * (scores[i] - scores[first]));
    for (size_t i = 0; i < count; i++) {
        double p = weights[i] /= sum;
        squares += p * p;
        cubes += p * p * p;
        if (i != first) others += p;
    }
    return (struct saturation){
        .largest = weights[first], .jacobian = jacobian_norm(squares, cubes), .distance = 2 * others};
}
