/* engram list: experiments with parameters and columns, shapes, claims, from the tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/claim.h"
#include "analysis/program/command.h"
#include "experiments/experiment.h"

static const char *kind_name(enum experiment_kind kind) {
    return kind == EXPERIMENT_TIMED ? "timed" : "counted";
}

static void list_everything(void) {
    puts("Experiments (`engram list NAME` explains parameters and columns)");
    for (const struct experiment *const *e = experiments(); *e; e++)
        printf("  %-20s %-8s %s\n", (*e)->schema.name, kind_name((*e)->kind), (*e)->schema.summary);
    puts("\nShapes (`shape: NAME` in a campaign)");
    for (const struct shape *shape = shapes; shape->name; shape++)
        printf("  %-20s %-12s %s\n", shape->name, shape->experiment, shape->summary);
    puts("\nClaims");
    for (const struct claim *const *c = claims(); *c; c++)
        printf("  %-6s %s\n", (*c)->id, (*c)->statement);
}

/* "250 ... 65536", the choices, or nothing. */
static void print_allowed(const struct field *field) {
    if (field->type == FIELD_CHOICE) {
        fputs(" one of", stdout);
        for (const char *const *choice = field->choices; *choice; choice++)
            printf(" %s", *choice);
    } else if (field->minimum != 0 || field->maximum != 0) {
        printf(" %.12g ... %.12g", field->minimum, field->maximum);
    }
    if (field->flags & FIELD_MAX) fputs(" or max", stdout);
    if (field->flags & FIELD_AUTO) fputs(" or auto", stdout);
}

static void print_parameter(const struct field *field) {
    printf("  %s  (%s, unit %s)\n      %s.\n     ", field->name, field_type_name(field->type), field->unit,
           field->description);
    print_allowed(field);
    if (field->default_text)
        printf("; default %s", field->default_text);
    else
        fputs("; must be given", stdout);
    puts(field->flags & FIELD_DATA ? "; determines the random inputs" : "");
}

static void print_column(const struct field *field) {
    char dimension[40] = "";
    if (field->dimension != DIMENSION_SCALAR)
        snprintf(dimension, sizeof dimension, ", one per %s", field_dimension_name(field->dimension));
    printf("  %s  (%s, unit %s%s)\n      %s.\n", field->name, field_type_name(field->type), field->unit,
           dimension, field->description);
}

static void list_experiment(const struct experiment *experiment) {
    const struct schema *schema = &experiment->schema;
    printf("%s: %s.\nKind: %s. Schema version %d.\n\nParameters\n", schema->name, schema->summary,
           kind_name(experiment->kind), schema->version);
    for (const struct field *field = schema->parameters; field->name; field++)
        print_parameter(field);
    puts("\nColumns (besides identity, repeat, status and reason)");
    for (const struct field *field = schema->columns; field->name; field++)
        print_column(field);
    if (experiment->kind == EXPERIMENT_COUNTED)
        puts("\nA campaign refines the place where a share crosses a level:\n"
             "  refine: {vary: PARAMETER, of: COLUMN, out_of: COUNT, at: 0.5, precision: HALF_WIDTH}");
}

static bool list_shapes_named(const char *name) {
    bool found = false;
    for (const struct shape *shape = shapes; shape->name; shape++) {
        if (strcmp(shape->name, name) != 0) continue;
        found = true;
        printf("%s for %s: %s\n ", shape->name, shape->experiment, shape->summary);
        for (const char *const(*setting)[2] = shape->settings; (*setting)[0]; setting++)
            printf(" %s: %s", (*setting)[0], (*setting)[1]);
        puts("");
    }
    return found;
}

static bool list_claim_named(const char *name) {
    for (const struct claim *const *c = claims(); *c; c++) {
        if (strcmp((*c)->id, name) != 0) continue;
        printf("%s: %s\n  source: %s\n  prediction: %s\n  decided by: %s\n  reads:\n", (*c)->id,
               (*c)->statement, (*c)->source, (*c)->prediction, (*c)->decided_by);
        for (const struct claim_source *source = (*c)->sources; source->experiment; source++)
            printf("    %s: %s\n", source->experiment, source->columns);
        return true;
    }
    return false;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    const char **name = state->input;
    switch (key) {
    case OPTION_HELP:
        return command_help(state);
    case ARGP_KEY_ARG:
        if (*name) return command_usage(state, "one name at a time");
        *name = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run(int argc, char **argv) {
    static const struct argp_option options[] = {HELP_OPTION, {0}};
    static const struct argp argp = {
        options, parse, "[NAME]", "Lists experiments, shapes and claims, or explains the one named.",
        NULL,    NULL,  NULL};
    const char *name = NULL;
    int code;
    if (!command_parse(&argp, argc, argv, &name, &code)) return code;
    if (!name) {
        list_everything();
        return EXIT_DONE;
    }
    const struct experiment *experiment = experiment_named(name);
    if (experiment) list_experiment(experiment);
    bool shape = list_shapes_named(name);
    bool claim = list_claim_named(name);
    if (experiment || shape || claim) return EXIT_DONE;
    fprintf(stderr, "engram: no experiment, shape or claim is called '%s'; `engram list` shows all\n", name);
    return EXIT_USAGE;
}

const struct command command_list = {"list", "[NAME]", "experiments, shapes and claims, or one explained",
                                     run, false};
