/* What the ranks of a split layer tell of one pass, and the columns that hold it. */
#ifndef EXPERIMENTS_TRAFFIC_REPORT_H
#define EXPERIMENTS_TRAFFIC_REPORT_H

#include "experiments/experiment.h"
#include "parallel/traffic.h"

/* What a rank tells the others. */
struct traffic_report {
    int64_t bytes_sent, bytes_predicted;
    double flops_rank, seconds_compute, seconds_transfer, seconds_wait, seconds_merge;
};

struct traffic_reports {
    size_t ranks;
    struct traffic_report *reports; /* [ranks] */
    int64_t *integers;              /* [ranks], for handing over columns */
    double *reals;
};

/* STATUS_NO_MEMORY. */
enum status traffic_reports_create(struct traffic_reports *reports, size_t ranks);
void traffic_reports_destroy(struct traffic_reports *reports);

/* Gathers what this rank's pass did, with `elements` floats predicted to leave it. Collective. */
void traffic_reports_gather(struct traffic_reports *reports, struct team *team,
                            const struct split_traffic *traffic, uint64_t elements, double flops);

/* Sets the columns named like the members, of those that the record's schema has. */
enum status traffic_reports_record(const struct traffic_reports *reports, struct record *record);

#endif
