#include "core/associative/rule.h"

#include <string.h>

static const struct learning_rule *const all[] = {
#define X(name) &rule_##name,
    LEARNING_RULES(X)
#undef X
        NULL,
};

const struct learning_rule *const *learning_rules(void) {
    return all;
}

const struct learning_rule *learning_rule_named(const char *name) {
    for (const struct learning_rule *const *rule = all; *rule; rule++)
        if (strcmp((*rule)->name, name) == 0) return *rule;
    return NULL;
}
