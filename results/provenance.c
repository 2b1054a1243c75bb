#include "results/provenance.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <gnu/libc-version.h>
#include <xxhash.h>

#include "build_facts.h"
#include "core/base/cpu.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"
#include "results/provenance_stamps.h"
#include "results/store.h"
#include "results/text.h"

/* --- pieces ------------------------------------------------------------------------------------------- */

/* A JSON string of any text, also one that is not UTF-8. NULL stands for an unknown text. */
static json_t *text_to_json(const char *text) {
    char *valid = text_copy_valid(text ? text : "");
    json_t *json = valid ? json_string(valid) : NULL;
    memory_free(valid);
    return json;
}

static json_t *list_to_json(const char *const *texts) {
    json_t *list = json_array();
    for (; list && texts && *texts; texts++)
        if (json_array_append_new(list, text_to_json(*texts)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* Words separated by spaces. */
static json_t *words_to_json(const char *text) {
    json_t *list = json_array();
    for (text = text ? text : ""; list && *(text += strspn(text, " ")); text += strcspn(text, " "))
        if (json_array_append_new(list, json_stringn(text, strcspn(text, " "))) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *hash_to_json(const char *text) {
    return json_sprintf("%016" PRIx64, (uint64_t)XXH64(text, strlen(text), 0));
}

static json_t *user_name(void) {
    struct passwd entry, *found = NULL;
    char buffer[4096];
    getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found);
    return found ? text_to_json(found->pw_name) : json_sprintf("%ld", (long)geteuid());
}

/* ISO 8601, universal time. */
static json_t *now_to_json(void) {
    char text[32] = "";
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts)) strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return json_string(text);
}

static json_t *host_name(void) {
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    return text_to_json(name);
}

static json_t *libraries(void) {
    char hdf5[32];
    results_hdf5_version(hdf5, sizeof hdf5);
    return json_pack(
        "[o, o, o, o]", json_sprintf("HDF5 %s", hdf5), json_sprintf("jansson %s", JANSSON_VERSION),
        json_sprintf("xxHash %u", XXH_versionNumber()), json_sprintf("glibc %s", gnu_get_libc_version()));
}

/* --- fingerprints: timings are comparable where both agree --------------------------------------------- */

static json_t *machine_fingerprint(const struct provenance_facts *facts, const char *instruction_sets) {
    const double gibibyte = 1024.0 * 1024.0 * 1024.0;
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    char text[512];
    snprintf(text, sizeof text, "%s\n%d cores\n%.0f GiB\n%s", cpu_features().model, facts->cores,
             memory / gibibyte, instruction_sets);
    return hash_to_json(text);
}

static json_t *build_fingerprint(void) {
    char text[2048];
    snprintf(text, sizeof text, "%s\n%d\n%s\n%s\n%s\n%d", BUILD_GIT_COMMIT, BUILD_GIT_DIRTY, BUILD_COMPILER,
             BUILD_COMPILER_FLAGS, BUILD_TYPE, BUILD_SANITIZED);
    return hash_to_json(text);
}

/* --- groups of entries -------------------------------------------------------------------------------- */

static int set_job(json_t *object, const struct provenance_facts *facts) {
    return json_object_set_new(object, "user", user_name()) |
           json_object_set_new(object, "launchdate", now_to_json()) |
           json_object_set_new(object, "cmdline", list_to_json(facts->command_line)) |
           json_object_set_new(object, "hostname", host_name()) |
           json_object_set_new(object, "jobsize", json_integer(facts->ranks)) |
           json_object_set_new(object, "threads", json_integer(facts->threads)) |
           json_object_set_new(object, "numhosts", json_integer(facts->hosts)) |
           json_object_set_new(object, "hostlist", words_to_json(facts->host_list)) |
           json_object_set_new(object, "mpi_version", text_to_json(facts->mpi_version)) |
           json_object_set_new(object, "libraries", libraries()) |
           json_object_set_new(object, "masks", text_to_json(facts->binding));
}

static int set_build(json_t *object) {
    return json_object_set_new(object, "version", json_string(BUILD_VERSION)) |
           json_object_set_new(object, "git_commit", json_string(BUILD_GIT_COMMIT)) |
           json_object_set_new(object, "git_dirty", json_boolean(BUILD_GIT_DIRTY)) |
           json_object_set_new(object, "compiler", json_string(BUILD_COMPILER)) |
           json_object_set_new(object, "compiler_flags", json_string(BUILD_COMPILER_FLAGS)) |
           json_object_set_new(object, "build_type", json_string(BUILD_TYPE)) |
           json_object_set_new(object, "build_fingerprint", build_fingerprint());
}

static int set_machine(json_t *object, const struct provenance_facts *facts) {
    char sets[256];
    cpu_describe(sets, sizeof sets);
    return json_object_set_new(object, "cpu_model", text_to_json(cpu_features().model)) |
           json_object_set_new(object, "cores", json_integer(facts->cores)) |
           json_object_set_new(object, "instruction_sets", json_string(sets)) |
           json_object_set_new(object, "kernels", json_string(kernels()->name)) |
           json_object_set_new(object, "blas", text_to_json(facts->blas)) |
           json_object_set_new(object, "machine_fingerprint", machine_fingerprint(facts, sets));
}

static int set_campaign(json_t *object, const struct provenance_facts *facts) {
    return json_object_set_new(object, "campaign_name", text_to_json(facts->campaign_name)) |
           json_object_set_new(object, "campaign_text", text_to_json(facts->campaign_text)) |
           json_object_set_new(object, "campaign_hash",
                               hash_to_json(facts->campaign_text ? facts->campaign_text : "")) |
           json_object_set_new(object, "seed", json_integer(facts->seed));
}

/* --- earlier launches --------------------------------------------------------------------------------- */

/* The entries of a launch that tell it from others, as a text. */
static json_t *launch_to_json(const json_t *provenance) {
    static const char *const names[] = {"launchdate", "cmdline", "hostname",   "jobsize",      "threads",
                                        "numhosts",   "kernels", "git_commit", "campaign_hash"};
    json_t *launch = json_object();
    for (size_t i = 0; launch && i < sizeof names / sizeof *names; i++) {
        json_t *value = json_object_get(provenance, names[i]);
        if (value) json_object_set(launch, names[i], value);
    }
    char *text = launch ? json_dumps(launch, JSON_COMPACT) : NULL;
    json_t *json = text ? json_string(text) : NULL;
    free(text);
    json_decref(launch);
    return json;
}

static bool holds(const json_t *list, const json_t *value) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), value)) return true;
    return false;
}

