#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/blas.h"
#include "parallel/cgroup.h"
#include "parallel/host.h"

/* --- the host --------------------------------------------------------------------------------------- */

static void figures_are_sane(void **state) {
    (void)state;
    const struct host *here = host();
    assert_ptr_equal(here, host());
    assert_true(strlen(here->name) > 0);
    assert_in_range(here->cores, 1, here->cores_machine);
    size_t installed = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    assert_in_range(here->memory, 1 << 20, installed);
    assert_in_range(here->cache_last, 0, here->memory);
    assert_in_range(here->cache_core, 0, here->cache_last);
}

/* The mask of each of `threads` OpenMP threads. */
static void read_masks(int threads, cpu_set_t *masks) {
#pragma omp parallel num_threads(threads)
    sched_getaffinity(0, sizeof *masks, &masks[omp_get_thread_num()]);
}

static void bound_threads_have_cores_of_their_own(void **state) {
    (void)state;
    int cores = host()->cores, oversubscribed = 1;
    cpu_set_t masks[CPU_SETSIZE], both;
    /* As one rank with all cores, and as several ranks with one thread each. */
    assert_int_equal(host_bind(1, 0, cores, &oversubscribed), STATUS_OK);
    assert_false(oversubscribed);
    read_masks(cores, masks);
    for (int i = 0; i < cores; i++)
        for (int j = 0; j < i; j++) {
            CPU_AND(&both, &masks[i], &masks[j]);
            assert_int_equal(CPU_COUNT(&both), 0);
        }
    for (int place = 0; place < cores; place++) {
        cpu_set_t mine;
        assert_int_equal(host_bind(cores, place, 1, &oversubscribed), STATUS_OK);
        assert_false(oversubscribed);
        read_masks(1, &mine);
        assert_true(CPU_EQUAL(&mine, &masks[place]));
    }
    host_unbind();
}

static void unbinding_restores_every_mask(void **state) {
    (void)state;
    int cores = host()->cores, oversubscribed;
    cpu_set_t before, after[CPU_SETSIZE];
    sched_getaffinity(0, sizeof before, &before);
    assert_int_equal(host_bind(1, 0, cores, &oversubscribed), STATUS_OK);
    host_unbind();
    read_masks(cores, after);
    for (int i = 0; i < cores; i++)
        assert_true(CPU_EQUAL(&before, &after[i]));
}

static void too_many_threads_are_not_pinned(void **state) {
    (void)state;
    int cores = host()->cores, oversubscribed = 0;
    cpu_set_t before, after;
    sched_getaffinity(0, sizeof before, &before);
    assert_int_equal(host_bind(cores + 1, cores, 1, &oversubscribed), STATUS_OK);
    assert_true(oversubscribed);
    sched_getaffinity(0, sizeof after, &after);
    assert_true(CPU_EQUAL(&before, &after));
}

static void binding_sets_the_numbers_of_threads(void **state) {
    (void)state;
    int oversubscribed;
    for (int threads = 1; threads <= 3; threads++) {
        assert_int_equal(host_bind(1, 0, threads, &oversubscribed), STATUS_OK);
        assert_int_equal(omp_get_max_threads(), threads);
        assert_int_equal(blas_set_threads(threads), threads);
    }
    host_unbind();
}

static void senseless_places_are_refused(void **state) {
    (void)state;
    int oversubscribed;
    assert_int_equal(host_bind(0, 0, 1, &oversubscribed), STATUS_INVALID);
    assert_int_equal(host_bind(2, 2, 1, &oversubscribed), STATUS_INVALID);
    assert_int_equal(host_bind(2, -1, 1, &oversubscribed), STATUS_INVALID);
    assert_int_equal(host_bind(1, 0, 0, &oversubscribed), STATUS_INVALID);
}

static void description_names_each_mask(void **state) {
    (void)state;
    int cores = host()->cores, oversubscribed;
    char text[4096];
    assert_int_equal(host_bind(1, 0, cores, &oversubscribed), STATUS_OK);
    host_describe_binding(text, sizeof text);
    int words = 0;
    for (const char *at = text; (at = strchr(at, ' ')); at++)
        words++;
    assert_int_equal(words, 1 + cores); /* "threads on", then a mask for each */
    assert_int_equal(strncmp(text, "threads on ", 11), 0);
    char narrow[5];
    host_describe_binding(narrow, sizeof narrow);
    assert_string_equal(narrow, "thre");
    host_unbind();
}

/* --- limits of control groups, from files made here ------------------------------------------------- */

