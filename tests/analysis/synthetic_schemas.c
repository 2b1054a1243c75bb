/* Tables of experiments as claims see them: what they read, and nothing else. */
#include "synthetic.h"

#include <stddef.h>

#define SCALAR(name, type)                                                                                   \
    { name, type, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0, name }
#define ARRAY(name, type, dimension)                                                                         \
    { name, type, dimension, "1", NULL, 0, 0, NULL, 0, name }
#define CHOICE(name, choices)                                                                                \
    { name, FIELD_CHOICE, DIMENSION_SCALAR, "1", NULL, 0, 0, choices, 0, name }
#define END                                                                                                  \
    { NULL, FIELD_INTEGER, DIMENSION_SCALAR, NULL, NULL, 0, 0, NULL, 0, NULL }

static const char *const masks[] = {"full", "causal", NULL};
static const char *const schedules[] = {"auto",    "heads",  "ring",  "allgather",
                                        "ulysses", "hybrid", "tiles", NULL};
static const char *const layouts[] = {"contiguous", "zigzag", "striped", NULL};
static const char *const cells[] = {"rnn", "gru", "lstm", NULL};
static const char *const reads[] = {"past", "around", NULL};
static const char *const channels[] = {"all", "apart", NULL};
static const char *const directions[] = {"forward", "both", NULL};
static const char *const splits[] = {"none", "batch", "sequence", "units", "layers", NULL};
static const char *const rules[] = {"hebb", "pseudo_inverse", NULL};
static const char *const image_rules[] = {"hebb", "pseudo_inverse", "storkey", "modern", NULL};
static const char *const contents[] = {"images", "random", NULL};
static const char *const learning_rules[] = {
    "hebb",        "pseudo_inverse",    "pseudo_inverse_diagonal",  "storkey",
    "perceptron",  "perceptron_stable", "perceptron_symmetric",     "dreaming_1",
    "dreaming_10", "dreaming_100",      "minimum_probability_flow", NULL};
static const char *const dynamics[] = {"asynchronous", "synchronous", NULL};
static const char *const starts[] = {"pattern", "random", NULL};
static const char *const families[] = {"full", "distinct", NULL};
static const char *const scalings[] = {"one", "inverse_sqrt", "given", NULL};
static const char *const learners[] = {"boltzmann", "minimum_probability_flow", "hebb", "pseudo_inverse",
                                       NULL};
static const char *const averages[] = {"exact", "gibbs", "none", NULL};
static const char *const answers[] = {"no", "yes", NULL};
static const char *const corruptions[] = {"noise", "occlusion", NULL};

static const char *const activations[] = {"gelu", "gated", NULL};
static const char *const layer_kinds[] = {"attention", "convolution", "rnn", "gru", "lstm", NULL};
static const char *const dilations[] = {"none", "powers", NULL};
static const char *const sides[] = {"causal", "centred", NULL};
static const char *const score_scalings[] = {"none", "inverse_sqrt", NULL};
static const char *const score_functions[] = {"additive", "dot", "scaled", "bilinear", "low_rank", NULL};

static const struct field attention_parameters[] = {
    SCALAR("batch", FIELD_INTEGER), SCALAR("length", FIELD_INTEGER),   SCALAR("head_width", FIELD_INTEGER),
    SCALAR("heads", FIELD_INTEGER), SCALAR("kv_heads", FIELD_INTEGER), CHOICE("mask", masks),
    SCALAR("ranks", FIELD_INTEGER), SCALAR("threads", FIELD_INTEGER),  CHOICE("schedule", schedules),
    CHOICE("layout", layouts),      SCALAR("ways", FIELD_INTEGER),     END};
static const struct field attention_columns[] = {ARRAY("seconds_core", FIELD_REAL, DIMENSION_SAMPLE),
                                                 ARRAY("seconds_projections", FIELD_REAL, DIMENSION_SAMPLE),
                                                 SCALAR("flops_core", FIELD_REAL),
                                                 SCALAR("flops_softmax", FIELD_REAL),
                                                 SCALAR("flops_projections", FIELD_REAL),
                                                 ARRAY("flops_rank", FIELD_REAL, DIMENSION_RANK),
                                                 ARRAY("bytes_sent", FIELD_INTEGER, DIMENSION_RANK),
                                                 ARRAY("bytes_predicted", FIELD_INTEGER, DIMENSION_RANK),
                                                 ARRAY("seconds_compute", FIELD_REAL, DIMENSION_RANK),
                                                 SCALAR("schedule_used", FIELD_STRING),
                                                 SCALAR("ways_used", FIELD_INTEGER),
                                                 SCALAR("seconds_predicted", FIELD_REAL),
                                                 SCALAR("max_abs_error", FIELD_REAL),
                                                 SCALAR("disturbed", FIELD_INTEGER),
                                                 END};
