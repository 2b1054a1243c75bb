#include "campaign_reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct reading read_bytes(const char *text, size_t length, int ranks, int threads) {
    struct reading reading = {.status = STATUS_FAILED};
    const struct resources resources = {ranks, threads};
    /* Behind exactly as many bytes as there are, a read past the end is seen by the sanitizers. */
    char *bytes = malloc(length > 0 ? length : 1);
    size_t size;
    FILE *messages = open_memstream(&reading.messages, &size);
    assert_non_null(bytes);
    assert_non_null(messages);
    if (length > 0) memcpy(bytes, text, length);
    reading.status = campaign_parse("t.yaml", bytes, length, &resources, messages, &reading.campaign);
    fclose(messages);
    free(bytes);
    return reading;
}

struct reading read_text(const char *text) {
    return read_bytes(text, strlen(text), 4, 2);
}

struct campaign *read_good(const char *entries) {
    size_t size = strlen(CAMPAIGN_HEAD) + strlen(entries) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size, "%s%s", CAMPAIGN_HEAD, entries);
    struct reading reading = read_text(text);
    free(text);
    assert_string_equal(reading.messages, "");
    assert_int_equal(reading.status, STATUS_OK);
    assert_non_null(reading.campaign);
    free(reading.messages);
    return reading.campaign;
}

void reading_free(struct reading *reading) {
    campaign_destroy(&reading->campaign);
    free(reading->messages);
    reading->messages = NULL;
}

/* The next message at or after `text`, or NULL. */
static const char *next_message(const char *text) {
    static const char start[] = "t.yaml:";
    while (text && strncmp(text, start, sizeof start - 1) != 0) {
        text = strchr(text, '\n');
        if (text) text++;
    }
    return text;
}

bool says(const struct reading *reading, int line, const char *word) {
    char start[32];
    int length = snprintf(start, sizeof start, "t.yaml:%d:", line);
    for (const char *m = next_message(reading->messages); m; m = next_message(m + 1)) {
        const char *end = strchr(m, '\n'), *found = strstr(m, word);
        if (strncmp(m, start, (size_t)length) == 0 && found && found < end) return true;
    }
    return false;
}

size_t count_mistakes(const struct reading *reading) {
    size_t count = 0;
    for (const char *m = next_message(reading->messages); m; m = next_message(m + 1))
        count++;
    return count;
}

int64_t unit_integer(const struct campaign *campaign, size_t i, const char *name) {
    assert_true(i < campaign->unit_count);
    return record_integer(campaign->units[i].values, name);
}

/* The only unit of these entries; destroy its campaign. */
static const struct unit *read_unit(const char *entries, struct campaign **campaign) {
    *campaign = read_good(entries);
    assert_int_equal((*campaign)->unit_count, 1);
    return &(*campaign)->units[0];
}

void assert_comparison(const char *a, const char *b, bool same_identity, bool same_data) {
    struct campaign *left_campaign, *right_campaign;
    const struct unit *left = read_unit(a, &left_campaign), *right = read_unit(b, &right_campaign);
    bool identity = strcmp(left->identity, right->identity) == 0, data = left->data_key == right->data_key;
    if (identity != same_identity || data != same_data)
        fail_msg("same identity %d, same data %d for\n%s%s", identity, data, a, b);
    campaign_destroy(&left_campaign);
    campaign_destroy(&right_campaign);
}
