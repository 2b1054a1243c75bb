/* Control groups as described in cgroups(7): /proc/self/cgroup names our group in each hierarchy,
 * /proc/self/mountinfo where the hierarchies are mounted. */
#include "parallel/cgroup.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 2 * PATH_MAX, LINE_BYTES = 3 * PATH_MAX };

struct hierarchy {
    const char *type;       /* of the file system */
    const char *controller; /* as both files name it; "" for version 2, which has one hierarchy for all */
    const char *limit_file;
};

static const struct hierarchy hierarchies[] = {
    {"cgroup2", "", "memory.max"},
    {"cgroup", "memory", "memory.limit_in_bytes"},
};

/* Whether `word` is one of the words of `list`, which commas separate. */
static bool list_has(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0')) return true;
    }
    return false;
}

static FILE *open_under(const char *root, const char *folder, const char *name) {
    char *path;
    if (asprintf(&path, "%s%s/%s", root, folder, name) < 0) return NULL;
    FILE *file = fopen(path, "r");
    free(path);
    return file;
}

/* Our group in the hierarchy: the third part of "4:memory:/path". */
static bool find_group(const char *root, const struct hierarchy *hierarchy, char group[PATH_MAX]) {
    FILE *file = open_under(root, "/proc/self", "cgroup");
    if (!file) return false;
    bool found = false;
    char line[LINE_BYTES];
    while (!found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        *controllers++ = *path++ = '\0';
        found = hierarchy->controller[0] ? list_has(controllers, hierarchy->controller) : !controllers[0];
        if (found) snprintf(group, PATH_MAX, "%.*s", PATH_MAX - 1, path);
    }
    fclose(file);
    return found;
}

/* Where the hierarchy is mounted, and which of its groups the mount shows as its top. */
static bool find_mount(const char *root, const struct hierarchy *hierarchy, char top[PATH_MAX],
                       char mount[PATH_MAX]) {
    FILE *file = open_under(root, "/proc/self", "mountinfo");
    if (!file) return false;
    bool found = false;
    char line[LINE_BYTES], type[64], options[PATH_MAX];
    while (!found && fgets(line, sizeof line, file)) {
        const char *rest = strstr(line, " - ");
        if (!rest || sscanf(rest, " - %63s %*s %4095s", type, options) != 2) continue;
        if (sscanf(line, "%*s %*s %*s %4095s %4095s", top, mount) != 2) continue;
        found = strcmp(type, hierarchy->type) == 0 &&
                (!hierarchy->controller[0] || list_has(options, hierarchy->controller));
    }
    fclose(file);
    return found;
}

/* A file that says "max", or is not there, sets no limit. */
static size_t read_limit(const char *root, const char *folder, const char *name) {
    FILE *file = open_under(root, folder, name);
    if (!file) return SIZE_MAX;
    unsigned long long limit;
    int read = fscanf(file, "%llu", &limit);
    fclose(file);
    return read == 1 ? (size_t)limit : SIZE_MAX;
}

/* From our group up to the top of the mount. */
static size_t limit_along(const char *root, const struct hierarchy *hierarchy, const char *mount,
                          const char *group) {
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s%s", mount, strcmp(group, "/") == 0 ? "" : group);
    size_t least = SIZE_MAX, mount_length = strlen(mount);
    for (;;) {
        size_t limit = read_limit(root, folder, hierarchy->limit_file);
        if (limit < least) least = limit;
        char *slash = strrchr(folder, '/');
        if (strlen(folder) <= mount_length || !slash) return least;
        *slash = '\0';
    }
}

size_t cgroup_memory_limit(const char *root) {
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < sizeof hierarchies / sizeof hierarchies[0]; i++) {
        char group[PATH_MAX], top[PATH_MAX], mount[PATH_MAX];
        if (!find_group(root, &hierarchies[i], group) || !find_mount(root, &hierarchies[i], top, mount))
            continue;
        /* A container may be shown only its own group, as the top of its mount. */
        size_t top_length = strcmp(top, "/") == 0 ? 0 : strlen(top);
        const char *below = strncmp(group, top, top_length) == 0 ? group + top_length : "";
        size_t limit = limit_along(root, &hierarchies[i], mount, below);
        if (limit < least) least = limit;
    }
    return least;
}
