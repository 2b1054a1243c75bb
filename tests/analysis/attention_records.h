/* Made-up records of split attention. */
#ifndef TESTS_ANALYSIS_ATTENTION_RECORDS_H
#define TESTS_ANALYSIS_ATTENTION_RECORDS_H

#include "synthetic.h"

/* A completed record of 2 sequences with 8 heads of 64 over 4 key/value heads, that asked for the schedule
 * and ran under it. */
struct record *attention_record(const char *schedule, int64_t ranks, int64_t length);

#endif
