/* Retrievals of memories of order K, one memory per family and order. */
#ifndef ANALYSIS_ORDER_MEMORY_H
#define ANALYSIS_ORDER_MEMORY_H

#include "analysis/finding.h"
#include "analysis/retrieval.h"

enum { ORDERS_FIRST = 2, ORDERS = 3, ORDER_FAMILIES = 2 };

struct order_memory {
    const char *family; /* "full", "distinct" */
    int order;          /* K */
    int number;         /* of the memory, from 0: its colour */
    bool distinct;
    double scale; /* scaled load a over P/N^(K-1) */
    struct retrieval *retrieval;
};

/* The columns that are read. */
#define ORDER_COLUMNS "neurons order load family initial_overlap patterns overlap capped first_step_errors"

/* Runs `measure` on the retrievals of every family and order that start at a stored pattern.
 * STATUS_NO_MEMORY. */
typedef enum status measure_order_memory(const struct order_memory *memory, struct finding *finding);
enum status for_each_order_memory(const struct results *results, measure_order_memory *measure,
                                  struct finding *finding);

/* The scaled load a. */
double order_scaled_load(const struct order_memory *memory, double patterns, double neurons);

#endif