static const struct field identities_parameters[] = {
    SCALAR("length", FIELD_INTEGER), SCALAR("heads", FIELD_INTEGER), CHOICE("mask", masks), END};
static const struct field identities_columns[] = {SCALAR("concatenation_difference", FIELD_REAL),
                                                  SCALAR("permutation_difference", FIELD_REAL),
                                                  SCALAR("output_error", FIELD_REAL),
                                                  SCALAR("single_error", FIELD_REAL),
                                                  SCALAR("permuted_error", FIELD_REAL),
                                                  SCALAR("largest_value", FIELD_REAL),
                                                  END};
static const struct field machine_parameters[] = {SCALAR("ranks", FIELD_INTEGER),
                                                  SCALAR("threads", FIELD_INTEGER), END};
static const struct field machine_columns[] = {
    SCALAR("fma_f32", FIELD_REAL),       SCALAR("blas_f32", FIELD_REAL),      SCALAR("bandwidth", FIELD_REAL),
    SCALAR("cache_core", FIELD_INTEGER), SCALAR("cache_last", FIELD_INTEGER), END};
static const struct field convolution_parameters[] = {SCALAR("batch", FIELD_INTEGER),
                                                      SCALAR("length", FIELD_INTEGER),
                                                      SCALAR("width", FIELD_INTEGER),
                                                      SCALAR("kernel_size", FIELD_INTEGER),
                                                      SCALAR("dilation", FIELD_INTEGER),
                                                      CHOICE("reads", reads),
                                                      CHOICE("channels", channels),
                                                      SCALAR("ranks", FIELD_INTEGER),
                                                      CHOICE("split", splits),
                                                      SCALAR("threads", FIELD_INTEGER),
                                                      END};
static const struct field recurrent_parameters[] = {CHOICE("cell", cells),
                                                    SCALAR("batch", FIELD_INTEGER),
                                                    SCALAR("length", FIELD_INTEGER),
                                                    SCALAR("width", FIELD_INTEGER),
                                                    SCALAR("layers", FIELD_INTEGER),
                                                    CHOICE("directions", directions),
                                                    SCALAR("ranks", FIELD_INTEGER),
                                                    CHOICE("split", splits),
                                                    SCALAR("chunk", FIELD_INTEGER),
                                                    SCALAR("threads", FIELD_INTEGER),
                                                    END};
static const struct field layer_columns[] = {ARRAY("seconds", FIELD_REAL, DIMENSION_SAMPLE),
                                             ARRAY("flops_rank", FIELD_REAL, DIMENSION_RANK),
                                             ARRAY("bytes_sent", FIELD_INTEGER, DIMENSION_RANK),
                                             ARRAY("bytes_predicted", FIELD_INTEGER, DIMENSION_RANK),
                                             SCALAR("flops", FIELD_REAL),
                                             SCALAR("disturbed", FIELD_INTEGER),
                                             END};
static const struct field capacity_parameters[] = {SCALAR("neurons", FIELD_INTEGER),
                                                   SCALAR("load", FIELD_REAL),
                                                   SCALAR("trials", FIELD_INTEGER),
                                                   CHOICE("rule", rules),
                                                   CHOICE("dynamics", dynamics),
                                                   SCALAR("initial_overlap", FIELD_REAL),
                                                   END};
static const struct field capacity_columns[] = {SCALAR("patterns", FIELD_INTEGER),
                                                SCALAR("fixed_patterns", FIELD_INTEGER),
                                                ARRAY("overlap", FIELD_REAL, DIMENSION_TRIAL),
                                                SCALAR("cycles", FIELD_INTEGER),
                                                SCALAR("capped", FIELD_INTEGER),
                                                SCALAR("first_step_errors", FIELD_INTEGER),
                                                SCALAR("energy_checks", FIELD_INTEGER),
                                                SCALAR("energy_rises", FIELD_INTEGER),
                                                END};
