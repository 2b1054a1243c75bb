#include "core/attention/scoring.h"

#include <math.h>
#include <string.h>

#include "core/attention/scoring_weights.h"
#include "core/base/memory.h"
#include "core/base/product.h"
#include "core/base/work.h"
#include "core/kernels/kernels.h"
#include "core/kernels/score.h"

/* Where e^2x is still a normal number, and 1 / e^2x too. */
#define POWERS_TO 43.0F

/* What a pair costs per term beside products: 1 + e^2a e^2b, kept below a bound, times v, its share of a
 * division, the sum. */
enum { ADDITIVE_PER_TERM = 8 };

/* --- a scorer's arrays ------------------------------------------------------------------------------------
 */

static size_t groups_of(const struct scorer_shape *shape) {
    return (shape->keys + SCORE_GROUP - 1) / SCORE_GROUP;
}

static size_t inner_of(const struct scorer_shape *shape) {
    return shape->scoring == SCORING_LOW_RANK ? shape->rank : shape->width;
}

static bool multiplies_queries(const struct scorer_shape *shape) {
    return shape->scoring != SCORING_DOT && shape->scoring != SCORING_SCALED;
}

static bool multiplies_keys(const struct scorer_shape *shape) {
    return shape->scoring == SCORING_ADDITIVE || shape->scoring == SCORING_LOW_RANK;
}

static bool shape_is_valid(const struct scorer_shape *shape) {
    size_t inner = inner_of(shape);
    if (shape->queries == 0 || shape->keys == 0 || shape->width == 0 || inner == 0) return false;
    return shape->queries <= PRODUCT_SIZE_MAX && shape->keys <= PRODUCT_SIZE_MAX &&
           shape->width <= PRODUCT_SIZE_MAX && inner <= shape->width;
}

/* Numbers in each array; 0: the scoring function has none. */
struct sizes {
    size_t of_queries, of_keys, sum, queries, keys, groups, rows;
};

static struct sizes sizes_of(const struct scorer_shape *shape) {
    size_t inner = inner_of(shape), matrix = shape->width * inner;
    bool additive = shape->scoring == SCORING_ADDITIVE;
    return (struct sizes){
        .of_queries = multiplies_queries(shape) ? matrix : 0,
        .of_keys = multiplies_keys(shape) ? matrix : 0,
        .sum = additive ? inner : 0,
        .queries = multiplies_queries(shape) ? shape->queries * inner : 0,
        .keys = multiplies_keys(shape) ? shape->keys * inner : 0,
        .groups = additive ? groups_of(shape) * SCORE_GROUP * inner : 0,
        .rows = additive ? shape->queries * SCORE_GROUP : 0,
    };
}

/* NULL is right for 0 numbers. */
static bool allocate(size_t count, float **array) {
    if (count > 0) *array = memory_allocate(count, sizeof **array);
    return count == 0 || *array;
}

static void draw(struct random_source weights, uint32_t part, size_t count, size_t width, float *array) {
    if (count == 0) return;
    weights.part = part;
    random_fill_normal_f32(weights, 0, count, array);
    for (size_t i = 0; i < count; i++)
        array[i] /= sqrtf((float)width);
}

enum status scorer_create(const struct scorer_shape *shape, struct random_source weights,
                          struct scorer **scorer) {
    *scorer = NULL;
    if (!shape_is_valid(shape)) return STATUS_INVALID;
    struct scorer *made = memory_allocate(1, sizeof *made);
    if (!made) return STATUS_NO_MEMORY;
    struct sizes sizes = sizes_of(shape);
    made->shape = *shape;
    made->inner = inner_of(shape);
    if (!allocate(sizes.of_queries, &made->of_queries) || !allocate(sizes.of_keys, &made->of_keys) ||
        !allocate(sizes.sum, &made->sum) || !allocate(sizes.queries, &made->queries) ||
        !allocate(sizes.keys, &made->keys) || !allocate(sizes.groups, &made->groups) ||
        !allocate(sizes.rows, &made->rows)) {
        scorer_destroy(&made);
        return STATUS_NO_MEMORY;
    }
    draw(weights, weights.part, sizes.of_queries, shape->width, made->of_queries);
    draw(weights, weights.part + 1, sizes.of_keys, shape->width, made->of_keys);
    draw(weights, weights.part + 2, sizes.sum, shape->width, made->sum);
    *scorer = made;
    return STATUS_OK;
}

void scorer_destroy(struct scorer **scorer) {
    if (!*scorer) return;
    struct scorer *gone = *scorer;
    float *const arrays[] = {gone->of_queries, gone->of_keys, gone->sum, gone->queries,
                             gone->keys,       gone->groups,  gone->rows};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        memory_free(arrays[i]);
    memory_free(gone);
    *scorer = NULL;
}

double scorer_bytes(const struct scorer_shape *shape) {
    if (!shape_is_valid(shape)) return 0;
    struct sizes sizes = sizes_of(shape);
    double numbers = (double)sizes.of_queries + (double)sizes.of_keys + (double)sizes.sum +
                     (double)sizes.queries + (double)sizes.keys + (double)sizes.groups + (double)sizes.rows;
    return sizeof(struct scorer) + numbers * sizeof(float);
}

/* --- additive scores --------------------------------------------------------------------------------------
 */

static float largest_magnitude(size_t count, const float *values) {
    float largest = 0;
#pragma omp parallel for schedule(static) reduction(max : largest)
    for (size_t i = 0; i < count; i++)
        if (fabsf(values[i]) > largest) largest = fabsf(values[i]);
    return largest;
}

