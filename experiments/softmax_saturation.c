/* What happens to a softmax over dot products as vectors grow wider: the variance of the scores, how far the
 * weights are from choosing one key, and how much gradient is left. In float64. */
#include <math.h>
#include <string.h>

#include "core/attention/saturation.h"
#include "core/base/memory.h"
#include "core/base/random.h"
#include "experiments/experiment.h"

static const char *const scalings[] = {"none", "inverse_sqrt", NULL};

static const struct field parameters[] = {
    {"dimension", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 1, 1048576, NULL, FIELD_DATA,
     "Width D of queries and keys, standard normal"},
    {"keys", FIELD_INTEGER, DIMENSION_SCALAR, "1", "256", 2, 1048576, NULL, FIELD_DATA, "Keys of a query"},
    {"scaling", FIELD_CHOICE, DIMENSION_SCALAR, "1", "none", 0, 0, scalings, 0,
     "Scores q . k as they are, or divided by sqrt(D)"},
    {"sharpness", FIELD_REAL, DIMENSION_SCALAR, "1", "1", 0, 1e12, NULL, 0,
     "Factor beta on the scores, after the scaling"},
    {"trials", FIELD_INTEGER, DIMENSION_SCALAR, "1", "64", 1, 1000000, NULL, 0,
     "Queries, each with keys of its own"},
    {.name = NULL},
};

static const struct field columns[] = {
    {"score_variance", FIELD_REAL, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Mean square of all scores, scaled, without the sharpness: their variance about the mean 0 they have"},
    {"jacobian_norm", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 1, NULL, 0,
     "Frobenius norm of the softmax's derivative diag(p) - p p^T"},
    {"largest_weight", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 1, NULL, 0, "The largest weight"},
    {"argmax_distance", FIELD_REAL, DIMENSION_TRIAL, "1", NULL, 0, 2, NULL, 0,
     "Sum of the weights' differences from 1 at the largest score and 0 elsewhere"},
    {.name = NULL},
};

struct setting {
    size_t dimension, keys, trials;
    double scale, sharpness;
};

static struct setting setting_of(const struct record *values) {
    size_t dimension = (size_t)record_integer(values, "dimension");
    bool scaled = strcmp(record_string(values, "scaling"), "inverse_sqrt") == 0;
    return (struct setting){.dimension = dimension,
                            .keys = (size_t)record_integer(values, "keys"),
                            .trials = (size_t)record_integer(values, "trials"),
                            .scale = scaled ? 1 / sqrt((double)dimension) : 1,
                            .sharpness = record_real(values, "sharpness")};
}

/* One entry a trial, and what a trial needs. */
struct unit_memory {
    double *jacobian, *largest, *distance; /* [trials] */
    double *query, *key;                   /* [dimension] */
    double *scores, *weights;              /* [keys] */
};

static void unit_free(struct unit_memory *unit) {
    double *const arrays[] = {unit->jacobian, unit->largest, unit->distance, unit->query,
                              unit->key,      unit->scores,  unit->weights};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        memory_free(arrays[i]);
}

static enum status unit_allocate(const struct setting *setting, struct unit_memory *unit) {
    double **const arrays[] = {&unit->jacobian, &unit->largest, &unit->distance, &unit->query,
                               &unit->key,      &unit->scores,  &unit->weights};
    const size_t counts[] = {setting->trials,    setting->trials, setting->trials, setting->dimension,
                             setting->dimension, setting->keys,   setting->keys};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (!(*arrays[i] = memory_allocate(counts[i], sizeof(double)))) return STATUS_NO_MEMORY;
    return STATUS_OK;
}

/* Scores of one query, whose numbers and those of its keys are the trial's own. Returns their mean square. */
static double score_keys(const struct setting *setting, uint64_t key, size_t trial,
                         struct unit_memory *unit) {
    const struct random_source keys = random_source(key, RANDOM_KEYS, (uint32_t)trial);
    size_t dimension = setting->dimension;
    double squares = 0;
    random_fill_normal_f64(random_source(key, RANDOM_QUERIES, (uint32_t)trial), 0, dimension, unit->query);
    for (size_t k = 0; k < setting->keys; k++) {
        double score = 0;
        random_fill_normal_f64(keys, k * dimension, dimension, unit->key);
        for (size_t i = 0; i < dimension; i++)
            score += unit->query[i] * unit->key[i];
        unit->scores[k] = setting->scale * score;
        squares += unit->scores[k] * unit->scores[k];
    }
    return squares / (double)setting->keys;
}

static enum status measure(const struct setting *setting, uint64_t key, struct unit_memory *unit,
                           struct record *record) {
    double squares = 0;
    for (size_t t = 0; t < setting->trials; t++) {
        squares += score_keys(setting, key, t, unit);
        struct saturation found =
            softmax_saturation(setting->keys, unit->scores, setting->sharpness, unit->weights);
        unit->jacobian[t] = found.jacobian;
        unit->largest[t] = found.largest;
        unit->distance[t] = found.distance;
    }
    CHECK(record_set_real(record, "score_variance", squares / (double)setting->trials));
    CHECK(record_set_reals(record, "jacobian_norm", setting->trials, unit->jacobian));
    CHECK(record_set_reals(record, "largest_weight", setting->trials, unit->largest));
    return record_set_reals(record, "argmax_distance", setting->trials, unit->distance);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    if (team_rank(team) != 0) return STATUS_OK;
    struct setting setting = setting_of(point->values);
    struct unit_memory unit = {0};
    enum status status = unit_allocate(&setting, &unit);
    if (status == STATUS_OK)
        status = measure(&setting, point->data_key, &unit, record);
    else
        error_set(error, status, "no memory for %zu scores and %zu trials", setting.keys, setting.trials);
    unit_free(&unit);
    return status;
}

/* Drawing a normal number counts as much as ten operations on it. */
static struct estimate estimate(const struct point *point) {
    struct setting s = setting_of(point->values);
    double numbers = (double)s.trials * (double)s.keys * (double)s.dimension;
    return (struct estimate){.flops = 12 * numbers,
                             .bytes_per_rank =
                                 8.0 * (3 * (double)s.trials + 2 * (double)(s.dimension + s.keys))};
}

const struct experiment experiment_softmax_saturation = {
    .schema =
        {.name = "softmax_saturation",
         .summary =
             "Softmax over dot products of wide vectors: variance, largest weight, what is left of the gradient",
         .version = 1,
         .parameters = parameters,
         .columns = columns},
    .kind = EXPERIMENT_COUNTED,
    .estimate = estimate,
    .run = run,
};
