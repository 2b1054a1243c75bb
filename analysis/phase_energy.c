#include "analysis/phase_energy.h"

#include <math.h>

enum { LOADS_MAX = 32, ENERGY_KEY = 0x4846 + 5 };

/* Cells of both starts at the same places, by rising load. */
struct pairs {
    size_t count, fewest;
    const struct phase_cell *patterns[LOADS_MAX], *random[LOADS_MAX];
};

static const struct phase_cell *random_twin(const struct phase_points *points,
                                            const struct phase_cell *cell) {
    for (size_t i = 0; i < points->cell_count; i++) {
        const struct phase_cell *other = &points->cells[i];
        if (other->random && other->neurons == cell->neurons && other->load == cell->load &&
            other->temperature == cell->temperature)
            return other;
    }
    return NULL;
}

/* Of cells that have a twin: the largest size, there the lowest temperature. */
static void choose_place(const struct phase_points *points, struct phase_energy *energy) {
    for (size_t i = 0; i < points->cell_count; i++) {
        const struct phase_cell *cell = &points->cells[i];
        bool larger = cell->neurons > energy->neurons;
        bool colder = cell->neurons == energy->neurons && cell->temperature < energy->temperature;
        if (cell->random || !(larger || colder) || random_twin(points, cell) == NULL) continue;
        energy->neurons = cell->neurons;
        energy->temperature = cell->temperature;
    }
}

static void gather_pairs(const struct phase_points *points, const struct phase_energy *energy,
                         struct pairs *pairs) {
    pairs->fewest = SIZE_MAX;
    for (size_t i = 0; i < points->cell_count && pairs->count < LOADS_MAX; i++) {
        const struct phase_cell *cell = &points->cells[i];
        if (cell->random || cell->neurons != energy->neurons || cell->temperature != energy->temperature)
            continue;
        const struct phase_cell *twin = random_twin(points, cell);
        if (twin == NULL) continue;
        pairs->patterns[pairs->count] = cell;
        pairs->random[pairs->count++] = twin;
        size_t fewer = cell->count < twin->count ? cell->count : twin->count;
        if (fewer < pairs->fewest) pairs->fewest = fewer;
    }
}

static void crossing_statistic(const void *context, struct resampler *resampler, double *values) {
    const struct pairs *pairs = context;
    double before = NAN;
    values[0] = NAN;
    for (size_t i = 0; i < pairs->count; i++) {
        double gain = phase_cell_means(pairs->patterns[i], resampler).energy;
        gain -= phase_cell_means(pairs->random[i], resampler).energy;
        if (before < 0 && gain >= 0 && isnan(values[0])) {
            double low = pairs->patterns[i - 1]->realised, high = pairs->patterns[i]->realised;
            values[0] = low + before / (before - gain) * (high - low);
        }
        before = gain;
    }
}

enum status phase_energy_compare(const struct phase_points *points, struct phase_energy *energy) {
    struct pairs pairs = {0};
    *energy = (struct phase_energy){.load = interval_unknown(NAN, 0)};
    choose_place(points, energy);
    if (energy->neurons == 0) return STATUS_OK;
    gather_pairs(points, energy, &pairs);
    return bootstrap_interval(crossing_statistic, &pairs, ENERGY_KEY, pairs.fewest, pairs.fewest,
                              &energy->load);
}
