/*
 * Folders of the policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/folders.h"

#include <stdio.h>
#include <string.h>

#include "helper/sandbox.h"
#include "policy/load.h"

/* The folder of `path`. */
static void set_folder_of(char folder[PATH_MAX], const char *path)
{
    char *slash;

    snprintf(folder, PATH_MAX, "%s", path);
    slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
}

void folders_of(struct folders *folders, const char *config, const char *state,
                const struct policy *policy)
{
    memset(folders, 0, sizeof *folders);
    set_folder_of(folders->readable[0], config);
    if (policy != NULL)
        set_folder_of(folders->readable[1], policy->base.file);
    if (policy != NULL && policy->ca_bundle != NULL)
        set_folder_of(folders->readable[2], policy->ca_bundle);
    set_folder_of(folders->writable[0], policy != NULL ? policy->audit : POLICY_DEFAULT_AUDIT);
    snprintf(folders->writable[1], PATH_MAX, "%s",
             policy != NULL ? policy->sessions : POLICY_DEFAULT_SESSIONS);
    snprintf(folders->writable[2], PATH_MAX, "%s",
             policy != NULL ? policy->state : POLICY_DEFAULT_STATE);
    if (state != NULL)
        snprintf(folders->writable[3], PATH_MAX, "%s", state);
}

bool folders_same(const struct folders *a, const struct folders *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

int folders_close_sandbox(const struct folders *folders, bool service)
{
    const char *readable[FOLDERS_MOST + 2] = {NULL}, *writable[FOLDERS_MOST + 1] = {NULL};
    size_t i, readers = 0, writers = 0;

    for (i = 0; i < FOLDERS_MOST; i++) {
        if (folders->readable[i][0] != '\0')
            readable[readers++] = folders->readable[i];
        if (folders->writable[i][0] != '\0')
            writable[writers++] = folders->writable[i];
    }
    if (service)
        readable[readers++] = "/proc";
    return sandbox_close_helper(readable, writable);
}
