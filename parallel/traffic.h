/* What splitting a layer costs one rank; the same for attention and for the layers that it is compared with.
 */
#ifndef PARALLEL_TRAFFIC_H
#define PARALLEL_TRAFFIC_H

#include <stdint.h>

/* What one forward pass did on this rank. The seconds are measured apart and do not overlap, but for
 * seconds_transfer. */
struct split_traffic {
    uint64_t bytes_sent; /* counted at the MPI calls: what left this rank */
    double seconds_compute;
    double seconds_transfer; /* messages were under way, hidden behind computing or not */
    double seconds_wait;     /* exposed: inside MPI, and packing for it */
    double seconds_merge;
};

#endif
