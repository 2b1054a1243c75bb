#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "results/provenance.h"
#include "results/provenance_stamps.h"
#include "sample.h"

static const char *const command_line[] = {"engram", "run", "quick.yaml", "caf\xe9", NULL};

static struct provenance_facts usual_facts(void) {
    return (struct provenance_facts){.command_line = command_line,
                                     .campaign_name = "quick",
                                     .campaign_text = "name: quick\nseed: 1\n",
                                     .seed = 1,
                                     .ranks = 4,
                                     .threads = 2,
                                     .hosts = 2,
                                     .host_list = "one  two",
                                     .mpi_version = "some MPI",
                                     .binding = "rank 0: 0",
                                     .cores = 4,
                                     .blas = "some BLAS"};
}

static void all_names_are_there(void **state) {
    (void)state;
    static const char *const names[] = {"user",
                                        "launchdate",
                                        "cmdline",
                                        "hostname",
                                        "jobsize",
                                        "numhosts",
                                        "hostlist",
                                        "mpi_version",
                                        "libraries",
                                        "version",
                                        "git_commit",
                                        "git_dirty",
                                        "compiler",
                                        "compiler_flags",
                                        "build_type",
                                        "cpu_model",
                                        "instruction_sets",
                                        "kernels",
                                        "blas",
                                        "masks",
                                        "campaign_name",
                                        "campaign_text",
                                        "campaign_hash",
                                        "seed",
                                        "machine_fingerprint",
                                        "build_fingerprint",
                                        "stamps"};
    struct provenance_facts facts = usual_facts();
    json_t *provenance = provenance_collect(&facts);
    assert_non_null(provenance);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!json_object_get(provenance, names[i])) fail_msg("no %s", names[i]);
    assert_int_equal(json_array_size(json_object_get(provenance, "cmdline")), 4);
    assert_int_equal(json_array_size(json_object_get(provenance, "hostlist")), 2);
    assert_int_equal(json_integer_value(json_object_get(provenance, "jobsize")), 4);
    json_decref(provenance);
}

static void provenance_survives_the_file(void **state) {
    (void)state;
    struct provenance_facts facts = usual_facts();
    struct results *results, *back;
    const char *folder = sample_folder(), *path = sample_path(folder, "R.h5");
    assert_int_equal(results_create(&results), STATUS_OK);
    json_decref(results->provenance);
    results->provenance = provenance_collect(&facts);
    assert_int_equal(results_write(results, path, NULL), STATUS_OK);
    assert_int_equal(results_read(path, &back, NULL), STATUS_OK);
    assert_true(json_equal(results->provenance, back->provenance));
    results_destroy(&results);
    results_destroy(&back);
    sample_remove(folder);
}

static void unknown_facts_are_empty_not_fatal(void **state) {
    (void)state;
    struct provenance_facts facts = {.ranks = 1, .threads = 1, .hosts = 1, .cores = 1};
    json_t *provenance = provenance_collect(&facts);
    assert_non_null(provenance);
    assert_string_equal(json_string_value(json_object_get(provenance, "mpi_version")), "");
    assert_int_equal(json_array_size(json_object_get(provenance, "cmdline")), 0);
    json_decref(provenance);
}

static bool agree(const struct provenance_facts *a, const struct provenance_facts *b, const char *key) {
    json_t *left = provenance_collect(a), *right = provenance_collect(b);
    bool equal = json_equal(json_object_get(left, key), json_object_get(right, key));
    json_decref(left);
    json_decref(right);
    return equal;
}

/* Shards of one job array differ in their ranks and command lines, not in machine or build. */
static void fingerprints_tell_machines_and_campaigns_apart(void **state) {
    (void)state;
    struct provenance_facts one = usual_facts(), other = usual_facts();
    other.ranks = 1;
    other.command_line = command_line + 1;
    assert_true(agree(&one, &other, "machine_fingerprint"));
    assert_true(agree(&one, &other, "build_fingerprint"));
    assert_true(agree(&one, &other, "campaign_hash"));
    other.cores = 64;
    assert_false(agree(&one, &other, "machine_fingerprint"));
    assert_true(agree(&one, &other, "build_fingerprint"));
    other.campaign_text = "name: quick\nseed: 2\n";
    assert_false(agree(&one, &other, "campaign_hash"));
}

static size_t count_stamps(const char *type, bool dirty, bool sanitized, int ranks, const char *expected) {
    const struct provenance_build build = {type, dirty, sanitized};
    struct provenance_facts facts = usual_facts();
    facts.ranks = ranks;
    json_t *stamps = provenance_stamps(&build, &facts);
    size_t count = json_array_size(stamps);
    if (expected) assert_non_null(strstr(json_string_value(json_array_get(stamps, 0)), expected));
    json_decref(stamps);
    return count;
}

static void each_doubt_has_its_stamp(void **state) {
    (void)state;
    assert_int_equal(count_stamps("Release", false, false, 4, NULL), 0);
    assert_int_equal(count_stamps("RelWithDebInfo", false, false, 4, NULL), 0);
    assert_int_equal(count_stamps("Debug", false, false, 4, "debug build"), 1);
    assert_int_equal(count_stamps("", false, false, 4, "debug build"), 1);
    assert_int_equal(count_stamps("Release", true, false, 4, "dirty tree"), 1);
    assert_int_equal(count_stamps("Release", false, true, 4, "sanitizers"), 1);
    assert_int_equal(count_stamps("Release", false, false, 5, "oversubscribed"), 1);
    assert_int_equal(count_stamps("Debug", true, true, 5, "debug"), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_names_are_there),
        cmocka_unit_test(provenance_survives_the_file),
        cmocka_unit_test(unknown_facts_are_empty_not_fatal),
        cmocka_unit_test(fingerprints_tell_machines_and_campaigns_apart),
        cmocka_unit_test(each_doubt_has_its_stamp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