static int append_new_ones(json_t *list, const json_t *more) {
    int failed = !list;
    for (size_t i = 0; !failed && i < json_array_size(more); i++)
        if (!holds(list, json_array_get(more, i))) failed = json_array_append(list, json_array_get(more, i));
    return failed;
}

enum status provenance_continue(json_t *provenance, const json_t *before) {
    json_t *launches = json_array();
    int failed = append_new_ones(launches, json_object_get(before, "earlier_launches"));
    failed = failed || json_array_append_new(launches, launch_to_json(before)) != 0 ||
             append_new_ones(json_object_get(provenance, "stamps"), json_object_get(before, "stamps")) != 0 ||
             json_object_set(provenance, "earlier_launches", launches) != 0;
    json_decref(launches);
    return failed ? STATUS_NO_MEMORY : STATUS_OK;
}

/* --- the whole ---------------------------------------------------------------------------------------- */

json_t *provenance_collect(const struct provenance_facts *facts) {
    const struct provenance_build build = {BUILD_TYPE, BUILD_GIT_DIRTY, BUILD_SANITIZED};
    json_t *object = json_object();
    if (object && set_job(object, facts) == 0 && set_build(object) == 0 && set_machine(object, facts) == 0 &&
        set_campaign(object, facts) == 0 &&
        json_object_set_new(object, "stamps", provenance_stamps(&build, facts)) == 0)
        return object;
    json_decref(object);
    return NULL;
}
