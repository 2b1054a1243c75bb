#include "experiments/campaign/tallies.h"

#include <string.h>

#include "core/base/memory.h"

/* Place of a name, or the number of names. */
static size_t find_name(const struct tallies *tallies, const char *name) {
    size_t i = 0;
    while (i < tallies->name_count && strcmp(tallies->names[i], name) != 0)
        i++;
    return i;
}

static void add_name(struct tallies *tallies, const char *name) {
    if (find_name(tallies, name) == tallies->name_count) tallies->names[tallies->name_count++] = name;
}

enum status tallies_create(const struct curves *curves, struct tallies *tallies) {
    *tallies = (struct tallies){0};
    tallies->names = memory_allocate(2 * curves->entries + 1, sizeof *tallies->names);
    if (!tallies->names) return STATUS_NO_MEMORY;
    for (size_t c = 0; c < curves->count; c++) {
        add_name(tallies, curves->curves[c].refinement.of->name);
        add_name(tallies, curves->curves[c].refinement.out_of->name);
    }
    return STATUS_OK;
}

void tallies_clear(struct tallies *tallies) {
    memory_free(tallies->names);
    memory_free(tallies->counts);
    *tallies = (struct tallies){0};
}

static size_t row_size(const struct tallies *tallies) {
    return 1 + tallies->name_count;
}

enum status tallies_grow(struct tallies *tallies, size_t units) {
    if (tallies->name_count == 0) return STATUS_OK;
    if (units > tallies->capacity) {
        size_t capacity = units > 2 * tallies->capacity ? units : 2 * tallies->capacity;
        double *counts = memory_allocate(capacity * row_size(tallies), sizeof *counts);
        if (!counts) return STATUS_NO_MEMORY;
        if (tallies->counts)
            memcpy(counts, tallies->counts, tallies->unit_count * row_size(tallies) * sizeof *counts);
        memory_free(tallies->counts);
        tallies->counts = counts;
        tallies->capacity = capacity;
    }
    tallies->unit_count = units;
    return STATUS_OK;
}

void tallies_note(struct tallies *tallies, size_t unit, const struct record *record) {
    if (tallies->name_count == 0) return;
    double *row = tallies->counts + unit * row_size(tallies);
    row[0] = 1;
    for (size_t i = 0; i < tallies->name_count; i++)
        row[1 + i] = (double)record_integer(record, tallies->names[i]);
}

double *tallies_from(struct tallies *tallies, size_t first, size_t units, size_t *count) {
    *count = units * row_size(tallies);
    return tallies->counts + first * row_size(tallies);
}

bool tallies_done(const struct tallies *tallies, size_t unit) {
    return tallies->counts[unit * row_size(tallies)] > 0;
}

struct observation tallies_observe(const struct tallies *tallies, const struct curve *curve,
                                   const struct unit *units, size_t unit) {
    const double *counts = tallies->counts + unit * row_size(tallies) + 1;
    return (struct observation){
        .place = record_real(units[unit].values, curve->refinement.vary->name),
        .successes = counts[find_name(tallies, curve->refinement.of->name)],
        .trials = counts[find_name(tallies, curve->refinement.out_of->name)],
        .cluster = units[unit].data_key,
    };
}
