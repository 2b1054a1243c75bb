#include "experiments/campaign/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "parallel/team.h"

static const double TERMINAL_PERIOD = 0.2, PLAIN_PERIOD = 15.0; /* seconds between two lines */

void progress_start(struct progress *progress) {
    *progress = (struct progress){.terminal = isatty(STDERR_FILENO) == 1, .started = parallel_seconds()};
    progress->shown = progress->terminal ? 0 : progress->started;
}

void progress_extend(struct progress *progress, size_t units, double expected_seconds) {
    progress->round++;
    progress->units_done = progress->units;
    progress->expected_done = progress->expected;
    progress->units += units;
    progress->expected += expected_seconds;
}

void progress_clear(const struct progress *progress) {
    if (progress->terminal) fputs("\r\033[K", stderr);
}

/* "1:02:03" or "2:03". */
static void format_duration(double seconds, char text[32]) {
    long whole = seconds > 0 ? (long)(seconds + 0.5) : 0;
    if (whole >= 3600)
        snprintf(text, 32, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, 32, "%ld:%02ld", whole / 60, whole % 60);
}

static void print_state(const struct progress *progress, const char *doing) {
    double elapsed = parallel_seconds() - progress->started;
    char spent[32], left[32];
    format_duration(elapsed, spent);
    format_duration(progress->expected_done > 0
                        ? elapsed * (progress->expected - progress->expected_done) / progress->expected_done
                        : progress->expected,
                    left);
    double rate = elapsed > 0 ? (double)progress->units_done / elapsed : 0;
    progress_clear(progress);
    fprintf(stderr, "engram: %zu of %zu units, %.1f/s, %s elapsed, about %s left  %s", progress->units_done,
            progress->units, rate, spent, left, doing);
    if (progress->round > 1) fprintf(stderr, " (round %zu)", progress->round);
    if (!progress->terminal) fputc('\n', stderr);
    fflush(stderr);
}

void progress_show(struct progress *progress, const char *doing) {
    double now = parallel_seconds();
    if (now - progress->shown < (progress->terminal ? TERMINAL_PERIOD : PLAIN_PERIOD)) return;
    progress->shown = now;
    print_state(progress, doing);
}

void progress_end(struct progress *progress) {
    if (progress->units == 0) return;
    print_state(progress, "");
    if (progress->terminal) fputc('\n', stderr);
}
