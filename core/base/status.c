#include "core/base/status.h"

#include <stdarg.h>
#include <stdio.h>

const char *status_text(enum status status) {
    switch (status) {
#define X(name, text)                                                                                        \
    case name:                                                                                               \
        return text;
        STATUS_LIST(X)
#undef X
    }
    return "unknown status";
}

enum status error_set(struct error *error, enum status status, const char *format, ...) {
    if (!error) return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}
