#include "analysis/basins.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"

static int by_size_load_start(const void *left, const void *right) {
    const struct basin_sample *a = left, *b = right;
    if (a->set.neurons != b->set.neurons) return a->set.neurons < b->set.neurons ? -1 : 1;
    if (a->load != b->load) return a->load < b->load ? -1 : 1;
    return (a->start > b->start) - (a->start < b->start);
}

static enum status collect(const struct selection *selection, struct basin_sample *samples, size_t *count) {
    *count = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct record *record = selection->records[i];
        struct basin_sample *sample = &samples[*count];
        bool usable;
        CHECK(pattern_set_read(record, RETRIEVAL_SUCCESS_OVERLAP, &sample->set, &usable));
        sample->load = record_real(record, "load");
        sample->start = record_real(record, "initial_overlap");
        sample->repeat = record_real(record, "repeat");
        *count += usable && sample->load > 0 && sample->start >= 0 && sample->start <= 1;
    }
    qsort(samples, *count, sizeof *samples, by_size_load_start);
    return STATUS_OK;
}

static enum status measure_lines(size_t count, struct basin_sample *samples, struct basins *basins) {
    struct basin_map *map = memory_allocate(1, sizeof *map);
    if (map == NULL) return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (size_t first = 0, last; first < count && status == STATUS_OK; first = last) {
        for (last = first; last < count && samples[last].set.neurons == samples[first].set.neurons;)
            last++;
        if (basins->line_count == BASIN_SIZES_MAX) break;
        /* First: measuring a line leaves the samples in another order. */
        basin_map_fill(last - first, samples + first, map);
        if (map->columns * map->rows >= basins->map.columns * basins->map.rows) basins->map = *map;
        struct basin_line *line = &basins->lines[basins->line_count];
        status = basin_line_measure(last - first, samples + first, line);
        basins->line_count += line->count > 0;
    }
    memory_free(map);
    return status;
}

enum status basins_measure(const struct results *results, const char *rule, struct basins *basins) {
    *basins = (struct basins){0};
    struct selection selection;
    CHECK(selection_create(results, "hopfield_capacity", &selection));
    selection_keep_text(&selection, "rule", rule);
    selection_keep_text(&selection, "dynamics", "asynchronous");
    struct basin_sample *samples = memory_allocate(selection.count, sizeof *samples);
    enum status status = samples == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    size_t count = 0;
    if (status == STATUS_OK) status = collect(&selection, samples, &count);
    basins->records = count;
    if (status == STATUS_OK) status = measure_lines(count, samples, basins);
    memory_free(samples);
    selection_destroy(&selection);
    return status;
}
