#include "attention_case.h"

#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/random.h"

enum { KEY = 20240607 };

const struct attention_case attention_cases[] = {
    /* What other tools are known to get wrong. */
    {"odd length", 1, 4, 4, 41, 16, ATTENTION_CAUSAL, 0, false, 0},
    {"three heads on two ranks", 1, 3, 3, 36, 16, ATTENTION_CAUSAL, 0, false, 0},
    {"row masked in one block only", 3, 2, 2, 48, 8, ATTENTION_FULL, 0, true, 0},
    {"all-to-all with an uneven split", 2, 10, 5, 35, 8, ATTENTION_FULL, 0, false, 0},
    /* Sizes that do not divide, and the smallest. */
    {"one of everything", 1, 1, 1, 1, 1, ATTENTION_FULL, 0, false, 0},
    {"one head, more ranks than heads", 1, 1, 1, 40, 16, ATTENTION_CAUSAL, 0, false, 0},
    {"eight heads", 1, 8, 8, 48, 16, ATTENTION_FULL, 0, false, 0},
    {"shorter than the ranks", 2, 4, 2, 3, 8, ATTENTION_CAUSAL, 0, false, 0},
    {"shorter than the ranks, ragged", 3, 8, 4, 5, 8, ATTENTION_FULL, 0, true, 0},
    {"prime width and length", 1, 5, 5, 37, 7, ATTENTION_WINDOW, 9, false, 0},
    {"more rows than a block of queries", 1, 2, 2, 211, 8, ATTENTION_CAUSAL, 0, false, 0},
    /* Windows. */
    {"window of one", 1, 2, 2, 31, 16, ATTENTION_WINDOW, 1, false, 0},
    {"window beyond the length", 1, 2, 1, 31, 16, ATTENTION_WINDOW, 1000, false, 0},
    {"window, ragged", 3, 4, 2, 41, 8, ATTENTION_WINDOW, 6, true, 0},
    /* Key/value heads that several query heads read; fewer of them than ranks. */
    {"groups that ranks cut", 2, 12, 2, 29, 8, ATTENTION_CAUSAL, 0, false, 0},
    {"groups of three, ragged", 3, 9, 3, 29, 8, ATTENTION_FULL, 0, true, 0},
    {"one key/value head", 2, 10, 1, 23, 16, ATTENTION_CAUSAL, 0, true, 0},
    /* Much of one thing. */
    {"many batch items", 7, 2, 2, 17, 8, ATTENTION_CAUSAL, 0, false, 0},
    {"many heads", 1, 34, 34, 11, 8, ATTENTION_CAUSAL, 0, false, 0},
    /* Logits of 80 and, beyond what float32 can exponentiate, of 160. */
    {"large logits", 2, 4, 2, 64, 16, ATTENTION_FULL, 0, false, 5},
    {"large logits, causal, ragged", 3, 4, 4, 47, 16, ATTENTION_CAUSAL, 0, true, 5},
    {"larger logits, window", 1, 4, 4, 47, 16, ATTENTION_WINDOW, 20, false, 10},
    {.name = NULL},
};

static enum status fill(enum random_stream stream, size_t count, float **out) {
    *out = memory_allocate(count, sizeof(float));
    if (!*out) return STATUS_NO_MEMORY;
    random_fill_normal_f32(random_source(KEY, stream, 0), 0, count, *out);
    return STATUS_OK;
}

enum status problem_create(const struct attention_case *test_case, struct attention_problem *problem) {
    const struct attention_case *c = test_case;
    *problem = (struct attention_problem){
        .shape = {c->batch, c->heads, c->kv_heads, c->length, c->length, c->head_width},
        .mask = attention_mask_none()};
    problem->mask.kind = c->kind;
    problem->mask.window = c->window;
    /* A full item, one that ends within the first block, one in between, none: rows that are masked in some
     * blocks only, and rows that see nothing. */
    for (size_t item = 0; item < c->batch; item++)
        problem->key_lengths[item] = item + 1 == c->batch ? 0
                                     : item % 2 == 0      ? c->length
                                                          : (c->length + 5) / 6;
    if (c->ragged) problem->mask.key_lengths = problem->key_lengths;
    problem->scale = c->scale > 0 ? c->scale : attention_scale(&problem->shape);
    size_t rows = c->batch * c->heads * c->length, kv_rows = c->batch * c->kv_heads * c->length;
    CHECK(fill(RANDOM_QUERIES, rows * c->head_width, &problem->queries));
    CHECK(fill(RANDOM_KEYS, kv_rows * c->head_width, &problem->keys));
    return fill(RANDOM_VALUES, kv_rows * c->head_width, &problem->values);
}

void problem_destroy(struct attention_problem *problem) {
    memory_free(problem->queries);
    memory_free(problem->keys);
    memory_free(problem->values);
}