static const struct field dilution_parameters[] = {SCALAR("neurons", FIELD_INTEGER),
                                                   SCALAR("load", FIELD_REAL),
                                                   CHOICE("dynamics", dynamics),
                                                   SCALAR("kept", FIELD_REAL),
                                                   SCALAR("asymmetry", FIELD_REAL),
                                                   SCALAR("initial_overlap", FIELD_REAL),
                                                   SCALAR("sweep_cap", FIELD_INTEGER),
                                                   SCALAR("trials", FIELD_INTEGER),
                                                   END};
static const struct field dilution_columns[] = {SCALAR("capped", FIELD_INTEGER),
                                                SCALAR("energy_checks", FIELD_INTEGER),
                                                SCALAR("energy_rises", FIELD_INTEGER), END};
static const struct field blocks_parameters[] = {SCALAR("neurons", FIELD_INTEGER), SCALAR("load", FIELD_REAL),
                                                 SCALAR("block", FIELD_INTEGER),
                                                 SCALAR("initial_overlap", FIELD_REAL), END};
static const struct field blocks_columns[] = {ARRAY("overlap", FIELD_REAL, DIMENSION_TRIAL),
                                              SCALAR("cycles", FIELD_INTEGER),
                                              SCALAR("capped", FIELD_INTEGER), END};
static const struct field order_parameters[] = {
    SCALAR("neurons", FIELD_INTEGER), SCALAR("order", FIELD_INTEGER),        SCALAR("load", FIELD_REAL),
    CHOICE("family", families),       SCALAR("initial_overlap", FIELD_REAL), END};
static const struct field order_columns[] = {
    SCALAR("patterns", FIELD_INTEGER), ARRAY("overlap", FIELD_REAL, DIMENSION_TRIAL),
    SCALAR("capped", FIELD_INTEGER), SCALAR("first_step_errors", FIELD_INTEGER), END};
static const struct field phasor_parameters[] = {SCALAR("neurons", FIELD_INTEGER), SCALAR("load", FIELD_REAL),
                                                 SCALAR("states", FIELD_INTEGER),
                                                 SCALAR("initial_overlap", FIELD_REAL), END};
static const struct field phases_parameters[] = {SCALAR("neurons", FIELD_INTEGER), SCALAR("load", FIELD_REAL),
                                                 SCALAR("temperature", FIELD_REAL), CHOICE("start", starts),
                                                 END};
static const struct field phases_columns[] = {SCALAR("patterns", FIELD_INTEGER),
                                              ARRAY("overlap", FIELD_REAL, DIMENSION_TRIAL),
                                              ARRAY("order", FIELD_REAL, DIMENSION_TRIAL),
                                              ARRAY("energy", FIELD_REAL, DIMENSION_TRIAL),
                                              ARRAY("largest_overlap", FIELD_REAL, DIMENSION_TRIAL),
                                              END};
static const struct field rule_parameters[] = {
    SCALAR("neurons", FIELD_INTEGER),      SCALAR("load", FIELD_REAL),      CHOICE("rule", learning_rules),
    SCALAR("initial_overlap", FIELD_REAL), SCALAR("trials", FIELD_INTEGER), END};
static const struct field rule_columns[] = {SCALAR("patterns", FIELD_INTEGER),
                                            SCALAR("successes", FIELD_INTEGER),
                                            SCALAR("perfect", FIELD_INTEGER),
                                            SCALAR("unlearned_neurons", FIELD_INTEGER),
                                            SCALAR("learning_operations", FIELD_INTEGER),
                                            END};
static const struct field modern_parameters[] = {
    SCALAR("dimension", FIELD_INTEGER), SCALAR("patterns", FIELD_INTEGER),   CHOICE("scaling", scalings),
    SCALAR("beta", FIELD_REAL),         SCALAR("initial_error", FIELD_REAL), END};
static const struct field modern_columns[] = {SCALAR("attention_differences", FIELD_INTEGER),
                                              SCALAR("reference_difference", FIELD_REAL),
                                              SCALAR("single_states", FIELD_INTEGER),
                                              SCALAR("metastable_states", FIELD_INTEGER),
                                              SCALAR("global_states", FIELD_INTEGER),
                                              SCALAR("unsettled_states", FIELD_INTEGER),
                                              ARRAY("relative_error", FIELD_REAL, DIMENSION_TRIAL),
                                              END};
static const struct field boltzmann_parameters[] = {
    SCALAR("neurons", FIELD_INTEGER), SCALAR("load", FIELD_REAL),
    CHOICE("rule", learners),         CHOICE("expectation", averages),
    SCALAR("epochs", FIELD_INTEGER),  SCALAR("step", FIELD_REAL),
    CHOICE("biases", answers),        END};
