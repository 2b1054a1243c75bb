#include "experiments/image_recall.h"

#include <math.h>
#include <string.h>

#include "core/associative/modern.h"
#include "core/attention/attention.h"
#include "core/base/memory.h"

void image_recall_clear(struct image_recall *recall) {
    patterns_destroy(&recall->patterns);
    memory_free(recall->originals);
    memory_free(recall->starts);
    memory_free(recall->finals);
    memory_free(recall->outcomes);
    memory_free(recall->overlaps);
}

enum status image_recall_allocate(size_t trials, const struct idx_shape *shape, struct image_recall *recall,
                                  struct error *error) {
    size_t pixels = shape->height * shape->width;
    *recall = (struct image_recall){
        .height = shape->height, .width = shape->width, .pixels = pixels, .trials = trials};
    enum status status = patterns_create(pixels, trials, &recall->patterns);
    recall->originals = memory_allocate(trials, pixels);
    recall->starts = memory_allocate(trials, pixels);
    recall->finals = memory_allocate(trials, pixels);
    recall->outcomes = memory_allocate(trials, sizeof *recall->outcomes);
    recall->overlaps = memory_allocate(trials, sizeof *recall->overlaps);
    if (status == STATUS_OK && recall->originals && recall->starts && recall->finals && recall->outcomes &&
        recall->overlaps)
        return STATUS_OK;
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu images of %zu pixels", trials, pixels);
}

static bool hides(const struct point *point) {
    return strcmp(point_string(point, "corruption"), "occlusion") == 0;
}

size_t image_recall_hidden_from(const struct point *point, const struct image_recall *recall) {
    if (!hides(point)) return recall->pixels;
    size_t rows = (size_t)llround(point_real(point, "amount") * (double)recall->height);
    return (recall->height - rows) * recall->width;
}

static enum status corrupt(const struct point *point, struct image_recall *recall, struct error *error) {
    memcpy(recall->starts, recall->originals, recall->trials * recall->pixels);
    size_t flips = (size_t)llround(point_real(point, "amount") * (double)recall->pixels);
    size_t hidden = image_recall_hidden_from(point, recall);
    for (size_t t = 0; t < recall->trials; t++) {
        int8_t *start = recall->starts + t * recall->pixels;
        struct random_source source = random_source(point->data_key, RANDOM_NOISE, (uint32_t)t);
        if (hides(point))
            memset(start + hidden, -1, recall->pixels - hidden);
        else if (patterns_disturb(recall->pixels, flips, source, start) != STATUS_OK)
            return error_set(error, STATUS_NO_MEMORY, "no memory to choose the pixels to flip");
    }
    memcpy(recall->finals, recall->starts, recall->trials * recall->pixels);
    return STATUS_OK;
}

/* --- recall ----------------------------------------------------------------------------------------- */

static enum status store(const struct point *point, struct image_recall *recall, struct error *error) {
    if (strcmp(point_string(point, "content"), "random") == 0) {
        patterns_draw(recall->patterns, point->data_key);
        for (size_t p = 0; p < recall->trials; p++)
            patterns_spins(recall->patterns, p, recall->originals + p * recall->pixels);
    } else {
        CHECK(image_patterns_choose(point_string(point, "dataset"), point->data_key, recall->trials,
                                    recall->originals, error));
        for (size_t p = 0; p < recall->trials; p++)
            patterns_set(recall->patterns, p, recall->originals + p * recall->pixels);
    }
    if (pattern_likeness_measure(recall->patterns, &recall->likeness) == STATUS_OK) return STATUS_OK;
    return error_set(error, STATUS_NO_MEMORY, "no memory to compare %zu patterns", recall->trials);
}

static enum status retrieve(const struct point *point, const struct learning_rule *rule,
                            const struct hopfield *network, struct image_recall *recall,
                            struct error *error) {
    const struct couplings *couplings = hopfield_couplings(network);
    recall->unlearned = couplings->unlearned;
    recall->learning_operations =
        couplings->operations > 0 ? couplings->operations : rule->operations(recall->pixels, recall->trials);
    struct hopfield_settings how = {.key = point->data_key};
    return hopfield_retrieve(network, dynamics_named(point_string(point, "dynamics")), &how, recall->trials,
                             recall->finals, recall->outcomes, error);
}

static enum status recall_binary(const struct point *point, const struct learning_rule *rule,
                                 struct image_recall *recall, struct error *error) {
    struct hopfield *network;
    CHECK(rule->check(recall->pixels, recall->trials, error));
    CHECK(hopfield_create(rule, recall->patterns, recall->trials, &network, error));
    enum status status = retrieve(point, rule, network, recall, error);
    hopfield_destroy(&network);
    return status;
}

/* The signs of states that have come to rest. */
static void read_states(struct image_recall *recall, const float *states, const size_t *updates) {
    for (size_t t = 0; t < recall->trials; t++) {
        recall->outcomes[t] =
            (struct outcome){.sweeps = updates[t], .capped = updates[t] > IMAGE_UPDATES_MAX};
        for (size_t i = t * recall->pixels; i < (t + 1) * recall->pixels; i++) {
            recall->finals[i] = states[i] < 0 ? -1 : 1;
            recall->outcomes[t].flips += recall->finals[i] != recall->starts[i];
        }
    }
}

static enum status recall_modern(const struct point *point, struct image_recall *recall,
                                 struct error *error) {
    if (recall->pixels > ATTENTION_WIDTH_MAX)
        return error_set(error, STATUS_INVALID, "rule: modern takes images of at most %d pixels, not %zu",
                         ATTENTION_WIDTH_MAX, recall->pixels);
    size_t numbers = recall->trials * recall->pixels;
    float *stored = memory_allocate(numbers, sizeof *stored),
          *states = memory_allocate(numbers, sizeof *states);
    size_t *updates = memory_allocate(recall->trials, sizeof *updates);
    struct modern *network = NULL;
    enum status status = stored && states && updates ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < numbers && status == STATUS_OK; i++)
        stored[i] = recall->originals[i], states[i] = recall->starts[i];
    if (status == STATUS_OK)
        status = modern_create(recall->pixels, recall->trials, stored, recall->trials, &network);
    if (status == STATUS_OK) {
        modern_settle(network, (float)point_real(point, "beta"), IMAGE_UPDATES_MAX, states, updates);
        read_states(recall, states, updates);
    } else {
        error_set(error, status, "no memory for a modern network of %zu images", recall->trials);
    }
    modern_destroy(&network);
    memory_free(stored);
    memory_free(states);
    memory_free(updates);
    return status;
}

enum status image_recall_run(const struct point *point, struct image_recall *recall, struct error *error) {
    const struct learning_rule *rule = learning_rule_named(point_string(point, "rule"));
    CHECK(store(point, recall, error));
    CHECK(corrupt(point, recall, error));
    CHECK(rule ? recall_binary(point, rule, recall, error) : recall_modern(point, recall, error));
    for (size_t t = 0; t < recall->trials; t++)
        recall->overlaps[t] =
            (double)patterns_overlap(recall->patterns, t, recall->finals + t * recall->pixels) /
            (double)recall->pixels;
    return STATUS_OK;
}
