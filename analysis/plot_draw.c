/* gnuplot as a process: the script on its standard input, the picture from its standard output, through files
 * in memory, so that no shell, no quoting of paths and no broken pipe can come between. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/document.h"
#include "analysis/plot_script.h"
#include "core/base/memory.h"

extern char **environ;

/* The standard streams of the process, in order. */
struct streams {
    int files[3];
};

static void streams_close(struct streams *streams) {
    for (int i = 0; i < 3; i++)
        if (streams->files[i] >= 0) close(streams->files[i]);
}

static enum status streams_open(struct streams *streams, struct error *error) {
    bool opened = true;
    for (int i = 0; i < 3; i++) {
        streams->files[i] = memfd_create("engram-gnuplot", MFD_CLOEXEC);
        opened &= streams->files[i] >= 0;
    }
    if (opened) return STATUS_OK;
    streams_close(streams);
    return error_set(error, STATUS_IO, "no room to talk to gnuplot: %s", strerror(errno));
}

static enum status write_script(const struct plot *plot, int file, struct error *error) {
    int copy = fcntl(file, F_DUPFD_CLOEXEC, 0);
    FILE *out = copy < 0 ? NULL : fdopen(copy, "w");
    if (!out) {
        if (copy >= 0) close(copy);
        return error_set(error, STATUS_IO, "no room to talk to gnuplot: %s", strerror(errno));
    }
    plot_script(plot, out);
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    failed |= lseek(file, 0, SEEK_SET) != 0;
    return failed ? error_set(error, STATUS_IO, "plot %s: the script could not be written", plot->name)
                  : STATUS_OK;
}

/* What a file in memory holds, with a zero after it; memory_free it. NULL: out of memory. */
static char *read_all(int file, size_t *size) {
    struct stat state;
    if (fstat(file, &state) != 0) return NULL;
    char *text = memory_allocate((size_t)state.st_size + 1, 1);
    if (!text) return NULL;
    ssize_t got = pread(file, text, (size_t)state.st_size, 0);
    *size = got > 0 ? (size_t)got : 0;
    return text;
}

/* Starts gnuplot without the user's settings; an errno value. */
static int start(const struct streams *streams, pid_t *process) {
    char *const arguments[] = {"gnuplot", "--default-settings", "-", NULL};
    posix_spawn_file_actions_t actions;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure) return failure;
    for (int i = 0; i < 3 && !failure; i++)
        failure = posix_spawn_file_actions_adddup2(&actions, streams->files[i], i);
    if (!failure) failure = posix_spawnp(process, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

static enum status run_gnuplot(const struct plot *plot, const struct streams *streams, struct error *error) {
    pid_t process;
    int failure = start(streams, &process);
    if (failure == ENOENT || failure == EACCES || failure == ENOTDIR)
        return error_set(error, STATUS_NOT_FOUND, "gnuplot is not installed");
    if (failure) return error_set(error, STATUS_IO, "gnuplot: %s", strerror(failure));
    int outcome = 0;
    pid_t ended;
    while ((ended = waitpid(process, &outcome, 0)) < 0 && errno == EINTR)
        ;
    if (ended == process && WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0) return STATUS_OK;
    size_t size = 0;
    char *said = read_all(streams->files[2], &size);
    error_set(error, STATUS_FAILED, "gnuplot could not draw %s: %.300s", plot->name, said ? said : "");
    memory_free(said);
    return STATUS_FAILED;
}

enum status plot_render(const struct plot *plot, char **svg, struct error *error) {
    struct streams streams;
    *svg = NULL;
    CHECK(streams_open(&streams, error));
    enum status status = write_script(plot, streams.files[0], error);
    if (status == STATUS_OK) status = run_gnuplot(plot, &streams, error);
    size_t size = 0;
    if (status == STATUS_OK && !(*svg = read_all(streams.files[1], &size)))
        status = error_set(error, STATUS_NO_MEMORY, "no memory for plot %s", plot->name);
    if (status == STATUS_OK && !strstr(*svg, "</svg>"))
        status = error_set(error, STATUS_FAILED, "gnuplot drew nothing for %s", plot->name);
    if (status != STATUS_OK) {
        memory_free(*svg);
        *svg = NULL;
    }
    streams_close(&streams);
    return status;
}

static enum status save_data(const struct plot *plot, const char *folder, struct error *error) {
    char name[sizeof plot->name + sizeof ".csv"];
    snprintf(name, sizeof name, "%s.csv", plot->name);
    struct document document;
    enum status status = document_open(&document);
    if (status == STATUS_OK) {
        plot_csv(plot, document.out);
        status = document_end(&document);
    }
    if (status == STATUS_OK)
        status = document_save(folder, name, document.text, document.size, error);
    else
        error_set(error, status, "no memory for %s", name);
    document_clear(&document);
    return status;
}

enum status plot_save(const struct plot *plot, const char *folder, char **svg, struct error *error) {
    char name[sizeof plot->name + sizeof ".svg"];
    snprintf(name, sizeof name, "%s.svg", plot->name);
    *svg = NULL;
    CHECK(save_data(plot, folder, error));
    CHECK(plot_render(plot, svg, error));
    return document_save(folder, name, *svg, strlen(*svg), error);
}

enum status plot_draw(const struct plot *plot, const char *folder, struct error *error) {
    char *svg;
    enum status status = plot_save(plot, folder, &svg, error);
    memory_free(svg);
    return status;
}
