/* What the machine can do: the rates that all others are held against. */
#include <math.h>

#include "core/base/memory.h"
#include "core/base/product.h"
#include "core/base/random.h"
#include "core/kernels/rates.h"
#include "experiments/timing.h"
#include "parallel/host.h"

enum {
    FMA_ROUNDS = 2 * 1000 * 1000, /* about 10 ms */
    PRODUCT_SIZE = 1536,          /* large enough to be near the library's best, 7 GFLOP */
    CACHES = 4,                   /* the array that is read is this many times the last-level cache */
    CACHE_UNKNOWN = 64 << 20      /* bytes to assume when the system does not tell */
};

enum channel { FMA_F32, FMA_F64, BLAS_F32, BLAS_F64, BANDWIDTH, CHANNELS };

_Static_assert((int)CHANNELS <= (int)TIMING_CHANNELS_MAX, "the quantities fit one timing");

static const struct field parameters[] = {
    {"ranks", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 1e6, NULL, FIELD_MAX,
     "Ranks that work at once"},
    {"threads", FIELD_INTEGER, DIMENSION_SCALAR, "1", "max", 1, 4096, NULL, FIELD_MAX,
     "Threads of each rank"},
    {.name = NULL},
};

#define RATE_FIELD(name, unit, text)                                                                         \
    { name, FIELD_REAL, DIMENSION_SCALAR, unit, NULL, 0, 0, NULL, 0, text }

/* Rates are of the fastest sample: what disturbs a measurement only ever delays it. */
static const struct field columns[] = {
    RATE_FIELD("fma_f32", "s-1", "Float32 multiply-adds in registers, operations of all ranks and threads"),
    RATE_FIELD("fma_f64", "s-1", "The same in float64"),
    RATE_FIELD("blas_f32", "s-1",
               "Float32 product of 1536 x 1536 matrices through BLAS, all ranks and threads"),
    RATE_FIELD("blas_f64", "s-1", "The same in float64"),
    RATE_FIELD("bandwidth", "byte s-1",
               "Reading arrays of four times the last-level cache, all ranks and threads"),
    RATE_FIELD("link_latency", "s",
               "One way of an 8-byte message between first and last rank; missing for one"),
    RATE_FIELD("link_bandwidth", "byte s-1", "Of a 4 MiB message between them; missing for one rank"),
    {"cores", FIELD_INTEGER, DIMENSION_SCALAR, "1", NULL, 0, 0, NULL, 0,
     "Physical cores that the first rank's host lets it use"},
    {"cache_core", FIELD_INTEGER, DIMENSION_SCALAR, "byte", NULL, 0, 0, NULL, 0,
     "Largest cache that a core of that host has for itself; 0 where the system does not tell"},
    {"cache_last", FIELD_INTEGER, DIMENSION_SCALAR, "byte", NULL, 0, 0, NULL, 0,
     "Last-level cache of that host; 0 where the system does not tell"},
    {"memory_host", FIELD_INTEGER, DIMENSION_SCALAR, "byte", NULL, 0, 0, NULL, 0,
     "Memory that may be used on that host"},
    TIMING_FIELDS,
    {.name = NULL},
};

struct probe {
    struct team *team;
    float *f32[3]; /* a, b and c of a product */
    double *f64[3];
    size_t read_count;
    float *read;
    double work[CHANNELS]; /* operations or bytes of this rank in one pass */
};

static size_t read_bytes(void) {
    size_t cache = host()->cache_last;
    return CACHES * (cache > 0 ? cache : CACHE_UNKNOWN);
}

static struct estimate estimate(const struct point *point) {
    (void)point;
    double elements = (double)PRODUCT_SIZE * PRODUCT_SIZE;
    return (struct estimate){.flops = 2 * 2 * elements * PRODUCT_SIZE,
                             .bytes_per_rank =
                                 3 * elements * (sizeof(float) + sizeof(double)) + (double)read_bytes(),
                             .seconds = TIMING_SECONDS};
}

static void probe_free(struct probe *probe) {
    for (int i = 0; i < 3; i++) {
        memory_free(probe->f32[i]);
        memory_free(probe->f64[i]);
    }
    memory_free(probe->read);
}

