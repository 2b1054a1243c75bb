#include "analysis/attention_split.h"

#include <math.h>
#include <string.h>

const char *const split_schedules[SPLIT_SCHEDULES] = {"heads",   "ring",   "allgather",
                                                      "ulysses", "hybrid", "tiles"};

const char *const split_problem_fields[] = {"batch",    "length", "head_width", "heads",
                                            "kv_heads", "mask",   "repeat",     NULL};

enum { HEADS, RING, ALLGATHER, ULYSSES, HYBRID, TILES };

#define BYTES_OF_ELEMENT 4.0

bool split_schedule_is_needed(size_t schedule) {
    return schedule == HEADS || schedule == RING;
}

bool split_ran_under(const struct record *record, size_t schedule) {
    return strcmp(record_string(record, "schedule_used"), split_schedules[schedule]) == 0;
}

/* --- rows --------------------------------------------------------------------------------------------- */

static bool has_layout(const struct record *record, const char *layout) {
    return strcmp(record_string(record, "layout"), layout) == 0;
}

/* Of `parts` parts that differ by one at most, the first ones being the larger. */
static double size_of_part(double total, double parts, double part) {
    return floor(total / parts) + (part < fmod(total, parts) ? 1 : 0);
}

double split_rows(const struct record *record, double rank) {
    double length = record_real(record, "length"), ranks = record_real(record, "ranks");
    if (!has_layout(record, "zigzag")) return size_of_part(length, ranks, rank);
    return size_of_part(length, 2 * ranks, rank) + size_of_part(length, 2 * ranks, 2 * ranks - 1 - rank);
}

/* The first position of part `part` of `parts`. */
static double start_of_part(double total, double parts, double part) {
    return part * floor(total / parts) + fmin(part, fmod(total, parts));
}

/* Keys at or before each of `count` positions from `first` on, `step` apart, added up. */
static double pairs_of_run(double first, double count, double step) {
    return count * (first + 1) + step * count * (count - 1) / 2;
}

static double pairs_of_part(double total, double parts, double part) {
    return pairs_of_run(start_of_part(total, parts, part), size_of_part(total, parts, part), 1);
}

/* Pairs of query and key that `rank` has to compute, per head and sequence. */
static double causal_pairs(const struct record *record, double rank) {
    double length = record_real(record, "length"), ranks = record_real(record, "ranks");
    if (has_layout(record, "contiguous")) return pairs_of_part(length, ranks, rank);
    if (has_layout(record, "striped")) return pairs_of_run(rank, size_of_part(length, ranks, rank), ranks);
    return pairs_of_part(length, 2 * ranks, rank) + pairs_of_part(length, 2 * ranks, 2 * ranks - 1 - rank);
}

double split_causal_efficiency(const struct record *record) {
    double ranks = record_real(record, "ranks"), sum = 0, most = 0;
    for (double rank = 0; rank < ranks; rank++) {
        double pairs = causal_pairs(record, rank);
        sum += pairs;
        most = fmax(most, pairs);
    }
    return sum / ranks / most;
}

/* --- bytes -------------------------------------------------------------------------------------------- */

static bool divides(double divisor, double number) {
    return divisor >= 1 && fmod(number, divisor) == 0;
}

/* Sizes of a record by the letters of AP1. */
struct letters {
    double B, S, d, H, H_kv, P, ways;
    double c; /* B d S / P */
};

static struct letters letters_of(const struct record *record) {
    struct letters of = {.B = record_real(record, "batch"),
                         .S = record_real(record, "length"),
                         .d = record_real(record, "head_width"),
                         .H = record_real(record, "heads"),
                         .H_kv = record_real(record, "kv_heads"),
                         .P = record_real(record, "ranks"),
                         .ways = record_real(record, "ways_used")};
    of.c = of.B * of.d * of.S / of.P;
    return of;
}

static double hybrid_elements(const struct letters *of, double U) {
    if (!divides(of->P, of->S) || !divides(U, of->P) || !divides(U, of->H) || !divides(U, of->H_kv))
        return NAN;
    return (2 * of->H + 2 * of->H_kv) * of->c * (U - 1) / U + 2 * of->H_kv * of->c * (of->P / U - 1);
}

static double tiles_elements(const struct letters *of) {
    double b = of->ways, a = of->P / b;
    if (!divides(of->P, of->S) || !divides(b, of->P)) return NAN;
    return 2 * of->H * of->c * (b - 1) + 2 * of->H_kv * of->c * (a - 1) +
           (b - 1) * of->B * of->H * of->S / of->P;
}

double split_bytes(const struct record *record, size_t schedule, double rank) {
    struct letters of = letters_of(record);
    double row = 2 * of.H_kv * of.d * of.B; /* keys and values of one position */
    switch (schedule) {
    case HEADS:
        return 0;
    case RING:
        return BYTES_OF_ELEMENT * row * (of.S - split_rows(record, fmod(rank + 1, of.P)));
    case ALLGATHER:
        return BYTES_OF_ELEMENT * row * split_rows(record, rank) * (of.P - 1);
    case ULYSSES:
        return BYTES_OF_ELEMENT * hybrid_elements(&of, of.P);
    case HYBRID:
        return BYTES_OF_ELEMENT * hybrid_elements(&of, of.ways);
    case TILES:
        return BYTES_OF_ELEMENT * tiles_elements(&of);
    default:
        return NAN;
    }
}

/* --- times -------------------------------------------------------------------------------------------- */

static double provenance_number(const struct results *results, const char *name) {
    json_t *value = json_object_get(results->provenance, name);
    return json_is_integer(value) ? (double)json_integer_value(value) : NAN;
}

double split_cores(const struct results *results) {
    return provenance_number(results, "cores") * provenance_number(results, "numhosts");
}

bool split_times_count(const struct record *record, double cores) {
    return record_is_undisturbed(record) &&
           record_real(record, "ranks") * record_real(record, "threads") <= cores;
}
