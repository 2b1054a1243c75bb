#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parallel/signals.h"

enum { HEARD = 41, TOO_EARLY, NOT_HEARD };

/* What a child says that gets the signal: each signal needs a process that heard none yet. */
static int child_after(int signal) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signals_watch();
        if (signals_stop_requested()) _exit(TOO_EARLY);
        raise(signal);
        _exit(signals_stop_requested() ? HEARD : NOT_HEARD);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void each_stop_signal_is_noticed_and_survived(void **state) {
    (void)state;
    assert_int_equal(child_after(SIGTERM), HEARD);
    assert_int_equal(child_after(SIGINT), HEARD);
    assert_int_equal(child_after(SIGUSR1), HEARD);
}

static void other_signals_are_not_taken_for_a_stop(void **state) {
    (void)state;
    assert_int_equal(child_after(SIGCHLD), NOT_HEARD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stop_signal_is_noticed_and_survived),
        cmocka_unit_test(other_signals_are_not_taken_for_a_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
