/*
 * What clashes, kept until the file or the policy is another.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/group_clashes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "common/file_stamp.h"
#include "helper/log.h"
#include "helper/policy_hash.h"
#include "policy/local_groups.h"

static struct {
    struct file_stamp file;
    char policy_hash[POLICY_HASH_SIZE];
    bool *clashes; /* one for each of the policy's groups; NULL: nothing is known */
} known;

/* Notes the policy's groups of which the local one has the name or the gid, but not both. */
static void compare(const struct group *local, void *argument)
{
    const struct policy *policy = argument;
    char shown[ESCAPE_MAX];
    size_t i;

    for (i = 0; i < policy->unix_group_count; i++) {
        const struct unix_group *group = policy->unix_groups[i];

        if ((group->gid == local->gr_gid) == (strcmp(group->name, local->gr_name) == 0))
            continue;
        known.clashes[i] = true;
        log_warning("unix_group = %s with gid = %u at %s:%u: " LOCAL_GROUPS_FILE
                    " has a group %s with gid %u by now, so nobody is in it; choose another",
                    group->name, (unsigned)group->gid, group->at.file, group->at.line,
                    escape(shown, sizeof shown, local->gr_name), (unsigned)local->gr_gid);
    }
}

/* Whether what clashes is known. */
static bool find_out(const struct host *host)
{
    const struct file_stamp now = file_stamp_of(LOCAL_GROUPS_FILE, true);
    int error = ENOMEM;

    if (known.clashes != NULL && file_stamp_same(&now, &known.file) &&
        strcmp(known.policy_hash, host->policy_hash) == 0)
        return true;
    free(known.clashes);
    known.clashes = calloc(host->policy->unix_group_count + 1, sizeof *known.clashes);
    if (known.clashes != NULL)
        error = local_groups_each(compare, (void *)host->policy);
    if (error == 0) {
        known.file = now;
        strcpy(known.policy_hash, host->policy_hash);
        return true;
    }
    log_warning_seldom(LOCAL_GROUPS_FILE
                       " cannot be read, so nobody is in a Unix group of the policy: %s",
                       strerror(error));
    free(known.clashes);
    known.clashes = NULL;
    return false;
}

void group_clashes_drop(const struct host *host, bool *member)
{
    const bool is_known = find_out(host);
    size_t i;

    for (i = 0; i < host->policy->unix_group_count; i++)
        member[i] = member[i] && is_known && !known.clashes[i];
}
