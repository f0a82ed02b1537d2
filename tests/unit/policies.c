/*
 * Holds a policy for test_policies.py: CONFIG, its last good one being kept in STATE ("-": where it
 * says). For each line of standard input it prints the grants in force, separated by commas, or "-"
 * for none; since when the policy on disk is broken, or 0; and what is wrong with it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/host.h"
#include "helper/log.h"

static void print_policy(const struct host *host)
{
    size_t i;

    if (host->policy == NULL)
        printf("-");
    for (i = 0; host->policy != NULL && i < host->policy->grant_count; i++)
        printf("%s%s", i > 0 ? "," : "", host->policy->grants[i].name);
    printf(" %lld %s\n", (long long)(host->loaded != NULL ? host->loaded->broken_since : -1),
           host->policy_error);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct host host = {.name = "bastion"};
    char line[16];

    if (argc != 3)
        return 2;
    log_open();
    host.policies =
        policy_store_new(argv[1], strcmp(argv[2], "-") != 0 ? argv[2] : NULL, getegid());
    if (host.policies == NULL)
        return 1;
    while (fgets(line, sizeof line, stdin) != NULL) {
        host_hold_policy(&host);
        print_policy(&host);
        host_release_policy(&host);
    }
    policy_store_free(host.policies);
    return 0;
}
