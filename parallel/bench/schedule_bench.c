/* mpirun -n P schedule_bench: times schedules of attention in turns and prints one JSON object a line, with
 * the error against float64 and where the time went. Start it as any team with threads: mpirun --bind-to
 * none, OMP_WAIT_POLICY=passive when ranks share cores or with --baseline. */
#include <errno.h>
#include <stdlib.h>

#include "parallel/bench/bench_report.h"

static enum status measure(struct team *world, const struct bench_options *options, struct error *error) {
    struct bench bench;
    enum status status = bench_create(world, options, &bench, error);
    if (status == STATUS_OK) {
        bench_sample(&bench);
        bench_report(&bench, stdout);
    }
    bench_destroy(&bench);
    return status;
}

int main(int argc, char **argv) {
    struct team *world;
    if (parallel_start(&world) != STATUS_OK) {
        fprintf(stderr, "schedule_bench: cannot start\n");
        return EXIT_FAILURE;
    }
    struct bench_options options;
    struct error error = {.status = STATUS_OK};
    int read = bench_options_read(argc, argv, team_rank(world), team_size(world), &options);
    enum status status = read ? STATUS_INVALID : measure(world, &options, &error);
    if (!read && status != STATUS_OK && team_rank(world) == 0)
        fprintf(stderr, "schedule_bench: %s\n", error.text[0] ? error.text : status_text(status));
    fflush(stdout);
    parallel_stop();
    return status == STATUS_OK || read == ECANCELED ? EXIT_SUCCESS : EXIT_FAILURE;
}
