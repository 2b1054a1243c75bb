#include "analysis/program/load.h"

#include <stdlib.h>

#include "core/base/memory.h"

enum status load_campaign(const char *path, const struct resources *resources, struct campaign **campaign,
                          struct error *error) {
    char *text;
    size_t length;
    CHECK(campaign_read_text(path, &text, &length, error));
    enum status status = campaign_parse(path, text, length, resources, stderr, campaign);
    if (status == STATUS_INVALID)
        error_set(error, status, "%s has mistakes", path);
    else if (status != STATUS_OK)
        error_set(error, status, "%s: %s", path, status_text(status));
    memory_free(text);
    return status;
}

enum status load_results(size_t count, char *const *paths, struct results **results, struct error *error) {
    CHECK(results_read(paths[0], results, error));
    enum status status = STATUS_OK;
    for (size_t i = 1; i < count && status == STATUS_OK; i++) {
        struct results *more;
        status = results_read(paths[i], &more, error);
        if (status != STATUS_OK) break;
        status = results_merge(*results, more, error);
        results_destroy(&more);
    }
    if (status != STATUS_OK) results_destroy(results);
    return status;
}
