#include "experiments/hopfield_columns.h"

#include "core/base/memory.h"

#define X(name) #name,
const char *const hopfield_rules[] = {LEARNING_RULES(X) NULL};
const char *const hopfield_dynamics[] = {DYNAMICS(X) NULL};
#undef X

static enum status record_totals(size_t trials, const struct outcome *outcomes, struct record *record) {
    int64_t cycles = 0, capped = 0, checks = 0, rises = 0;
    for (size_t t = 0; t < trials; t++) {
        cycles += outcomes[t].cycle;
        capped += outcomes[t].capped;
        checks += (int64_t)outcomes[t].energy_checks;
        rises += (int64_t)outcomes[t].energy_rises;
    }
    CHECK(record_set_integer(record, "cycles", cycles));
    CHECK(record_set_integer(record, "capped", capped));
    CHECK(record_set_integer(record, "energy_checks", checks));
    return record_set_integer(record, "energy_rises", rises);
}

enum status hopfield_record(size_t trials, const struct outcome *outcomes, const double *overlaps,
                            struct record *record) {
    CHECK(record_totals(trials, outcomes, record));
    CHECK(record_set_reals(record, "overlap", trials, overlaps));
    int64_t *counts = memory_allocate(trials, sizeof *counts);
    if (!counts) return STATUS_NO_MEMORY;
    for (size_t t = 0; t < trials; t++)
        counts[t] = (int64_t)outcomes[t].sweeps;
    enum status status = record_set_integers(record, "sweeps", trials, counts);
    for (size_t t = 0; t < trials; t++)
        counts[t] = (int64_t)outcomes[t].flips;
    if (status == STATUS_OK) status = record_set_integers(record, "flips", trials, counts);
    memory_free(counts);
    return status;
}
