/* The experiments there are: the one list that a new one is added to. */
#include <string.h>

#include "experiments/experiment.h"

extern const struct experiment experiment_machine, experiment_attention, experiment_attention_identities,
    experiment_convolution, experiment_recurrent, experiment_hopfield_capacity, experiment_hopfield_images;
extern const struct experiment experiment_order_capacity, experiment_phasor_capacity;
extern const struct experiment experiment_hopfield_phases;
extern const struct experiment experiment_rule_capacity, experiment_hopfield_dilution;
extern const struct experiment experiment_hopfield_blocks;
extern const struct experiment experiment_modern_capacity, experiment_boltzmann_capacity;
extern const struct experiment experiment_feed_forward, experiment_layer_paths, experiment_scoring,
    experiment_softmax_saturation;

const struct experiment *const *experiments(void) {
    /* A line each, however many there are. */
    /* clang-format off */
    static const struct experiment *const all[] = {
        &experiment_machine,
        &experiment_attention,
        &experiment_attention_identities,
        &experiment_convolution,
        &experiment_recurrent,
        &experiment_feed_forward,
        &experiment_layer_paths,
        &experiment_scoring,
        &experiment_softmax_saturation,
        &experiment_hopfield_capacity,
        &experiment_hopfield_blocks,
        &experiment_hopfield_images,
        &experiment_hopfield_phases,
        &experiment_hopfield_dilution,
        &experiment_order_capacity,
        &experiment_phasor_capacity,
        &experiment_rule_capacity,
        &experiment_modern_capacity,
        &experiment_boltzmann_capacity,
        NULL,
    };
    /* clang-format on */
    return all;
}

const struct experiment *experiment_named(const char *name) {
    for (const struct experiment *const *e = experiments(); *e; e++)
        if (strcmp((*e)->schema.name, name) == 0) return *e;
    return NULL;
}
