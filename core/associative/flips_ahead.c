#include "core/associative/flips_ahead.h"

#include "core/associative/rank_buckets.h"

/* Neurons that were asked what they would do, in the order of their turns: after the first, which flips. */
enum { ASKED_MAX = 2 * HOPFIELD_FLIPS };

struct guess {
    size_t asked, flips;
    struct rank_entry turns[ASKED_MAX];
    size_t flip_turns[HOPFIELD_FLIPS]; /* which of the turns each flip is */
};

/* A flip makes about one neuron unstable, whose turn is anywhere: after f flips since the first, one comes
 * before the turn in question with a probability of about f times that part of a sweep that lies between. */
static bool is_likely(const struct guess *guess, struct rank_entry turn) {
    static const uint64_t RISK = UINT64_MAX >> 32 >> 2;
    if (guess->flips == 0) return true;
    return guess->flips * ((turn.rank - guess->turns[0].rank) >> 32) <= RISK;
}

/* Takes neurons from the queue as long as it is likely that one knows what they will do. */
static void make_guess(struct retrieval *retrieval, struct guess *guess) {
    const struct state_type *type = retrieval->state->type;
    struct rank_entry turn;
    guess->asked = guess->flips = 0;
    while (guess->asked < ASKED_MAX && rank_buckets_pop(retrieval->queue, &turn)) {
        enum flip_plan plan = FLIP_UNKNOWN;
        if (is_likely(guess, turn)) plan = type->plan(retrieval->state, turn.neuron);
        if (plan == FLIP_UNKNOWN) {
            rank_buckets_push(retrieval->queue, turn);
            return;
        }
        if (plan == FLIP_STABLE && guess->flips == 0) continue;
        if (plan == FLIP_PLANNED) guess->flip_turns[guess->flips++] = guess->asked;
        guess->turns[guess->asked++] = turn;
    }
}

static struct rank_entry turn_of_flip(const struct guess *guess, size_t flip) {
    return guess->turns[guess->flip_turns[flip]];
}

/* The turns of the neurons that were found. */
static void find_turns(struct retrieval *retrieval, size_t found) {
    for (size_t n = 0; n < found; n++)
        retrieval->list[n] = retrieval->found[n].neuron;
    ranks_in_sweep(retrieval, found, retrieval->list, retrieval->ranks);
}

static struct rank_entry turn_found(const struct retrieval *retrieval, size_t n) {
    return (struct rank_entry){.rank = retrieval->ranks[n], .neuron = retrieval->found[n].neuron};
}

/* How many turns of the guess come before that of any neuron that was not expected to be unstable. */
static size_t turns_that_hold(const struct retrieval *retrieval, const struct guess *guess, size_t found) {
    size_t hold = guess->asked;
    for (size_t n = 0; n < found; n++) {
        struct rank_entry turn = turn_found(retrieval, n);
        if (rank_before(turn, turn_of_flip(guess, retrieval->found[n].flip))) continue;
        while (hold > 0 && rank_before(turn, guess->turns[hold - 1]))
            hold--;
    }
    return hold;
}

/* Takes back the flips of turns that do not hold, and queues their neurons again. */
static void keep(struct retrieval *retrieval, struct guess *guess, size_t hold) {
    for (size_t n = hold; n < guess->asked; n++)
        rank_buckets_push(retrieval->queue, guess->turns[n]);
    while (guess->flips > 0 && guess->flip_turns[guess->flips - 1] >= hold)
        guess->flips--;
    retrieval->state->type->keep_planned(retrieval->state, guess->flips);
    for (size_t flip = 0; flip < guess->flips; flip++)
        retrieval_count_flip(retrieval, turn_of_flip(guess, flip).neuron);
}

bool flips_ahead(struct retrieval *retrieval) {
    struct state *state = retrieval->state;
    struct guess guess;
    uint32_t next[HOPFIELD_FLIPS];
    make_guess(retrieval, &guess);
    if (guess.flips == 0) return false;
    size_t likely = rank_buckets_next(retrieval->queue, guess.flips, next);
    size_t found = state->type->flip_planned(state, likely, next, retrieval->found);
    find_turns(retrieval, found);
    keep(retrieval, &guess, turns_that_hold(retrieval, &guess, found));
    for (size_t n = 0; n < found; n++) {
        size_t flip = retrieval->found[n].flip;
        struct rank_entry turn = turn_found(retrieval, n);
        if (flip >= guess.flips) continue;
        state->type->settle(state, turn.neuron);
        if (rank_before(turn_of_flip(&guess, flip), turn)) rank_buckets_push(retrieval->queue, turn);
    }
    return true;
}
