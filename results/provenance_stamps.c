#include "results/provenance_stamps.h"

#include <string.h>

static bool is_optimised(const char *type) {
    static const char *const optimised[] = {"Release", "RelWithDebInfo", "MinSizeRel"};
    for (size_t i = 0; i < sizeof optimised / sizeof *optimised; i++)
        if (strcmp(type, optimised[i]) == 0) return true;
    return false;
}

json_t *provenance_stamps(const struct provenance_build *build, const struct provenance_facts *facts) {
    json_t *stamps = json_array();
    int failed = !stamps;
    long workers = (long)facts->ranks * facts->threads, cores = (long)facts->cores * facts->hosts;
    if (!failed && !is_optimised(build->type))
        failed = json_array_append_new(stamps, json_sprintf("debug build (%s): timings say little",
                                                            *build->type ? build->type : "no build type"));
    if (!failed && build->dirty)
        failed = json_array_append_new(
            stamps, json_string("dirty tree: the sources differ from the commit that is named"));
    if (!failed && build->sanitized)
        failed = json_array_append_new(stamps, json_string("sanitizers are on: timings say nothing"));
    if (!failed && workers > cores)
        failed = json_array_append_new(
            stamps, json_sprintf("oversubscribed machine: %ld threads on %ld cores", workers, cores));
    if (!failed) return stamps;
    json_decref(stamps);
    return NULL;
}
