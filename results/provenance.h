/* Where results come from: one JSON object with Adiak's names, stored as root attributes. */
#ifndef RESULTS_PROVENANCE_H
#define RESULTS_PROVENANCE_H

#include <jansson.h>

#include <stdbool.h>
#include <stdint.h>

#include "core/base/status.h"

/* What only the caller knows. */
struct provenance_facts {
    const char *const *command_line; /* ended by NULL */
    const char *campaign_name, *campaign_text;
    int64_t seed;
    int ranks, threads, hosts;
    const char *host_list; /* separated by spaces */
    const char *mpi_version;
    const char *binding; /* masks per rank and thread */
    int cores;           /* of this host, for the oversubscription stamp */
    const char *blas;    /* the BLAS library's own description of itself */
};

/* A new object: user, launchdate, cmdline, hostname, jobsize, numhosts, hostlist, mpi_version, libraries,
 * version, git_commit, git_dirty, compiler, compiler_flags, build_type, cpu_model, instruction_sets, kernels,
 * blas, masks, campaign_name, campaign_text, campaign_hash, seed, machine_fingerprint, build_fingerprint,
 * stamps (an array of sentences: debug build, dirty tree, oversubscribed machine, ...). NULL: out of memory.
 */
json_t *provenance_collect(const struct provenance_facts *facts);

/* Adds what an earlier launch left whose records stay: `earlier_launches`, for each the JSON text of its
 * launchdate, cmdline, hostname, jobsize, threads, numhosts, kernels, git_commit and campaign_hash, and its
 * stamps. STATUS_NO_MEMORY. */
enum status provenance_continue(json_t *provenance, const json_t *before);

#endif
