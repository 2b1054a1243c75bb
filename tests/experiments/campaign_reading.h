/* Campaigns given as text, and what the parser says about them. */
#ifndef TESTS_EXPERIMENTS_CAMPAIGN_READING_H
#define TESTS_EXPERIMENTS_CAMPAIGN_READING_H

#include <stdbool.h>

#include "experiments/campaign/campaign.h"

/* The lines before the first experiment. */
#define CAMPAIGN_HEAD "name: test\nseed: 7\nexperiments:\n"
enum { CAMPAIGN_HEAD_LINES = 3 };

struct reading {
    enum status status;
    struct campaign *campaign; /* NULL with a mistake */
    char *messages;
};

/* Parses text[length] as file "t.yaml" for so many ranks and threads. */
struct reading read_bytes(const char *text, size_t length, int ranks, int threads);

/* The same for a text with an end, 4 ranks and 2 threads. */
struct reading read_text(const char *text);

/* CAMPAIGN_HEAD and these entries, which must be without mistakes. */
struct campaign *read_good(const char *entries);

void reading_free(struct reading *reading);

/* Whether a message for that line of the file has the word. */
bool says(const struct reading *reading, int line, const char *word);

/* Mistakes reported. */
size_t count_mistakes(const struct reading *reading);

/* Whether two texts of entries, each for one unit, give the same identity and the same data key, as expected.
 */
void assert_comparison(const char *a, const char *b, bool same_identity, bool same_data);

/* Value of an integer parameter of unit i. */
int64_t unit_integer(const struct campaign *campaign, size_t i, const char *name);

#endif