static const struct field boltzmann_columns[] = {SCALAR("patterns", FIELD_INTEGER),
                                                 SCALAR("operations", FIELD_REAL),
                                                 ARRAY("recalled", FIELD_INTEGER, DIMENSION_TRIAL),
                                                 ARRAY("recalled_one", FIELD_INTEGER, DIMENSION_TRIAL),
                                                 ARRAY("recalled_tenth", FIELD_INTEGER, DIMENSION_TRIAL),
                                                 ARRAY("recalled_each", FIELD_INTEGER, DIMENSION_TRIAL),
                                                 ARRAY("firm", FIELD_INTEGER, DIMENSION_TRIAL),
                                                 ARRAY("firm_one", FIELD_INTEGER, DIMENSION_TRIAL),
                                                 ARRAY("firm_tenth", FIELD_INTEGER, DIMENSION_TRIAL),
                                                 ARRAY("firm_each", FIELD_INTEGER, DIMENSION_TRIAL),
                                                 END};
static const struct field images_parameters[] = {
    CHOICE("rule", image_rules),       SCALAR("patterns", FIELD_INTEGER),
    CHOICE("corruption", corruptions), SCALAR("amount", FIELD_REAL),
    CHOICE("dynamics", dynamics),      CHOICE("content", contents),
    SCALAR("beta", FIELD_REAL),        END};
static const struct field images_columns[] = {ARRAY("overlap", FIELD_REAL, DIMENSION_TRIAL),
                                              SCALAR("pattern_correlation", FIELD_REAL),
                                              SCALAR("largest_correlation", FIELD_REAL),
                                              SCALAR("crosstalk", FIELD_REAL),
                                              SCALAR("activity", FIELD_REAL),
                                              ARRAY("image_original", FIELD_INTEGER, DIMENSION_PIXEL),
                                              ARRAY("image_corrupted", FIELD_INTEGER, DIMENSION_PIXEL),
                                              ARRAY("image_recalled", FIELD_INTEGER, DIMENSION_PIXEL),
                                              SCALAR("image_width", FIELD_INTEGER),
                                              SCALAR("image_height", FIELD_INTEGER),
                                              SCALAR("image_count", FIELD_INTEGER),
                                              END};

static const struct field feed_forward_parameters[] = {SCALAR("batch", FIELD_INTEGER),
                                                       SCALAR("length", FIELD_INTEGER),
                                                       SCALAR("width", FIELD_INTEGER),
                                                       SCALAR("hidden", FIELD_INTEGER),
                                                       CHOICE("activation", activations),
                                                       SCALAR("threads", FIELD_INTEGER),
                                                       END};
static const struct field path_parameters[] = {CHOICE("layer", layer_kinds),
                                               SCALAR("length", FIELD_INTEGER),
                                               SCALAR("width", FIELD_INTEGER),
                                               SCALAR("inputs", FIELD_INTEGER),
                                               SCALAR("kernel_size", FIELD_INTEGER),
                                               CHOICE("dilation", dilations),
                                               CHOICE("side", sides),
                                               END};
static const struct field path_columns[] = {
    SCALAR("path", FIELD_INTEGER), SCALAR("operations", FIELD_INTEGER), SCALAR("kernel_chain", FIELD_INTEGER),
    SCALAR("weights", FIELD_INTEGER), END};
static const struct field saturation_parameters[] = {
    SCALAR("dimension", FIELD_INTEGER), SCALAR("keys", FIELD_INTEGER), CHOICE("scaling", score_scalings),
    SCALAR("sharpness", FIELD_REAL), END};
static const struct field saturation_columns[] = {SCALAR("score_variance", FIELD_REAL),
                                                  ARRAY("jacobian_norm", FIELD_REAL, DIMENSION_TRIAL),
                                                  ARRAY("argmax_distance", FIELD_REAL, DIMENSION_TRIAL), END};
static const struct field scoring_parameters[] = {
    CHOICE("function", score_functions), SCALAR("length", FIELD_INTEGER), SCALAR("width", FIELD_INTEGER),
    SCALAR("threads", FIELD_INTEGER), END};
static const struct field scoring_columns[] = {ARRAY("seconds", FIELD_REAL, DIMENSION_SAMPLE),
                                               SCALAR("flops", FIELD_REAL),
                                               SCALAR("disturbed", FIELD_INTEGER), END};

