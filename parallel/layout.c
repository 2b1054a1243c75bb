#include "parallel/layout.h"

#include "parallel/schedule_split.h"

const char *const sequence_layout_names[] = {"contiguous", "zigzag", "striped", NULL};

struct sequence_part sequence_whole(size_t length) {
    return (struct sequence_part){.layout = LAYOUT_CONTIGUOUS, .length = length, .parts = 1, .part = 0};
}

/* The two chunks of a rank in the zigzag layout. */
static struct part zigzag_chunk(struct sequence_part part, int which) {
    int chunk = which == 0 ? part.part : 2 * part.parts - 1 - part.part;
    return split_evenly(part.length, 2 * part.parts, chunk);
}

size_t sequence_rows(struct sequence_part part) {
    if (part.layout == LAYOUT_ZIGZAG) return zigzag_chunk(part, 0).count + zigzag_chunk(part, 1).count;
    return split_evenly(part.length, part.parts, part.part).count;
}

size_t sequence_position(struct sequence_part part, size_t row) {
    switch (part.layout) {
    case LAYOUT_STRIPED:
        return (size_t)part.part + row * (size_t)part.parts;
    case LAYOUT_ZIGZAG: {
        struct part low = zigzag_chunk(part, 0);
        return row < low.count ? low.first + row : zigzag_chunk(part, 1).first + row - low.count;
    }
    case LAYOUT_CONTIGUOUS:
        break;
    }
    return split_evenly(part.length, part.parts, part.part).first + row;
}

void sequence_positions(struct sequence_part part, size_t *positions) {
    size_t rows = sequence_rows(part);
    for (size_t row = 0; row < rows; row++)
        positions[row] = sequence_position(part, row);
}
