#include "parallel/sequence_halo.h"

size_t halo_runs(const struct convolution_shape *shape, struct part reader, struct part owner,
                 struct part *runs, size_t *rows) {
    size_t count = 0, end_of_run = 0;
    *rows = 0;
    /* From the tap that reads farthest back, so that positions rise. */
    for (size_t left = shape->kernel_size; left > 0; left--) {
        size_t first, end = convolution_tap_reads(shape, left - 1, reader.first, reader.count, &first);
        if (end > owner.first + owner.count) end = owner.first + owner.count;
        if (first < owner.first) first = owner.first;
        bool joined = count > 0 && first <= end_of_run;
        if (joined) first = end_of_run;
        if (first >= end) continue;
        if (runs && joined)
            runs[count - 1].count += end - first;
        else if (runs)
            runs[count] = (struct part){first, end - first};
        count += !joined;
        *rows += end - first;
        end_of_run = end;
    }
    return count;
}
