/*
 * One file a user, which says all by being there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/certified_users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/own_folder.h"

#define NAME      "certified-%u.json"
#define NAME_SIZE (sizeof NAME + 3 * sizeof(uid_t))

/* Returns 0 where the user's file is there, ENOENT where it is not, or another errno. */
static int find(int folder, const char *name)
{
    struct stat file;

    return fstatat(folder, name, &file, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

static void explain(const struct host *host, const char *call, const char *name, int error,
                    char *why, size_t why_size)
{
    snprintf(why, why_size,
             "cannot %s %s/%s, which says that people come to this user with certificates: %s (the "
             "folder must belong to the helper's user, mode 0700; tmpfiles makes it)",
             call, host_state_folder(host), name, strerror(error));
}

int certified_user_keep(const struct host *host, uid_t uid, char *why, size_t why_size)
{
    char name[NAME_SIZE];
    int folder = own_folder_open(host_state_folder(host));
    int error = folder < 0 ? errno : 0;

    snprintf(name, sizeof name, NAME, (unsigned)uid);
    if (error == 0)
        error = find(folder, name);
    if (folder >= 0 && error == ENOENT) {
        error = own_folder_write(folder, name, "{\"version\":1}", false);
        /* Another login of theirs was faster. */
        if (error == EEXIST)
            error = 0;
    }
    if (error != 0)
        explain(host, "write", name, error, why, why_size);
    if (folder >= 0)
        close(folder);
    return error;
}

enum answer certified_user_is(const struct host *host, uid_t uid, char *why, size_t why_size)
{
    char name[NAME_SIZE];
    int folder = own_folder_open(host_state_folder(host));
    int error = folder < 0 ? errno : 0;

    snprintf(name, sizeof name, NAME, (unsigned)uid);
    if (folder >= 0) {
        error = find(folder, name);
        close(folder);
        if (error == ENOENT)
            return ANSWER_NO;
    }
    if (error == 0)
        return ANSWER_YES;
    explain(host, "look for", name, error, why, why_size);
    return ANSWER_UNKNOWN;
}
