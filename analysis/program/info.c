/* engram info: what this program finds on this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/program/command.h"
#include "core/base/blas.h"
#include "core/base/cpu.h"
#include "core/base/memory.h"
#include "core/kernels/kernels.h"
#include "parallel/host.h"
#include "results/store.h"

enum { LINE_SIZE = 512 };

static void print_kernels(void) {
    printf("kernels         %s, the first that this processor can run of those built, best first:",
           kernels()->name);
    for (const struct kernels *const *k = kernels_built(); *k; k++)
        printf(" %s%s", (*k)->name, (*k)->supported() ? "" : " (cannot)");
    puts("");
}

static void print_machine(void) {
    char text[LINE_SIZE];
    struct cpu cpu = cpu_features();
    const struct host *machine = host();
    printf("engram          " ENGRAM_VERSION "\n");
    printf("processor       %s\n", cpu.model);
    cpu_describe(text, sizeof text);
    printf("instructions    %s\n", text);
    print_kernels();
    printf("host            %s: %d of %d cores, %.1f GiB of memory may be used\n", machine->name,
           machine->cores, machine->cores_machine, (double)machine->memory / 0x1p30);
    printf("BLAS            %s\n", blas_description());
    parallel_mpi_version(text, sizeof text);
    printf("MPI             %s\n", text);
    results_hdf5_version(text, sizeof text);
    printf("HDF5            %s\n", text);
}

/* Where each rank's threads would run. Collective. */
static void print_binding(struct team *world) {
    int on_host, place, oversubscribed;
    team_on_host(world, &on_host, &place);
    int threads = host()->cores / on_host > 0 ? host()->cores / on_host : 1;
    char mine[LINE_SIZE] = "";
    host_bind(on_host, place, threads, &oversubscribed);
    host_describe_binding(mine, sizeof mine);
    host_unbind();

    char *all = memory_allocate((size_t)team_size(world), LINE_SIZE);
    if (team_agree(world, all ? STATUS_OK : STATUS_NO_MEMORY, NULL) == STATUS_OK) {
        team_gather(world, LINE_SIZE, mine, all);
        for (int rank = 0; team_rank(world) == 0 && rank < team_size(world); rank++)
            printf("rank %-10d %s\n", rank, all + (size_t)rank * LINE_SIZE);
        if (team_rank(world) == 0 && oversubscribed)
            puts("                more ranks and threads than cores");
    }
    memory_free(all);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    (void)argument;
    switch (key) {
    case OPTION_HELP:
        return command_help(state);
    case ARGP_KEY_ARG:
        return command_usage(state, "info takes no arguments");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run(int argc, char **argv) {
    static const struct argp_option options[] = {HELP_OPTION, {0}};
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Shows instruction sets and the kernels chosen, masks per rank and thread, BLAS"
        " and MPI. Under mpirun: for all ranks.",
        NULL,
        NULL,
        NULL};
    int code;
    if (!command_parse(&argp, argc, argv, NULL, &code)) return code;
    struct team *world;
    if (parallel_start(&world) != STATUS_OK) {
        fputs("engram: MPI does not start\n", stderr);
        return EXIT_FAILED;
    }
    if (team_rank(world) == 0) print_machine();
    print_binding(world);
    parallel_stop();
    return EXIT_DONE;
}

const struct command command_info = {"info", "", "what this program finds on this machine", run, true};
