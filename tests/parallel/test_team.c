#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"
#include "harness.h"

static void rank_is_below_size(struct harness *h) {
    EXPECT(h, team_rank(h->world) >= 0);
    EXPECT(h, team_rank(h->world) < team_size(h->world));
}

static void a_second_start_is_refused(struct harness *h) {
    struct team *again;
    EXPECT(h, parallel_start(&again) == STATUS_INVALID);
    EXPECT(h, again == NULL);
}

static void first_ranks_form_a_team_of_their_own(struct harness *h) {
    int rank = team_rank(h->world), size = team_size(h->world);
    for (int part_size = 1; part_size <= size; part_size++) {
        struct team *part;
        EXPECT(h, team_first(h->world, part_size, &part) == STATUS_OK);
        EXPECT(h, (part != NULL) == (rank < part_size));
        if (part) {
            EXPECT(h, team_size(part) == part_size);
            EXPECT(h, team_rank(part) == rank);
            double ones = 1;
            team_sum(part, 1, &ones);
            EXPECT(h, ones == part_size);
        }
        team_destroy(&part);
        EXPECT(h, part == NULL);
    }
    struct team *none;
    EXPECT(h, team_first(h->world, 0, &none) == STATUS_INVALID);
    EXPECT(h, team_first(h->world, size + 1, &none) == STATUS_INVALID);
}

static void groups_are_consecutive_and_cover_all(struct harness *h) {
    int rank = team_rank(h->world), size = team_size(h->world);
    for (int group_size = 1; group_size <= size + 1; group_size++) {
        struct team *group;
        EXPECT(h, team_groups(h->world, group_size, &group) == STATUS_OK);
        int first = rank / group_size * group_size;
        int expected = size - first < group_size ? size - first : group_size;
        EXPECT(h, team_size(group) == expected);
        EXPECT(h, team_rank(group) == rank - first);
        team_destroy(&group);
    }
}

static void one_rank_alone_waits_for_nobody(struct harness *h) {
    /* Ranks make different numbers of these: it would hang if it were collective. */
    for (int i = 0; i <= team_rank(h->world); i++) {
        struct team *alone;
        EXPECT(h, team_alone(&alone) == STATUS_OK);
        EXPECT(h, team_size(alone) == 1);
        team_barrier(alone);
        team_rendezvous(alone);
        EXPECT(h, team_agree(alone, STATUS_IO, NULL) == STATUS_IO);
        double latency, bandwidth;
        team_measure_link(alone, &latency, &bandwidth);
        EXPECT(h, latency == 0 && bandwidth == 0);
        team_destroy(&alone);
    }
}

static void success_everywhere_is_agreed_as_success(struct harness *h) {
    struct error error = {STATUS_OK, "untouched"};
    EXPECT(h, team_agree(h->world, STATUS_OK, &error) == STATUS_OK);
    EXPECT(h, strcmp(error.text, "untouched") == 0);
}

static void lowest_failing_rank_speaks_for_all(struct harness *h) {
    int rank = team_rank(h->world), size = team_size(h->world);
    for (int lowest = 0; lowest < size; lowest++) {
        struct error error = {0};
        enum status mine = STATUS_OK;
        if (rank == lowest) mine = error_set(&error, STATUS_IO, "rank %d has no disk", rank);
        if (rank > lowest && rank % 2 == 0) mine = error_set(&error, STATUS_NO_MEMORY, "rank %d", rank);
        EXPECT(h, team_agree(h->world, mine, &error) == STATUS_IO);
        char expected[64];
        snprintf(expected, sizeof expected, "rank %d has no disk", lowest);
        EXPECT(h, strcmp(error.text, expected) == 0);
        EXPECT(h, error.status == STATUS_IO);
    }
}

static void worst_status_wins_over_the_lowest_rank(struct harness *h) {
    int rank = team_rank(h->world), last = team_size(h->world) - 1;
    enum status mine = rank == last ? STATUS_FAILED : STATUS_INVALID;
    EXPECT(h, team_agree(h->world, mine, NULL) == STATUS_FAILED);
}

static void a_failure_without_text_gets_the_general_one(struct harness *h) {
    struct error error = {0};
    int last = team_size(h->world) - 1;
    bool fails = team_rank(h->world) == last;
    /* The failing rank has nowhere to put a sentence; the others still hear one. */
    EXPECT(h,
           team_agree(h->world, fails ? STATUS_LOCKED : STATUS_OK, fails ? NULL : &error) == STATUS_LOCKED);
    if (!fails) EXPECT(h, strcmp(error.text, status_text(STATUS_LOCKED)) == 0);
}

static void sums_are_taken_in_rank_order(struct harness *h) {
    enum { COUNT = 1500 };
    static double values[COUNT];
    int rank = team_rank(h->world), size = team_size(h->world);
    for (int i = 0; i < COUNT; i++)
        values[i] = 1.0 / (1 + i + 1000 * rank);
    team_sum(h->world, COUNT, values);
    long different = 0;
    for (int i = 0; i < COUNT; i++) {
        double expected = 1.0 / (1 + i);
        for (int other = 1; other < size; other++)
            expected += 1.0 / (1 + i + 1000 * other);
        different += values[i] != expected;
    }
    EXPECT(h, different == 0);
}

