/* What makes results doubtful, in sentences. Private to this folder. */
#ifndef RESULTS_PROVENANCE_STAMPS_H
#define RESULTS_PROVENANCE_STAMPS_H

#include "results/provenance.h"

struct provenance_build {
    const char *type; /* as CMake calls it */
    bool dirty, sanitized;
};

/* An array of texts, empty when all is well. NULL: out of memory. */
json_t *provenance_stamps(const struct provenance_build *build, const struct provenance_facts *facts);

#endif
