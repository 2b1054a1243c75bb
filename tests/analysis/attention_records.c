#include "attention_records.h"

struct record *attention_record(const char *schedule, int64_t ranks, int64_t length) {
    struct record *record = synthetic_record(&synthetic_attention);
    set_text(record, "schedule", schedule);
    set_text(record, "schedule_used", schedule);
    set_integer(record, "ranks", ranks);
    set_integer(record, "batch", 2);
    set_integer(record, "length", length);
    set_integer(record, "head_width", 64);
    set_integer(record, "heads", 8);
    set_integer(record, "kv_heads", 4);
    return record;
}
