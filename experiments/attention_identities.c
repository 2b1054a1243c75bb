/* Identities of attention, counted in differences: several heads are the single heads side by side, and
 * permuting the positions permutes the output. The same bits with any number of threads. */
#include <math.h>

#include <omp.h>

#include "experiments/attention_pair.h"
#include "experiments/experiment.h"
#include "experiments/layer.h"

static const char *const masks[] = {"full", "causal", NULL};

static const struct field parameters[] = {
    {"batch", FIELD_INTEGER, DIMENSION_SCALAR, "1", "1", 1, 1e6, NULL, FIELD_DATA, "Sequences B"},
    {"length", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e7, NULL, FIELD_DATA,
     "Positions L of a sequence; queries and keys are equally many"},
    {"head_width", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, ATTENTION_WIDTH_MAX, NULL, FIELD_DATA,
     "Width of a head"},
    {"heads", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1e5, NULL, FIELD_DATA, "Query heads H"},
    {"kv_heads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "auto", 1, 1e5, NULL, FIELD_DATA | FIELD_AUTO,
     "Key/value heads, each read by heads / kv_heads query heads; auto: as many as heads"},
    {"mask", FIELD_CHOICE, DIMENSION_SCALAR, "1", "full", 0, 0, masks, 0,
     "causal: a place sees itself and those before it, whatever was permuted to there"},
    {.name = NULL},
};

#define DIFFERENCE(name, text)                                                                               \
    { name, FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, text }

static const struct field columns[] = {
    DIFFERENCE("concatenation_difference",
               "Largest difference of an output with all heads at once from that of its head alone"),
    DIFFERENCE(
        "permutation_difference",
        "Largest difference of an output of permuted positions from the permuted output of those in order"),
    DIFFERENCE("output_error",
               "Largest difference from a float64 reference of the output with all heads at once"),
    DIFFERENCE("single_error", "The same of the heads alone"),
    DIFFERENCE("permuted_error",
               "The same of the permuted positions, against the reference of what was permuted"),
    DIFFERENCE("largest_value", "Largest magnitude of an element of V, of which outputs are averages"),
    {"rows_checked", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Rows that were held against the reference: of every head the first, the last and 64 drawn, or all if there "
     "are fewer; all are compared with each other"},
    {.name = NULL},
};

static struct attention_shape shape_of(const struct record *values) {
    size_t length = (size_t)record_integer(values, "length");
    return (struct attention_shape){
        .batch = (size_t)record_integer(values, "batch"),
        .heads = (size_t)record_integer(values, "heads"),
        .kv_heads = (size_t)record_integer(values, "kv_heads"),
        .query_length = length,
        .key_length = length,
        .head_width = (size_t)record_integer(values, "head_width"),
    };
}

static struct attention_mask mask_of(const struct record *values) {
    struct attention_mask mask = attention_mask_none();
    if (record_string(values, "mask")[0] == 'c') mask.kind = ATTENTION_CAUSAL;
    return mask;
}

static enum status resolve(struct record *values, const struct resources *resources, struct error *error) {
    (void)resources;
    int64_t heads = record_integer(values, "heads"), kv_heads = record_integer(values, "kv_heads");
    if (kv_heads == INT64_MIN) {
        kv_heads = heads;
        CHECK(record_set_integer(values, "kv_heads", kv_heads));
    }
    if (heads % kv_heads == 0) return STATUS_OK;
    return error_set(error, STATUS_INVALID, "heads: %lld is no multiple of kv_heads, %lld", (long long)heads,
                     (long long)kv_heads);
}

static enum status fill(const struct attention_pair *pair, struct record *record) {
    size_t checked;
    const struct attention_side *ordered = &pair->ordered, *permuted = &pair->permuted;
    CHECK(record_set_real(record, "concatenation_difference", attention_pair_concatenation(pair)));
    CHECK(record_set_real(record, "permutation_difference", attention_pair_permutation(pair)));
    CHECK(record_set_real(record, "output_error",
                          attention_pair_error(pair, ordered, ordered->output, &checked)));
    CHECK(
        record_set_real(record, "single_error", attention_pair_error(pair, ordered, pair->single, &checked)));
    CHECK(record_set_real(record, "permuted_error",
                          attention_pair_error(pair, permuted, permuted->output, &checked)));
    CHECK(record_set_real(record, "largest_value", attention_pair_largest_value(pair)));
    return record_set_integer(record, "rows_checked", (int64_t)checked);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct attention_pair pair = {
        .shape = shape_of(point->values), .mask = mask_of(point->values), .key = point->data_key};
    enum status status = attention_pair_create(&pair);
    if (status == STATUS_OK) status = attention_pair_attend(&pair);
    if (status == STATUS_OK)
        status = fill(&pair, record);
    else
        error_set(error, status, "no memory for attention over %zu positions", pair.shape.query_length);
    attention_pair_destroy(&pair);
    return status;
}

/* Three passes, and three outputs held against the reference. */
static struct estimate estimate(const struct point *point) {
    struct attention_shape shape = shape_of(point->values);
    struct attention_mask mask = mask_of(point->values);
    double length = (double)shape.query_length;
    double rows = (double)(shape.batch * shape.heads) * fmin(length, LAYER_ROWS_MAX);
    return (struct estimate){
        .flops = 3 * attention_flops(&shape, &mask) + 3 * rows * 4 * length * (double)shape.head_width,
        .bytes_per_rank = attention_pair_bytes(&shape, omp_get_max_threads()),
    };
}

const struct experiment experiment_attention_identities = {
    .schema = {.name = "attention_identities",
               .summary = "What attention must not depend on: the other heads, the order of positions",
               .version = 1,
               .parameters = parameters,
               .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .resolve = resolve,
    .estimate = estimate,
    .run = run,
};
