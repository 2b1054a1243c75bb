/* Results made up for tests: the experiments' tables with the columns that claims read. */
#ifndef TESTS_ANALYSIS_SYNTHETIC_H
#define TESTS_ANALYSIS_SYNTHETIC_H

#include "analysis/claims_all.h"
#include "core/base/random.h"
#include "results/store.h"

extern const struct schema synthetic_attention, synthetic_convolution, synthetic_recurrent,
    synthetic_capacity, synthetic_images, synthetic_order, synthetic_phasor, synthetic_machine,
    synthetic_rules, synthetic_identities, synthetic_modern, synthetic_boltzmann, synthetic_blocks,
    synthetic_dilution;
extern const struct schema synthetic_feed_forward, synthetic_paths, synthetic_saturation, synthetic_scoring;
extern const struct schema synthetic_phases;

/* All of the above, ended by NULL. */
extern const struct schema *const synthetic_schemas[];

struct results *synthetic_results(void);

/* A completed record of repeat 0 with every number of the schema at 1 (at 0 what should not happen), so that
 * a test names only what it is about; arrays are missing. Its identity is new. */
struct record *synthetic_record(const struct schema *schema);

void set_integer(struct record *record, const char *name, int64_t value);
void set_real(struct record *record, const char *name, double value);
void set_text(struct record *record, const char *name, const char *value);
void set_reals(struct record *record, const char *name, size_t count, const double *values);
void set_integers(struct record *record, const char *name, size_t count, const int64_t *values);

/* Adds the record to the results and ends it. */
void synthetic_add(struct results *results, struct record *record);

/* Random numbers of one test, drawn in turn. */
struct dice {
    struct random_source source;
    uint64_t next;
};
struct dice dice(uint64_t key);
double dice_uniform(struct dice *dice);
double dice_normal(struct dice *dice);

/* Decides the claim, checks that what every row promises holds (a reason, ordered intervals, plots with
 * names), and gives the verdict. The row stays valid until the next call. */
const struct ledger_row *decide(const struct claim *claim, const struct results *results);

/* The row must have this verdict; shows the row's reason and measurements when it does not. */
void assert_verdict(enum verdict expected, const struct claim *claim, const struct results *results);

/* The measurement of that name in the row of the last decision. */
const struct measurement *measurement_named(const struct ledger_row *row, const char *name);

/* Plots of the row that are shown at once, or those behind the fold. */
size_t plots_of(const struct ledger_row *row, bool folded);

#endif