/* values = e^2values. */
static void take_powers(size_t count, float *values) {
    for (size_t i = 0; i < count; i++)
        values[i] *= 2;
    kernels()->exp_f32(count, values, values);
}

/* The keys of a group side by side; there is a 1 for those past the last. */
static void fill_group(const struct scorer *scorer, size_t group) {
    size_t inner = scorer->inner, first = group * SCORE_GROUP, left = scorer->shape.keys - first;
    size_t count = left < SCORE_GROUP ? left : SCORE_GROUP;
    float *out = scorer->groups + group * inner * SCORE_GROUP;
    for (size_t d = 0; d < inner; d++) {
        for (size_t key = 0; key < count; key++)
            out[d * SCORE_GROUP + key] = scorer->keys[(first + key) * inner + d];
        for (size_t key = count; key < SCORE_GROUP; key++)
            out[d * SCORE_GROUP + key] = 1;
    }
}

static void score_group(const struct scorer *scorer, size_t query, size_t group, float sum, float *scores) {
    size_t inner = scorer->inner, first = group * SCORE_GROUP, left = scorer->shape.keys - first;
    const float *powers = scorer->queries + query * inner;
    float *to = scores + query * scorer->shape.keys + first, *last = scorer->rows + query * SCORE_GROUP;
    bool full = left >= SCORE_GROUP;
    kernels()->score_additive(inner, powers, scorer->groups + group * inner * SCORE_GROUP, scorer->sum, sum,
                              full ? to : last);
    if (!full) memcpy(to, last, left * sizeof *to);
}

/* A group's keys stay in the cache while all queries pass. */
static void score_by_powers(struct scorer *scorer, float *scores) {
    const struct scorer_shape *shape = &scorer->shape;
    size_t inner = scorer->inner, groups = groups_of(shape);
    float sum = 0;
    for (size_t d = 0; d < inner; d++)
        sum += scorer->sum[d];
#pragma omp parallel
    {
#pragma omp for schedule(static)
        for (size_t query = 0; query < shape->queries; query++)
            take_powers(inner, scorer->queries + query * inner);
#pragma omp for schedule(static)
        for (size_t key = 0; key < shape->keys; key++)
            take_powers(inner, scorer->keys + key * inner);
#pragma omp for schedule(static)
        for (size_t group = 0; group < groups; group++)
            fill_group(scorer, group);
#pragma omp for schedule(static) collapse(2)
        for (size_t group = 0; group < groups; group++)
            for (size_t query = 0; query < shape->queries; query++)
                score_group(scorer, query, group, sum, scores);
    }
    uint64_t ones = (shape->queries + shape->keys) * inner;
    work_add((struct work){.elementwise = ones + ADDITIVE_PER_TERM * shape->queries * shape->keys * inner,
                           .transcendental = ones});
}

/* Where powers would leave float32: term by term, in what was a group's memory. */
static void score_by_terms(struct scorer *scorer, float *scores) {
    const struct scorer_shape *shape = &scorer->shape;
    size_t inner = scorer->inner;
    float *terms = scorer->groups;
    for (size_t pair = 0; pair < shape->queries * shape->keys; pair++) {
        const float *query = scorer->queries + pair / shape->keys * inner;
        const float *key = scorer->keys + pair % shape->keys * inner;
        for (size_t d = 0; d < inner; d++)
            terms[d] = query[d] + key[d];
        kernels()->tanh_f32(inner, terms, terms);
        float score = 0;
        for (size_t d = 0; d < inner; d++)
            score += scorer->sum[d] * terms[d];
        scores[pair] = score;
    }
    uint64_t terms_done = shape->queries * shape->keys * inner;
    work_add((struct work){.elementwise = 3 * terms_done, .transcendental = terms_done});
}

/* --- all of them ------------------------------------------------------------------------------------------
 */

static const float *multiplied(const struct scorer *scorer, size_t rows, const float *vectors,
                               const float *matrix, float *products) {
    if (!matrix) return vectors;
    size_t width = scorer->shape.width, inner = scorer->inner;
    product_f32(rows, inner, width, vectors, width, matrix, inner, false, products, inner);
    return products;
}

void scorer_forward(struct scorer *scorer, const float *queries, const float *keys, float *scores) {
    const struct scorer_shape *shape = &scorer->shape;
    size_t inner = scorer->inner;
    queries = multiplied(scorer, shape->queries, queries, scorer->of_queries, scorer->queries);
    keys = multiplied(scorer, shape->keys, keys, scorer->of_keys, scorer->keys);
    if (shape->scoring != SCORING_ADDITIVE) {
        float factor = shape->scoring == SCORING_SCALED ? 1 / sqrtf((float)shape->width) : 1;
        product_transposed_f32(shape->queries, shape->keys, inner, factor, queries, inner, keys, inner,
                               scores, shape->keys);
    } else if (largest_magnitude(shape->queries * inner, queries) <= POWERS_TO &&
               largest_magnitude(shape->keys * inner, keys) <= POWERS_TO) {
        score_by_powers(scorer, scores);
    } else {
        score_by_terms(scorer, scores);
    }
}

double scorer_flops(const struct scorer_shape *shape) {
    double queries = (double)shape->queries, keys = (double)shape->keys, pairs = queries * keys;
    double width = (double)shape->width, inner = (double)inner_of(shape), rows = 0;
    if (multiplies_queries(shape)) rows += queries;
    if (multiplies_keys(shape)) rows += keys;
    double products = 2 * rows * width * inner;
    if (shape->scoring == SCORING_ADDITIVE)
        return products + 2 * (queries + keys) * inner + ADDITIVE_PER_TERM * pairs * inner;
    return products + 2 * pairs * inner + (shape->scoring == SCORING_SCALED ? pairs : 0);
}
