#include "experiments/campaign/run.h"

#include <string.h>

#include "core/base/blas.h"
#include "core/base/memory.h"
#include "parallel/host.h"
#include "results/provenance.h"

/* The names of all ranks' hosts, each once, separated by spaces; memory_free it. NULL on all ranks when one
 * of them is out of memory. Collective. */
static char *list_hosts(struct team *world, int *hosts) {
    enum { NAME_SIZE = sizeof host()->name };
    size_t size = (size_t)team_size(world) * NAME_SIZE;
    char *names = memory_allocate(size, 1), *list = memory_allocate(size + 1, 1);
    bool have_memory = team_agree(world, names && list ? STATUS_OK : STATUS_NO_MEMORY, NULL) == STATUS_OK;
    *hosts = 0;
    if (have_memory) team_gather(world, NAME_SIZE, host()->name, names);
    for (int r = 0; have_memory && r < team_size(world); r++) {
        const char *name = names + (size_t)r * NAME_SIZE;
        bool seen = false;
        for (int earlier = 0; earlier < r && !seen; earlier++)
            seen = strcmp(names + (size_t)earlier * NAME_SIZE, name) == 0;
        if (seen) continue;
        if ((*hosts)++ > 0) strcat(list, " ");
        strcat(list, name);
    }
    memory_free(names);
    if (have_memory) return list;
    memory_free(list);
    return NULL;
}

enum status run_describe(struct run *run, json_t **provenance, struct error *error) {
    int hosts;
    char *host_list = list_hosts(run->world, &hosts);
    enum status status = host_list ? STATUS_OK : STATUS_NO_MEMORY;
    *provenance = NULL;
    if (status == STATUS_OK && team_rank(run->world) == 0) {
        char mpi_version[128], binding[256];
        parallel_mpi_version(mpi_version, sizeof mpi_version);
        host_describe_binding(binding, sizeof binding);
        struct provenance_facts facts = {
            .command_line = run->options->command_line,
            .campaign_name = run->campaign->name,
            .campaign_text = run->campaign->text,
            .seed = run->campaign->seed,
            .ranks = team_size(run->world),
            .threads = run->threads,
            .hosts = hosts,
            .host_list = host_list,
            .mpi_version = mpi_version,
            .binding = binding,
            .cores = host()->cores,
            .blas = blas_description(),
        };
        *provenance = provenance_collect(&facts);
        if (!*provenance) status = STATUS_NO_MEMORY;
    }
    memory_free(host_list);
    if (status != STATUS_OK) error_set(error, status, "no memory for the provenance");
    return team_agree(run->world, status, error);
}
