/* Which layer is cheapest at the shapes of published models, and by how much (claims.md CX6). */
#ifndef ANALYSIS_CHEAPEST_H
#define ANALYSIS_CHEAPEST_H

#include "analysis/claim.h"

/* Adds four tables to the finding: executed operations of attention (core, whole layer), recurrent layers
 * and convolutions at every published shape, from counted terms; their times as far as these very shapes were
 * measured, on one rank and one thread; and the cheapest by each, with how many times as much the next one
 * and attention take. Charts of both costs. Reports how far counted operations are from the terms. Results
 * without attention: no table. STATUS_NO_MEMORY. */
enum status cheapest_report(const struct results *results, struct finding *finding);

#endif