static void maximum_is_of_each_element(struct harness *h) {
    int rank = team_rank(h->world), size = team_size(h->world);
    double values[2] = {rank, -rank};
    team_maximum(h->world, 2, values);
    EXPECT(h, values[0] == size - 1);
    EXPECT(h, values[1] == 0);
}

static void gather_orders_by_rank(struct harness *h) {
    int rank = team_rank(h->world), size = team_size(h->world);
    struct {
        int rank;
        char letters[3];
    } mine = {rank, {'a', 'b', (char)('0' + rank)}}, all[16];
    team_gather(h->world, sizeof mine, &mine, all);
    for (int i = 0; i < size; i++)
        EXPECT(h, all[i].rank == i && all[i].letters[2] == '0' + i);
}

static void shared_bytes_arrive_whole(struct harness *h) {
    char text[] = "campaign: text of the first rank";
    int rank = team_rank(h->world);
    size_t bytes = rank == 0 ? sizeof text : 0;
    void *data = rank == 0 ? text : NULL;
    EXPECT(h, team_share(h->world, &bytes, &data) == STATUS_OK);
    EXPECT(h, bytes == sizeof text);
    EXPECT(h, memcmp(data, text, sizeof text) == 0);
    if (rank > 0) memory_free(data);
}

static void all_learn_when_one_rank_has_no_memory_for_the_share(struct harness *h) {
    int rank = team_rank(h->world), last = team_size(h->world) - 1;
    if (last == 0) return;
    char byte = 7;
    size_t bytes = 1;
    void *data = rank == 0 ? &byte : NULL;
    if (rank == last) memory_fail_after(0);
    EXPECT(h, team_share(h->world, &bytes, &data) == STATUS_NO_MEMORY);
    memory_fail_after(-1);
    EXPECT(h, rank == 0 || data == NULL);
}

static void all_learn_when_one_rank_has_no_memory_for_a_team(struct harness *h) {
    int rank = team_rank(h->world), last = team_size(h->world) - 1;
    struct team *group;
    size_t before = memory_in_use();
    if (rank == last) memory_fail_after(0);
    EXPECT(h, team_groups(h->world, 2, &group) == STATUS_NO_MEMORY);
    memory_fail_after(-1);
    EXPECT(h, group == NULL);
    EXPECT(h, memory_in_use() == before);
}

static void places_on_a_host_are_distinct(struct harness *h) {
    int mine[2], all[16][2], size = team_size(h->world);
    team_on_host(h->world, &mine[0], &mine[1]);
    team_gather(h->world, sizeof mine, mine, all);
    for (int i = 0; i < size; i++) {
        EXPECT(h, all[i][0] >= 1 && all[i][0] <= size);
        EXPECT(h, all[i][1] >= 0 && all[i][1] < all[i][0]);
    }
    int again[2];
    team_on_host(h->world, &again[0], &again[1]);
    EXPECT(h, again[0] == mine[0] && again[1] == mine[1]);
}

static void link_figures_are_plausible(struct harness *h) {
    double figures[2];
    team_measure_link(h->world, &figures[0], &figures[1]);
    if (team_size(h->world) == 1) return;
    EXPECT(h, figures[0] > 0);
    EXPECT(h, figures[1] > 0);
    double greatest[2] = {figures[0], figures[1]};
    team_maximum(h->world, 2, greatest);
    EXPECT(h, greatest[0] == figures[0] && greatest[1] == figures[1]);
}

static void library_names_itself(struct harness *h) {
    char text[200];
    parallel_mpi_version(text, sizeof text);
    EXPECT(h, strlen(text) > 0);
    EXPECT(h, strchr(text, '\n') == NULL);
}

int main(void) {
    static const struct harness_entry properties[] = {
        PROPERTY(rank_is_below_size),
        PROPERTY(a_second_start_is_refused),
        PROPERTY(first_ranks_form_a_team_of_their_own),
        PROPERTY(groups_are_consecutive_and_cover_all),
        PROPERTY(one_rank_alone_waits_for_nobody),
        PROPERTY(success_everywhere_is_agreed_as_success),
        PROPERTY(lowest_failing_rank_speaks_for_all),
        PROPERTY(worst_status_wins_over_the_lowest_rank),
        PROPERTY(a_failure_without_text_gets_the_general_one),
        PROPERTY(sums_are_taken_in_rank_order),
        PROPERTY(maximum_is_of_each_element),
        PROPERTY(gather_orders_by_rank),
        PROPERTY(shared_bytes_arrive_whole),
        PROPERTY(all_learn_when_one_rank_has_no_memory_for_the_share),
        PROPERTY(all_learn_when_one_rank_has_no_memory_for_a_team),
        PROPERTY(places_on_a_host_are_distinct),
        PROPERTY(link_figures_are_plausible),
        PROPERTY(library_names_itself),
        {NULL, NULL},
    };
    return harness_main("test_team", properties);
}
