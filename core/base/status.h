/* What a call came to: a status, and for people a sentence. */
#ifndef CORE_BASE_STATUS_H
#define CORE_BASE_STATUS_H

#define STATUS_LIST(X)                                                                                       \
    X(STATUS_OK, "done")                                                                                     \
    X(STATUS_INVALID, "invalid argument")                                                                    \
    X(STATUS_NO_MEMORY, "out of memory")                                                                     \
    X(STATUS_NOT_FOUND, "not found")                                                                         \
    X(STATUS_EXISTS, "exists already")                                                                       \
    X(STATUS_IO, "input or output failed")                                                                   \
    X(STATUS_FORMAT, "not the expected format")                                                              \
    X(STATUS_LOCKED, "in use by another run")                                                                \
    X(STATUS_MISMATCH, "does not belong together")                                                           \
    X(STATUS_UNSUPPORTED, "not supported")                                                                   \
    X(STATUS_STOPPED, "stopped early")                                                                       \
    X(STATUS_FAILED, "failed")

enum status {
#define X(name, text) name,
    STATUS_LIST(X)
#undef X
};

/* The sentence that travels with a status other than STATUS_OK; filled by the callee that fails. */
struct error {
    enum status status;
    char text[500];
};

/* The general text of a status, a constant string. */
const char *status_text(enum status status);

/* Fills *error (which may be NULL) with a status and a printf-style sentence without a final newline,
 * and returns the status, so that a failing function can end with `return error_set(...)`. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Returns from the enclosing function, which returns enum status, when `call` does not give STATUS_OK. */
#define CHECK(call)                                                                                          \
    do {                                                                                                     \
        enum status check_status_ = (call);                                                                  \
        if (check_status_ != STATUS_OK) return check_status_;                                                \
    } while (0)

#endif