struct tree {
    char root[64];
};

static void write_file(const struct tree *tree, const char *path, const char *text) {
    char whole[512];
    snprintf(whole, sizeof whole, "%s%s", tree->root, path);
    for (char *slash = whole + strlen(tree->root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_tree(void **state) {
    struct tree *tree = calloc(1, sizeof *tree);
    if (!tree) return -1;
    snprintf(tree->root, sizeof tree->root, "/tmp/engram-cgroup-XXXXXX");
    *state = tree;
    return mkdtemp(tree->root) ? 0 : -1;
}

static int remove_tree(void **state) {
    struct tree *tree = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", tree->root);
    int result = system(command);
    free(tree);
    return result;
}

static const char mounts_v1[] = "30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                                "31 24 0:27 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n";
static const char mounts_v2[] = "25 24 0:22 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

static void no_files_mean_no_limit(void **state) {
    const struct tree *tree = *state;
    assert_true(cgroup_memory_limit(tree->root) == SIZE_MAX);
}

static void version_1_takes_the_least_along_the_path(void **state) {
    const struct tree *tree = *state;
    write_file(tree, "/proc/self/cgroup", "8:cpu:/other\n4:hugetlb,memory:/outer/inner\n0::/\n");
    write_file(tree, "/proc/self/mountinfo", mounts_v1);
    write_file(tree, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write_file(tree, "/sys/fs/cgroup/memory/outer/memory.limit_in_bytes", "3000000\n");
    write_file(tree, "/sys/fs/cgroup/memory/outer/inner/memory.limit_in_bytes", "5000000\n");
    assert_int_equal(cgroup_memory_limit(tree->root), 3000000);
}

static void version_2_takes_the_least_along_the_path(void **state) {
    const struct tree *tree = *state;
    write_file(tree, "/proc/self/cgroup", "0::/job/step/task\n");
    write_file(tree, "/proc/self/mountinfo", mounts_v2);
    write_file(tree, "/sys/fs/cgroup/job/memory.max", "7000000\n");
    write_file(tree, "/sys/fs/cgroup/job/step/memory.max", "max\n");
    write_file(tree, "/sys/fs/cgroup/job/step/task/memory.max", "8000000\n");
    assert_int_equal(cgroup_memory_limit(tree->root), 7000000);
}

static void a_container_sees_its_own_group_on_top(void **state) {
    const struct tree *tree = *state;
    write_file(tree, "/proc/self/cgroup", "4:memory:/docker/abc\n");
    write_file(tree, "/proc/self/mountinfo",
               "31 24 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
    write_file(tree, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "4000000\n");
    assert_int_equal(cgroup_memory_limit(tree->root), 4000000);
}

static void both_versions_are_heeded(void **state) {
    const struct tree *tree = *state;
    char mounts[sizeof mounts_v1 + sizeof mounts_v2];
    snprintf(mounts, sizeof mounts, "%s%s", mounts_v1, mounts_v2);
    write_file(tree, "/proc/self/cgroup", "4:memory:/a\n0::/b\n");
    write_file(tree, "/proc/self/mountinfo", mounts);
    write_file(tree, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "6000000\n");
    write_file(tree, "/sys/fs/cgroup/b/memory.max", "2000000\n");
    assert_int_equal(cgroup_memory_limit(tree->root), 2000000);
}

static void damaged_files_set_no_limit(void **state) {
    const struct tree *tree = *state;
    write_file(tree, "/proc/self/cgroup", "\n:\n4:memory\nmemory:/x\n");
    write_file(tree, "/proc/self/mountinfo", " - \n31 - cgroup\n");
    assert_true(cgroup_memory_limit(tree->root) == SIZE_MAX);
}

int main(void) {
#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_sane),
        cmocka_unit_test(bound_threads_have_cores_of_their_own),
        cmocka_unit_test(unbinding_restores_every_mask),
        cmocka_unit_test(too_many_threads_are_not_pinned),
        cmocka_unit_test(binding_sets_the_numbers_of_threads),
        cmocka_unit_test(senseless_places_are_refused),
        cmocka_unit_test(description_names_each_mask),
        WITH_TREE(no_files_mean_no_limit),
        WITH_TREE(version_1_takes_the_least_along_the_path),
        WITH_TREE(version_2_takes_the_least_along_the_path),
        WITH_TREE(a_container_sees_its_own_group_on_top),
        WITH_TREE(both_versions_are_heeded),
        WITH_TREE(damaged_files_set_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
