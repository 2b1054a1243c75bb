/* The claims, by name, for the table in claims.c; each group of rows is a file claims_*.c. */
#ifndef ANALYSIS_CLAIMS_ALL_H
#define ANALYSIS_CLAIMS_ALL_H

#include "analysis/claim.h"

/* What decides a row that the quick campaign leaves open. */
#define DECIDED_BY_STANDARD "standard.yaml"
#define DECIDED_BY_RANKS    "ranks.yaml"
#define DECIDED_BY_CLUSTER  "cluster.yaml"

/* Rows that speak of any number of ranks are decided by runs on at least so many: two cannot tell P - 1 from
 * P / 2, nor show how an error grows. */
enum { RANKS_LEAST = 3 };

extern const struct claim claim_convolution_cost, claim_recurrent_cost,
    claim_attention_cost;                                                             /* CX1, CX2, CX3 */
extern const struct claim claim_crossovers;                                           /* CX6 */
extern const struct claim claim_sequential, claim_path_length, claim_lstm_parameters; /* CX4, CX5, CX7 */
extern const struct claim claim_whole_models;                                         /* CX8 */
extern const struct claim claim_saturation, claim_scoring_cost;                       /* SC1, SC2 */
extern const struct claim claim_attention_bytes, claim_causal_balance, claim_attention_error,
    claim_attention_scaling;                                              /* AP1, AP2, AP4, AP5 */
extern const struct claim claim_layer_bytes, claim_layer_scaling;         /* SP1, SP2 */
extern const struct claim claim_capacity_digits, claim_capacity_theory;   /* HC1a, HC1b */
extern const struct claim claim_retrieval_branch;                         /* HC2 */
extern const struct claim claim_blocks;                                   /* HC2b */
extern const struct claim claim_perfect_recall;                           /* HC3 */
extern const struct claim claim_order_exponent, claim_order_mean_field;   /* HC4a, HC4b */
extern const struct claim claim_rule_growth, claim_rule_capacities;       /* HC5a, HC5b */
extern const struct claim claim_phasor_capacity, claim_phasor_mean_field; /* HC7a, HC7b */
extern const struct claim claim_boltzmann;                                /* HC6 */
extern const struct claim claim_modern_attention, claim_modern_capacity;  /* HC8a, HC8b */
extern const struct claim claim_energy;                                   /* HF1 */
extern const struct claim claim_basins;                                   /* HF2 */
extern const struct claim claim_phase_diagram;                            /* HF4 */
extern const struct claim claim_real_patterns;                            /* HF3 */
extern const struct claim claim_multi_head, claim_position;               /* AV3, AV5 */

#endif
