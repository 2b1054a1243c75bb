#include "analysis/order_memory.h"

#include <math.h>

#include "analysis/theory_order.h"

static enum status gather(const struct results *results, struct order_memory *memory) {
    struct selection selection;
    CHECK(selection_create(results, "order_capacity", &selection));
    selection_keep_text(&selection, "family", memory->family);
    selection_keep_number(&selection, "order", memory->order);
    selection_keep_number(&selection, "initial_overlap", 1);
    enum status status = retrieval_gather(&selection, RETRIEVAL_SUCCESS_OVERLAP, &memory->retrieval);
    selection_destroy(&selection);
    return status;
}

enum status for_each_order_memory(const struct results *results, measure_order_memory *measure,
                                  struct finding *finding) {
    for (int number = 0; number < ORDER_FAMILIES * ORDERS; number++) {
        bool distinct = number >= ORDERS;
        int order = ORDERS_FIRST + number % ORDERS;
        struct order_memory memory = {distinct ? "distinct" : "full",      order, number, distinct,
                                      theory_order_scale(order, distinct), NULL};
        CHECK(gather(results, &memory));
        enum status status = measure(&memory, finding);
        retrieval_destroy(&memory.retrieval);
        CHECK(status);
    }
    return STATUS_OK;
}

double order_scaled_load(const struct order_memory *memory, double patterns, double neurons) {
    return memory->scale * patterns / pow(neurons, memory->order - 1);
}
