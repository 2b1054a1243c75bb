#include <stddef.h>

#include "analysis/claims_all.h"

const struct claim *const *claims(void) {
    /* A line each, however many there are. */
    /* clang-format off */
    static const struct claim *const table[] = {
        &claim_convolution_cost,
        &claim_recurrent_cost,
        &claim_attention_cost,
        &claim_sequential,
        &claim_path_length,
        &claim_crossovers,
        &claim_lstm_parameters,
        &claim_whole_models,
        &claim_saturation,
        &claim_scoring_cost,
        &claim_attention_bytes,
        &claim_causal_balance,
        &claim_attention_error,
        &claim_attention_scaling,
        &claim_layer_bytes,
        &claim_layer_scaling,
        &claim_capacity_digits,
        &claim_capacity_theory,
        &claim_retrieval_branch,
        &claim_blocks,
        &claim_perfect_recall,
        &claim_order_exponent,
        &claim_order_mean_field,
        &claim_rule_growth,
        &claim_rule_capacities,
        &claim_boltzmann,
        &claim_phasor_capacity,
        &claim_phasor_mean_field,
        &claim_modern_attention,
        &claim_modern_capacity,
        &claim_energy,
        &claim_basins,
        &claim_real_patterns,
        &claim_phase_diagram,
        &claim_multi_head,
        &claim_position,
        NULL,
    };
    /* clang-format on */
    return table;
}