const struct schema synthetic_attention = {.name = "attention",
                                           .summary = "attention",
                                           .version = 1,
                                           .parameters = attention_parameters,
                                           .columns = attention_columns};
const struct schema synthetic_machine = {.name = "machine",
                                         .summary = "machine",
                                         .version = 1,
                                         .parameters = machine_parameters,
                                         .columns = machine_columns};
const struct schema synthetic_identities = {.name = "attention_identities",
                                            .summary = "identities",
                                            .version = 1,
                                            .parameters = identities_parameters,
                                            .columns = identities_columns};
const struct schema synthetic_convolution = {.name = "convolution",
                                             .summary = "convolution",
                                             .version = 1,
                                             .parameters = convolution_parameters,
                                             .columns = layer_columns};
const struct schema synthetic_recurrent = {.name = "recurrent",
                                           .summary = "recurrent",
                                           .version = 1,
                                           .parameters = recurrent_parameters,
                                           .columns = layer_columns};
const struct schema synthetic_capacity = {.name = "hopfield_capacity",
                                          .summary = "capacity",
                                          .version = 1,
                                          .parameters = capacity_parameters,
                                          .columns = capacity_columns};
const struct schema synthetic_dilution = {.name = "hopfield_dilution",
                                          .summary = "dilution",
                                          .version = 1,
                                          .parameters = dilution_parameters,
                                          .columns = dilution_columns};
const struct schema synthetic_blocks = {.name = "hopfield_blocks",
                                        .summary = "blocks",
                                        .version = 1,
                                        .parameters = blocks_parameters,
                                        .columns = blocks_columns};
const struct schema synthetic_order = {.name = "order_capacity",
                                       .summary = "order",
                                       .version = 1,
                                       .parameters = order_parameters,
                                       .columns = order_columns};
const struct schema synthetic_phasor = {.name = "phasor_capacity",
                                        .summary = "phasor",
                                        .version = 1,
                                        .parameters = phasor_parameters,
                                        .columns = order_columns};
const struct schema synthetic_phases = {.name = "hopfield_phases",
                                        .summary = "phases",
                                        .version = 1,
                                        .parameters = phases_parameters,
                                        .columns = phases_columns};
const struct schema synthetic_rules = {.name = "rule_capacity",
                                       .summary = "rules",
                                       .version = 1,
                                       .parameters = rule_parameters,
                                       .columns = rule_columns};
const struct schema synthetic_modern = {.name = "modern_capacity",
                                        .summary = "modern",
                                        .version = 1,
                                        .parameters = modern_parameters,
                                        .columns = modern_columns};
const struct schema synthetic_boltzmann = {.name = "boltzmann_capacity",
                                           .summary = "boltzmann",
                                           .version = 1,
                                           .parameters = boltzmann_parameters,
                                           .columns = boltzmann_columns};
const struct schema synthetic_images = {.name = "hopfield_images",
                                        .summary = "images",
                                        .version = 1,
                                        .parameters = images_parameters,
                                        .columns = images_columns};
const struct schema synthetic_feed_forward = {.name = "feed_forward",
                                              .summary = "feed-forward",
                                              .version = 1,
                                              .parameters = feed_forward_parameters,
                                              .columns = layer_columns};
const struct schema synthetic_paths = {.name = "layer_paths",
                                       .summary = "paths",
                                       .version = 1,
                                       .parameters = path_parameters,
                                       .columns = path_columns};
const struct schema synthetic_saturation = {.name = "softmax_saturation",
                                            .summary = "saturation",
                                            .version = 1,
                                            .parameters = saturation_parameters,
                                            .columns = saturation_columns};
const struct schema synthetic_scoring = {.name = "scoring",
                                         .summary = "scoring",
                                         .version = 1,
                                         .parameters = scoring_parameters,
                                         .columns = scoring_columns};
/* clang-format off */
const struct schema *const synthetic_schemas[] = {
    &synthetic_attention,
    &synthetic_convolution,
    &synthetic_recurrent,
    &synthetic_capacity,
    &synthetic_blocks,
    &synthetic_images,
    &synthetic_phases,
    &synthetic_dilution,
    &synthetic_rules,
    &synthetic_order,
    &synthetic_phasor,
    &synthetic_modern,
    &synthetic_boltzmann,
    &synthetic_machine,
    &synthetic_identities,
    &synthetic_feed_forward,
    &synthetic_paths,
    &synthetic_saturation,
    &synthetic_scoring,
    NULL,
};
/* clang-format on */
