/* Parameters and columns of the attention experiment; for its sources only. */
#ifndef EXPERIMENTS_ATTENTION_FIELDS_H
#define EXPERIMENTS_ATTENTION_FIELDS_H

#include "results/field.h"

extern const struct field attention_parameters[], attention_columns[];

#endif
