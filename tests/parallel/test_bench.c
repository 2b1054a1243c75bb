/* What schedule_bench is made of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "parallel/bench/bench_report.h"

enum { WORDS_MAX = 40 };

/* Reads options from words that are separated by blanks. */
static int read_options(struct harness *h, const char *line, struct bench_options *options) {
    static char text[500]; /* the options point into it */
    char *words[WORDS_MAX] = {"schedule_bench"};
    int count = 1;
    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok(text, " "); word && count < WORDS_MAX - 1; word = strtok(NULL, " "))
        words[count++] = word;
    /* As a rank that does not speak: what is wrong here is meant to be. */
    return bench_options_read(count, words, 1, team_size(h->world), options);
}

static void options_are_those_of_the_command_line(struct harness *h) {
    struct bench_options options;
    EXPECT(h,
           read_options(h,
                        "--schedule tiles --layout striped --ways 3 --mask window:17 --batch 2 --length 99 "
                        "--heads 6 --kv-heads 2 --width 5 --threads 2 --seconds 0.5 --baseline",
                        &options) == 0);
    const struct attention_shape *shape = &options.split.shape;
    EXPECT(h, strcmp(options.schedule, "tiles") == 0 && options.split.layout == LAYOUT_STRIPED);
    EXPECT(h, options.split.ways == 3 && options.split.ranks == team_size(h->world));
    EXPECT(h, options.mask.kind == ATTENTION_WINDOW && options.mask.window == 17);
    EXPECT(h, shape->batch == 2 && shape->query_length == 99 && shape->key_length == 99);
    EXPECT(h, shape->heads == 6 && shape->kv_heads == 2 && shape->head_width == 5);
    EXPECT(h, options.threads == 2 && options.seconds == 0.5 && options.baseline);
    EXPECT(h, read_options(h, "--heads 7", &options) == 0 && shape->kv_heads == 7);
}

static void what_makes_no_sense_is_refused(struct harness *h) {
    static const char *const lines[] = {
        "--schedule spiral", "--layout round", "--mask window:0", "--mask half", "--length 0", "--length -1",
        "--width 8x",        "--seconds soon", "--threads 0",     "extra",       "--nonsense",
    };
    struct bench_options options;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        EXPECT(h, read_options(h, lines[i], &options) == EINVAL);
    EXPECT(h, read_options(h, "--help", &options) == ECANCELED);
}

/* One line an entrant, each a whole object. */
static void check_report(struct harness *h, struct bench *bench) {
    FILE *file = tmpfile();
    char line[4000];
    size_t lines = 0, whole = 0;
    EXPECT(h, file != NULL);
    bench_report(bench, file);
    rewind(file);
    while (fgets(line, sizeof line, file)) {
        size_t length = strlen(line);
        whole += length > 3 && line[0] == '{' && strcmp(line + length - 2, "}\n") == 0;
        lines++;
    }
    fclose(file);
    EXPECT(h, lines == (team_rank(h->world) == 0 ? bench->count : 0) && whole == lines);
}

static void check_bench(struct harness *h, const char *line, size_t entrants_least) {
    struct bench_options options;
    struct bench bench;
    struct error error = {.status = STATUS_OK};
    EXPECT(h, read_options(h, line, &options) == 0);
    EXPECT(h, bench_create(h->world, &options, &bench, &error) == STATUS_OK);
    bench_sample(&bench);
    EXPECT(h, bench.count >= entrants_least && bench.samples >= 3);
    for (size_t i = 0; i < bench.count; i++) {
        const struct bench_entrant *entrant = &bench.entrants[i];
        EXPECT(h, entrant->max_abs_error < 2e-6);
        for (size_t sample = 0; sample < bench.samples; sample++)
            EXPECT(h, entrant->seconds[sample] > 0);
        if (!entrant->schedule) continue;
        uint64_t elements = entrant->schedule->elements_sent(&entrant->split, team_rank(h->world));
        EXPECT(h, entrant->sums.bytes_sent == bench.samples * elements * sizeof(float));
    }
    check_report(h, &bench);
    bench_destroy(&bench);
}

static void every_entrant_is_right_and_sends_what_was_predicted(struct harness *h) {
    check_bench(h, "--schedule all --length 67 --heads 4 --kv-heads 2 --width 8 --seconds 0 --mask causal",
                2);
    check_bench(h, "--schedule all --layout zigzag --batch 2 --length 41 --width 16 --seconds 0 --baseline",
                3);
    check_bench(h, "--schedule auto --length 53 --heads 3 --width 8 --seconds 0 --mask window:9", 1);
}

static void a_schedule_that_refuses_is_an_error(struct harness *h) {
    struct bench_options options;
    struct bench bench;
    struct error error = {.status = STATUS_OK};
    EXPECT(h, read_options(h, "--schedule tiles --ways 2000003 --length 16", &options) == EINVAL);
    EXPECT(h, read_options(h, "--schedule tiles --ways 1009 --length 16", &options) == 0);
    EXPECT(h, bench_create(h->world, &options, &bench, &error) == STATUS_INVALID);
    EXPECT(h, strncmp(error.text, "tiles: ", 7) == 0);
    bench_destroy(&bench);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(options_are_those_of_the_command_line),
        PROPERTY(what_makes_no_sense_is_refused),
        PROPERTY(every_entrant_is_right_and_sends_what_was_predicted),
        PROPERTY(a_schedule_that_refuses_is_an_error),
        {NULL, NULL},
    };
    return harness_main("test_bench", properties);
}
