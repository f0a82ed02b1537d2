/*
 * This host, and the policy in force on it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/audit.h"
#include "helper/audit_file.h"
#include "helper/log.h"
#include "helper/outside.h"
#include "policy/load.h"

static void read_boot_id(char boot_id[BOOT_ID_SIZE])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, boot_id, BOOT_ID_SIZE - 1) : 0;

    boot_id[length > 0 ? length : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

int host_begin(struct host *host, const char *config, const char *state, bool many)
{
    memset(host, 0, sizeof *host);
    host->group = getegid();
    if (gethostname(host->name, sizeof host->name - 1) != 0)
        strcpy(host->name, "localhost");
    read_boot_id(host->boot_id);
    host_release_policy(host);
    host->state = state;
    host->policies = policy_store_new(config, state, host->group);
    host->lookups = calloc(1, sizeof *host->lookups);
    if (host->policies == NULL || host->lookups == NULL)
        return ENOMEM;
    /* Before the policy is read: what looks up starts while there is little to copy. */
    return lookup_pool_open(host->lookups, many);
}

void host_end(struct host *host)
{
    host_release_policy(host);
    outside_close(host->outside);
    host->outside = NULL;
    if (host->lookups != NULL)
        lookup_pool_close(host->lookups);
    free(host->lookups);
    host->lookups = NULL;
    policy_store_free(host->policies);
    host->policies = NULL;
    audit_file_close();
}

/* Writes what is new with a policy, whose hash the host has, to the audit file, once. */
static void tell_news(const struct host *host, struct loaded_policy *loaded)
{
    static const char *const reasons[] = {
        [POLICY_CHANGED] = "another policy is in force",
        [POLICY_BROKEN] = "the policy on disk is broken, and is passed over",
        [POLICY_MENDED] = "the policy on disk was broken, and is in force again",
    };
    char reason[POLICY_ERROR_SIZE + 128], why[1024];
    const struct audit_event event = {
        .event = AUDIT_POLICY,
        .reason = reason,
        .broken_since = loaded->broken_since,
    };

    if (loaded->news == POLICY_AS_BEFORE)
        return;
    snprintf(reason, sizeof reason, "%s%s%s", reasons[loaded->news],
             loaded->error[0] != '\0' ? ": " : "", loaded->error);
    loaded->news = POLICY_AS_BEFORE;
    if (audit_write(host, &event, why, sizeof why) != 0)
        log_error("the policy: %s: %s", reason, why);
}

void host_hold_policy(struct host *host)
{
    host->loaded = policy_store_hold(host->policies);
    if (host->loaded == NULL)
        return;
    host->policy = host->loaded->policy;
    host->policy_error = host->loaded->error;
    host->policy_hash = host->loaded->hash;
    /* One may have come into force without a request, and been broken before the first of them. */
    if (host->loaded->last != NULL)
        tell_news(host, host->loaded->last);
    tell_news(host, host->loaded);
}

void host_release_policy(struct host *host)
{
    policy_store_release(host->loaded);
    host->loaded = NULL;
    host->policy = NULL;
    host->policy_error = "there is no memory to read it";
    host->policy_hash = "";
}

const char *host_state_folder(const struct host *host)
{
    return host->policy != NULL ? host->policy->state : POLICY_DEFAULT_STATE;
}

bool host_policy_stands(const struct host *host)
{
    struct loaded_policy *now = policy_store_hold(host->policies);
    bool stands = now != NULL && now->policy != NULL && strcmp(now->hash, host->policy_hash) == 0;

    policy_store_release(now);
    return stands;
}
