/* engram: every quantitative claim about attention and associative memory, put to the test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/program/command.h"
#include "core/kernels/kernels.h"

static const struct command *const commands[] = {
    &command_list,   &command_check,   &command_plan,   &command_run,
    &command_report, &command_compare, &command_export, &command_info,
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_overview(FILE *out) {
    fputs("Usage: engram COMMAND [ARGUMENT...]\n"
          "Puts every quantitative claim about attention and associative memory to the test.\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-8s %-22s %s\n", commands[i]->name, commands[i]->arguments, commands[i]->summary);
    fputs(
        "\n`engram COMMAND --help` explains a command. Exit status: 0 done, 1 failed, 2 bad usage or a refused\n"
        "file, 3 stopped early or pending (resumable).\n"
        "ENGRAM_KERNELS=portable|avx2|avx512|avx512_popcnt chooses the instruction set of the kernels.\n",
        out);
}

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

/* For comparisons on one machine: the kernels of a smaller instruction set. */
static bool choose_kernels(void) {
    const char *wanted = getenv("ENGRAM_KERNELS");
    if (!wanted || !*wanted || kernels_choose(wanted) == STATUS_OK) return true;
    if (command_speaks())
        fprintf(stderr, "engram: ENGRAM_KERNELS=%s: no such kernels on this machine\n", wanted);
    return false;
}

static int run_command(const struct command *command, int argc, char **argv) {
    char name[64];
    snprintf(name, sizeof name, "engram %s", command->name);
    argv[0] = name;
    return command->on_all_ranks || command_speaks() ? command->run(argc, argv) : EXIT_DONE;
}

/* Output that did not arrive, on a full disk say, is a failure too. */
static int finish_output(int code) {
    if ((fflush(stdout) == 0 && !ferror(stdout)) || code != EXIT_DONE) return code;
    perror("engram: standard output");
    return EXIT_FAILED;
}

/* `engram help COMMAND` is `engram COMMAND --help`. */
static int show_help(int argc, char **argv) {
    static char help[] = "--help";
    const struct command *command = argc > 2 ? find_command(argv[2]) : NULL;
    if (command) return run_command(command, 2, (char *[]){NULL, help, NULL});
    if (command_speaks()) print_overview(stdout);
    return EXIT_DONE;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        if (command_speaks()) print_overview(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return finish_output(show_help(argc, argv));
    if (strcmp(argv[1], "--version") == 0) {
        if (command_speaks()) puts("engram " ENGRAM_VERSION);
        return finish_output(EXIT_DONE);
    }
    const struct command *command = find_command(argv[1]);
    if (!command) {
        if (command_speaks())
            fprintf(stderr, "engram: no command '%s'; `engram --help` lists them\n", argv[1]);
        return EXIT_USAGE;
    }
    if (!choose_kernels()) return EXIT_USAGE;
    return finish_output(run_command(command, argc - 1, argv + 1));
}
