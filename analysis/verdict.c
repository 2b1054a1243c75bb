#include "analysis/verdict.h"

#include <math.h>

const char *verdict_name(enum verdict verdict) {
    static const char *const names[] = {
        [VERDICT_REPRODUCED] = "reproduced",
        [VERDICT_NOT_REPRODUCED] = "not reproduced",
        [VERDICT_INCONCLUSIVE] = "inconclusive",
        [VERDICT_DEFINITION_DEPENDENT] = "definition-dependent",
    };
    return names[verdict];
}

const char *criterion_name(enum criterion criterion) {
    static const char *const names[CRITERION_COUNT] = {
        [CRITERION_NEAR] = "near",
        [CRITERION_WITHIN] = "within",
        [CRITERION_AT_MOST] = "at most",
        [CRITERION_AT_LEAST] = "at least",
    };
    return names[criterion];
}

const char *standing_name(enum standing standing) {
    static const char *const names[STANDING_COUNT] = {
        [STANDING_AGREES] = "agrees",         [STANDING_MISSES] = "misses",
        [STANDING_BORDERLINE] = "borderline", [STANDING_NOISY] = "noisy",
        [STANDING_UNMEASURED] = "unmeasured",
    };
    return names[standing];
}

/* The rules as one table: on which sides the agreeing values are bounded, and what the interval must do. */
static const struct rule {
    bool bounded_below, bounded_above, contained, narrow;
} rules[CRITERION_COUNT] = {
    [CRITERION_NEAR] = {.bounded_below = true, .bounded_above = true, .contained = false, .narrow = true},
    [CRITERION_WITHIN] = {.bounded_below = true, .bounded_above = true, .contained = true, .narrow = true},
    [CRITERION_AT_MOST] = {.bounded_below = false, .bounded_above = true, .contained = true, .narrow = false},
    [CRITERION_AT_LEAST] = {.bounded_below = true,
                            .bounded_above = false,
                            .contained = true,
                            .narrow = false},
};

static bool ordered(const struct measurement *m) {
    return m->low_999 <= m->low && m->low <= m->value && m->value <= m->high && m->high <= m->high_999;
}

double verdict_precision(const struct measurement *m) {
    if (!rules[m->criterion].narrow) return NAN;
    return m->precision > 0 ? m->precision : 3 * m->tolerance;
}

enum standing verdict_standing(const struct measurement *m) {
    if (isnan(m->prediction) || isnan(m->tolerance) || !isfinite(m->value) || !ordered(m)) {
        return STANDING_UNMEASURED;
    }
    const struct rule *rule = &rules[m->criterion];
    double least = rule->bounded_below ? m->prediction - m->tolerance : -INFINITY;
    double most = rule->bounded_above ? m->prediction + m->tolerance : INFINITY;
    if (m->low_999 > most || m->high_999 < least) return STANDING_MISSES;

    if (rule->narrow && !(0.5 * (m->high - m->low) <= verdict_precision(m))) return STANDING_NOISY;
    bool meets = rule->contained ? m->low >= least && m->high <= most : m->low <= most && m->high >= least;
    return meets ? STANDING_AGREES : STANDING_BORDERLINE;
}

enum verdict verdict_of_measurement(const struct measurement *m) {
    static const enum verdict verdicts[STANDING_COUNT] = {
        [STANDING_AGREES] = VERDICT_REPRODUCED,       [STANDING_MISSES] = VERDICT_NOT_REPRODUCED,
        [STANDING_BORDERLINE] = VERDICT_INCONCLUSIVE, [STANDING_NOISY] = VERDICT_INCONCLUSIVE,
        [STANDING_UNMEASURED] = VERDICT_INCONCLUSIVE,
    };
    return verdicts[verdict_standing(m)];
}

/* The joint verdict of one definition's decided measurements. */
static enum verdict verdict_of_definition(size_t count, const struct measurement *measurements,
                                          int definition) {
    enum verdict joint = VERDICT_REPRODUCED;
    for (size_t i = 0; i < count; i++) {
        if (measurements[i].definition != definition || isnan(measurements[i].prediction)) continue;
        enum verdict verdict = verdict_of_measurement(&measurements[i]);
        if (verdict == VERDICT_NOT_REPRODUCED) return verdict;
        if (verdict == VERDICT_INCONCLUSIVE) joint = verdict;
    }
    return joint;
}

enum verdict verdict_of_row(size_t count, const struct measurement *measurements) {
    bool seen[VERDICT_DEFINITION_DEPENDENT] = {false};
    for (size_t i = 0; i < count; i++) {
        if (isnan(measurements[i].prediction)) continue;
        seen[verdict_of_definition(count, measurements, measurements[i].definition)] = true;
    }
    if (seen[VERDICT_REPRODUCED] && seen[VERDICT_NOT_REPRODUCED]) return VERDICT_DEFINITION_DEPENDENT;
    if (seen[VERDICT_INCONCLUSIVE]) return VERDICT_INCONCLUSIVE;
    if (seen[VERDICT_REPRODUCED]) return VERDICT_REPRODUCED;
    if (seen[VERDICT_NOT_REPRODUCED]) return VERDICT_NOT_REPRODUCED;
    return VERDICT_INCONCLUSIVE;
}