/* The share's heads and rows out of [batch][all_heads][length][head_width], densely. */
static enum status cut(const struct attention_shape *shape, const float *whole, size_t all_heads,
                       size_t head_first, size_t heads, const struct attention_share *share, float **out) {
    size_t width = shape->head_width;
    *out = memory_allocate(shape->batch * heads * share->rows * width, sizeof(float));
    if (!*out) return STATUS_NO_MEMORY;
    float *to = *out;
    for (size_t item = 0; item < shape->batch; item++)
        for (size_t head = 0; head < heads; head++)
            for (size_t row = 0; row < share->rows; row++, to += width) {
                size_t position = sequence_position(share->part, row);
                size_t from = (item * all_heads + head_first + head) * shape->key_length + position;
                memcpy(to, whole + from * width, width * sizeof(float));
            }
    return STATUS_OK;
}

struct attention_split problem_split(const struct attention_problem *problem, int ranks) {
    return (struct attention_split){.shape = problem->shape, .ranks = ranks, .log_sum_exp = true};
}

static size_t row_count(const struct attention_problem *problem, const struct attention_share *share) {
    return problem->shape.batch * share->heads * share->rows;
}

size_t work_output_count(const struct attention_problem *problem, const struct attention_work *work) {
    return row_count(problem, &work->share) * problem->shape.head_width;
}

enum status work_create(const struct attention_problem *problem, struct attention_share share,
                        struct attention_work *work) {
    const struct attention_shape *shape = &problem->shape;
    *work = (struct attention_work){.share = share};
    CHECK(cut(shape, problem->queries, shape->heads, share.head_first, share.heads, &share, &work->queries));
    CHECK(
        cut(shape, problem->keys, shape->kv_heads, share.kv_head_first, share.kv_heads, &share, &work->keys));
    CHECK(cut(shape, problem->values, shape->kv_heads, share.kv_head_first, share.kv_heads, &share,
              &work->values));
    work->output = memory_allocate(work_output_count(problem, work), sizeof(float));
    work->log_sum_exp = memory_allocate(row_count(problem, &share), sizeof(float));
    if (!work->output || !work->log_sum_exp) return STATUS_NO_MEMORY;
    /* What was there before must not matter. */
    memset(work->output, 0xff, work_output_count(problem, work) * sizeof(float));
    memset(work->log_sum_exp, 0xff, row_count(problem, &share) * sizeof(float));
    return STATUS_OK;
}

void work_destroy(struct attention_work *work) {
    memory_free(work->queries);
    memory_free(work->keys);
    memory_free(work->values);
    memory_free(work->output);
    memory_free(work->log_sum_exp);
}

enum status work_pass(const struct schedule *schedule, struct team *team,
                      const struct attention_problem *problem, const struct attention_split *split,
                      struct attention_work *work) {
    struct schedule_run *run;
    CHECK(schedule->create(team, split, &problem->mask, &run));
    schedule->forward(run, problem->scale, work->queries, work->keys, work->values, work->output,
                      split->log_sum_exp ? work->log_sum_exp : NULL, &work->traffic);
    schedule->destroy(&run);
    return STATUS_OK;
}

static double row_error(const struct attention_problem *problem, const struct attention_work *work,
                        size_t item, size_t head, size_t row, bool log_sum_exp) {
    const struct attention_share *share = &work->share;
    double expected[ATTENTION_WIDTH_MAX], expected_sum, worst = 0;
    attention_reference_row(&problem->shape, &problem->mask, (double)problem->scale, problem->queries,
                            problem->keys, problem->values, item, share->head_first + head,
                            sequence_position(share->part, row), expected, &expected_sum);
    size_t at = (item * share->heads + head) * share->rows + row, width = problem->shape.head_width;
    double sum = log_sum_exp ? (double)work->log_sum_exp[at] : expected_sum;
    if (isinf(expected_sum) || isinf(sum))
        worst = sum == expected_sum ? 0 : INFINITY;
    else
        worst = fabs(sum - expected_sum) / fmax(1, fabs(expected_sum));
    for (size_t i = 0; i < width; i++) {
        double difference = fabs((double)work->output[at * width + i] - expected[i]);
        if (!(difference <= worst)) worst = difference; /* a NaN stays */
    }
    return worst;
}

static double share_error(const struct attention_problem *problem, const struct attention_work *work,
                          bool log_sum_exp) {
    double worst = 0;
    for (size_t item = 0; item < problem->shape.batch; item++)
        for (size_t head = 0; head < work->share.heads; head++)
            for (size_t row = 0; row < work->share.rows; row++) {
                double error = row_error(problem, work, item, head, row, log_sum_exp);
                if (!(error <= worst)) worst = isnan(error) ? INFINITY : error;
            }
    return worst;
}

double work_error(const struct attention_problem *problem, const struct attention_work *work) {
    return share_error(problem, work, true);
}

double work_output_error(const struct attention_problem *problem, const struct attention_work *work) {
    return share_error(problem, work, false);
}

/* A score of size z errs by z units in its last place, and so does its exponential, relatively. */
double problem_tolerance(const struct attention_problem *problem) {
    return problem->scale > 1 ? 4e-5 : 2e-6;
}
