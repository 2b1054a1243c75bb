/* A small harness for tests that run under mpirun: expectations that any rank may break, reduced over the
 * ranks into exactly one line of success, or a failing exit status on every rank. */
#ifndef TESTS_PARALLEL_HARNESS_H
#define TESTS_PARALLEL_HARNESS_H

#include "parallel/team.h"

struct harness {
    struct team *world;
    const char *property; /* what is being tested, for messages */
    long checked, broken; /* expectations of this rank */
};

/* A property: a function named after it. Collective over the world. */
typedef void harness_property(struct harness *harness);

/* Notes the outcome of one expectation; the first few that break are printed. Local. */
void harness_expect(struct harness *harness, bool holds, const char *expression, const char *file, int line);

#define EXPECT(harness, condition) harness_expect(harness, condition, #condition, __FILE__, __LINE__)

struct harness_entry {
    const char *name;
    harness_property *run;
};

#define PROPERTY(function)                                                                                   \
    { #function, function }

/* The whole of a test's main: runs the properties (ended by a NULL name) on all ranks and gives the exit
 * status, the same on every rank. No expectation at all fails the test, and so does memory that a
 * property leaves behind. */
int harness_main(const char *test, const struct harness_entry *properties);

#endif
