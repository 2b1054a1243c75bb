#include "analysis/number.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The decimal separator of a locale, which may have several bytes, becomes a point; exponents lose their
 * zeros
 * ("1e-06" becomes "1e-6"). */
static void normalise(char *text) {
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (isdigit((unsigned char)*in) || strchr("+-eainf", *in))
            *out++ = *in;
        else if (out == text || out[-1] != '.')
            *out++ = '.';
        if (*in == 'e' && (in[1] == '-' || in[1] == '+')) {
            if (*++in == '-') *out++ = '-';
            while (in[1] == '0' && in[2])
                in++;
        }
    }
    *out = '\0';
}

void number_significant(double value, int digits, char text[NUMBER_SIZE]) {
    if (isnan(value)) {
        strcpy(text, "nan"); /* without the sign that printf shows */
        return;
    }
    snprintf(text, NUMBER_SIZE, "%.*g", digits, value);
    normalise(text);
}

void number_exact(double value, char text[NUMBER_SIZE]) {
    int digits = 15;
    for (; digits < 17; digits++) {
        char trial[NUMBER_SIZE];
        snprintf(trial, sizeof trial, "%.*g", digits, value);
        if (strtod(trial, NULL) == value) break;
    }
    number_significant(value, digits, text);
}

void number_rounded(double value, char text[NUMBER_SIZE]) {
    bool whole = fabs(value) < 1e15 && floor(value) == value;
    number_significant(value, whole ? 15 : 6, text);
}

/* How a value and its limits are shown alike: digits behind the point, or of the mantissa. */
struct precision {
    int digits;
    int scientific;
};

static int order_of(double value) {
    return (int)floor(log10(value));
}

static int clamp(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

static struct precision choose_precision(double value, double low, double high) {
    double largest = fabs(value), width = 0;
    if (isfinite(low)) largest = fmax(largest, fabs(low)), width = fmax(width, value - low);
    if (isfinite(high)) largest = fmax(largest, fabs(high)), width = fmax(width, high - value);
    if (!(largest > 0) || !(width > 0)) return (struct precision){0, 0};
    if (largest >= 1e7 || largest < 1e-3)
        return (struct precision){clamp(order_of(largest) - order_of(width) + 1, 1, 12), 1};
    return (struct precision){clamp(1 - order_of(width), 0, 12), 0};
}

static void print_precise(double value, struct precision precision, char text[NUMBER_SIZE]) {
    if (isnan(value))
        strcpy(text, "nan");
    else
        snprintf(text, NUMBER_SIZE, precision.scientific && value != 0 ? "%.*e" : "%.*f", precision.digits,
                 value);
    /* What rounds to zero has no sign. */
    if (text[0] == '-' && text[1 + strspn(text + 1, "0.")] == '\0') memmove(text, text + 1, strlen(text));
    normalise(text);
}

/* Nothing but the rounding of sums lies between the limits. */
static bool is_exact(double value, double low, double high) {
    double rounding = 1e-9 * fabs(value);
    return value - low <= rounding && high - value <= rounding;
}

/* Only one side of what was measured is known: the value itself is its limit there. */
static const char *open_side(double value, double low, double high) {
    if (value == high && isinf(low)) return "below ";
    if (value == low && isinf(high)) return "above ";
    return NULL;
}

/* A number alone: whole ones in full. */
static void print_alone(double value, char text[NUMBER_SIZE]) {
    if (floor(value) == value)
        number_rounded(value, text);
    else
        number_significant(value, 4, text);
}

void number_with_interval(double value, double low, double high, char text[NUMBER_INTERVAL_SIZE]) {
    char number[NUMBER_SIZE], from[NUMBER_SIZE], to[NUMBER_SIZE];
    if (isnan(value)) {
        snprintf(text, NUMBER_INTERVAL_SIZE, "not measured");
        return;
    }
    const char *side = isfinite(value) ? open_side(value, low, high) : NULL;
    if (side != NULL) {
        print_alone(value, number);
        snprintf(text, NUMBER_INTERVAL_SIZE, "%s%s", side, number);
    } else if (is_exact(value, low, high)) {
        print_alone(value, text);
    } else if (!isfinite(low) && !isfinite(high)) {
        number_significant(value, 4, number);
        snprintf(text, NUMBER_INTERVAL_SIZE, "%s (no interval)", number);
    } else {
        struct precision precision = choose_precision(value, low, high);
        print_precise(value, precision, number);
        print_precise(low, precision, from);
        print_precise(high, precision, to);
        snprintf(text, NUMBER_INTERVAL_SIZE, "%s [%s, %s]", number, from, to);
    }
}
