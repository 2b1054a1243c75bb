/* What the subcommands share: the table's row, exit codes, options, messages. */
#ifndef ANALYSIS_PROGRAM_COMMAND_H
#define ANALYSIS_PROGRAM_COMMAND_H

#include <argp.h>
#include <stdbool.h>

#include "core/base/status.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,    /* bad usage, bad campaign, refused file */
    EXIT_RESUMABLE = 3 /* stopped early or pending */
};

/* A subcommand: one file, and a line in main.c. */
struct command {
    const char *name;
    const char *arguments; /* for the overview */
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is "engram NAME"; gives an exit code */
    bool on_all_ranks;                 /* under mpirun; the others run on the first alone */
};

extern const struct command command_list, command_check, command_plan, command_run, command_report,
    command_compare, command_export, command_info;

/* The option key of --help, which every command's parser answers with command_help. */
enum { OPTION_HELP = '?' };
#define HELP_OPTION                                                                                          \
    {"help", OPTION_HELP, NULL, 0, "Show this help and end", -1}, {                                          \
        "usage", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, -1                                             \
    }

/* Parses with argp without ever leaving the program. False: *code says how to end (0 after --help). */
bool command_parse(const struct argp *argp, int argc, char **argv, void *options, int *code);

/* Prints the help and gives the value that a parser returns for OPTION_HELP. */
error_t command_help(struct argp_state *state);

/* Prints a usage error and gives the value that a parser returns for it. */
error_t command_usage(struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whole numbers and seconds for parsers; false: the text is not one, or out of the bounds. */
bool command_integer(const char *text, long low, long high, int *value);
bool command_seconds(const char *text, double *value);

/* Threads of a rank that shares its host with so many, itself included: OMP_NUM_THREADS, else the host's
 * cores divided by them, at least one. */
int command_threads(int ranks_here);

/* The formats that ledgers and comparisons are printed in. */
enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_MARKDOWN };

/* The option --format and its parser: 0, or the value that a parser returns for a usage error. */
enum { OPTION_FORMAT = 512 };
#define FORMAT_OPTION                                                                                        \
    { "format", OPTION_FORMAT, "FORMAT", 0, "On standard output: text (default), markdown or json", 0 }
error_t command_format(struct argp_state *state, const char *text, enum output_format *format);

/* Says what went wrong on standard error ("engram: ...") and gives the exit code that fits the status. */
int command_fail(enum status status, const struct error *error);

/* Whether this process speaks for all ranks (true outside mpirun). Usable before MPI starts. */
bool command_speaks(void);

#endif
