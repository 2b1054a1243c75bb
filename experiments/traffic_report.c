#include "experiments/traffic_report.h"

#include "core/base/memory.h"

enum status traffic_reports_create(struct traffic_reports *reports, size_t ranks) {
    reports->ranks = ranks;
    reports->reports = memory_allocate(ranks, sizeof *reports->reports);
    reports->integers = memory_allocate(ranks, sizeof *reports->integers);
    reports->reals = memory_allocate(ranks, sizeof *reports->reals);
    return reports->reports && reports->integers && reports->reals ? STATUS_OK : STATUS_NO_MEMORY;
}

void traffic_reports_destroy(struct traffic_reports *reports) {
    memory_free(reports->reports);
    memory_free(reports->integers);
    memory_free(reports->reals);
    *reports = (struct traffic_reports){.ranks = 0};
}

void traffic_reports_gather(struct traffic_reports *reports, struct team *team,
                            const struct split_traffic *traffic, uint64_t elements, double flops) {
    struct traffic_report mine = {.bytes_sent = (int64_t)traffic->bytes_sent,
                                  .bytes_predicted = (int64_t)(elements * sizeof(float)),
                                  .flops_rank = flops,
                                  .seconds_compute = traffic->seconds_compute,
                                  .seconds_transfer = traffic->seconds_transfer,
                                  .seconds_wait = traffic->seconds_wait,
                                  .seconds_merge = traffic->seconds_merge};
    team_gather(team, sizeof mine, &mine, reports->reports);
}

enum status traffic_reports_record(const struct traffic_reports *reports, struct record *record) {
#define RECORD_COLUMN(name, array, set)                                                                      \
    do {                                                                                                     \
        if (schema_find(record->schema, #name) < 0) break;                                                   \
        for (size_t rank = 0; rank < reports->ranks; rank++)                                                 \
            reports->array[rank] = reports->reports[rank].name;                                              \
        CHECK(set(record, #name, reports->ranks, reports->array));                                           \
    } while (0)
    RECORD_COLUMN(bytes_sent, integers, record_set_integers);
    RECORD_COLUMN(bytes_predicted, integers, record_set_integers);
    RECORD_COLUMN(flops_rank, reals, record_set_reals);
    RECORD_COLUMN(seconds_compute, reals, record_set_reals);
    RECORD_COLUMN(seconds_transfer, reals, record_set_reals);
    RECORD_COLUMN(seconds_wait, reals, record_set_reals);
    RECORD_COLUMN(seconds_merge, reals, record_set_reals);
#undef RECORD_COLUMN
    return STATUS_OK;
}