static enum status probe_allocate(struct probe *probe, uint64_t key) {
    const size_t elements = (size_t)PRODUCT_SIZE * PRODUCT_SIZE;
    for (int i = 0; i < 3; i++) {
        probe->f32[i] = memory_allocate(elements, sizeof *probe->f32[i]);
        probe->f64[i] = memory_allocate(elements, sizeof *probe->f64[i]);
        if (!probe->f32[i] || !probe->f64[i]) return STATUS_NO_MEMORY;
        if (i == 2) continue; /* the result */
        random_fill_normal_f32(random_source(key, RANDOM_INPUTS, (uint32_t)i), 0, elements, probe->f32[i]);
        random_fill_normal_f64(random_source(key, RANDOM_INPUTS, (uint32_t)i), 0, elements, probe->f64[i]);
    }
    probe->read_count = read_bytes() / sizeof *probe->read;
    probe->read = memory_allocate(probe->read_count, sizeof *probe->read);
    return probe->read ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Does a quantity's work once and returns how much it was. */
static double work_on(struct probe *probe, enum channel channel) {
    const size_t n = PRODUCT_SIZE;
    switch (channel) {
    case FMA_F32:
        return rates_fma_f32(FMA_ROUNDS);
    case FMA_F64:
        return rates_fma_f64(FMA_ROUNDS);
    case BLAS_F32:
        product_f32(n, n, n, probe->f32[0], n, probe->f32[1], n, false, probe->f32[2], n);
        return 2.0 * (double)(n * n * n);
    case BLAS_F64:
        product_f64(n, n, n, probe->f64[0], n, probe->f64[1], n, false, probe->f64[2], n);
        return 2.0 * (double)(n * n * n);
    default:
        return rates_read(probe->read_count, probe->read);
    }
}

static void pass(void *context, double *seconds) {
    struct probe *probe = context;
    for (int channel = 0; channel < CHANNELS; channel++) {
        team_barrier(probe->team); /* all ranks strain the machine at once, by the same thing */
        double start = parallel_seconds();
        probe->work[channel] = work_on(probe, (enum channel)channel);
        seconds[channel] += parallel_seconds() - start;
    }
}

static enum status record_rates(struct probe *probe, const struct timing *timing, struct record *record) {
    static const char *const names[CHANNELS] = {"fma_f32", "fma_f64", "blas_f32", "blas_f64", "bandwidth"};
    team_sum(probe->team, CHANNELS, probe->work);
    for (int channel = 0; channel < CHANNELS; channel++) {
        double fastest = INFINITY;
        for (size_t i = 0; i < timing->samples; i++)
            fastest = fmin(fastest, timing->seconds[channel][i]);
        CHECK(record_set_real(record, names[channel], probe->work[channel] / fastest));
    }
    return STATUS_OK;
}

static enum status record_host(struct record *record) {
    CHECK(record_set_integer(record, "cores", host()->cores));
    CHECK(record_set_integer(record, "cache_core", (int64_t)host()->cache_core));
    CHECK(record_set_integer(record, "cache_last", (int64_t)host()->cache_last));
    return record_set_integer(record, "memory_host", (int64_t)host()->memory);
}

/* Every rank sets its columns; the collective calls come first. */
static enum status measure(struct probe *probe, struct record *record) {
    struct timing timing;
    double latency, bandwidth;
    timing_collect(probe->team, CHANNELS, pass, probe, &timing);
    team_measure_link(probe->team, &latency, &bandwidth);
    CHECK(record_rates(probe, &timing, record));
    bool alone = team_size(probe->team) == 1;
    CHECK(record_set_real(record, "link_latency", alone ? NAN : latency));
    CHECK(record_set_real(record, "link_bandwidth", alone ? NAN : bandwidth));
    CHECK(record_host(record));
    return timing_record(&timing, record);
}

static enum status run(const struct point *point, struct team *team, struct record *record,
                       struct error *error) {
    struct probe probe = {.team = team};
    enum status status = probe_allocate(&probe, point->data_key);
    if (status != STATUS_OK) error_set(error, status, "no memory for the arrays to measure with");
    status = team_agree(team, status, error);
    if (status == STATUS_OK) status = measure(&probe, record);
    probe_free(&probe);
    return status;
}

const struct experiment experiment_machine = {
    .schema = {.name = "machine",
               .summary = "What the machine can do: arithmetic, matrix products, memory, messages",
               .version = 1,
               .parameters = parameters,
               .columns = columns,
               .timed = true},
    .kind = EXPERIMENT_TIMED,
    .estimate = estimate,
    .run = run,
};
