/*
 * Keeping the last good policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/last_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/instant.h"
#include "helper/kept_policy.h"
#include "helper/own_folder.h"
#include "policy/load.h"

#define KEPT   "last-good.json"
#define BROKEN "policy-broken.json"

static int explain(const char *call, const char *folder, const char *name, int error, char *why,
                   size_t why_size)
{
    snprintf(why, why_size,
             "cannot %s %s/%s: %s (the folder must belong to the helper's user, mode 0700; "
             "tmpfiles makes it)",
             call, folder, name, error == EBADMSG ? "it is damaged" : strerror(error));
    return error;
}

int last_policy_keep(const char *folder, const struct policy *policy, const char *hash,
                     bool *written, char *why, size_t why_size)
{
    char *text = NULL;
    int fd = own_folder_open(folder);
    int error = fd < 0 ? errno : 0;

    *written = false;
    if (error == 0 && !kept_policy_is(fd, KEPT, hash)) {
        text = kept_policy_text(policy, hash);
        error = text != NULL ? own_folder_write(fd, KEPT, text, true) : ENOMEM;
        /* Rather none than an older one, which may permit what this one has taken away. */
        if (error != 0)
            unlinkat(fd, KEPT, 0);
        /* On a full disk the older one's room may be what the new one lacked. */
        if (error == ENOSPC || error == EDQUOT)
            error = own_folder_write(fd, KEPT, text, true);
        *written = error == 0;
    }
    if (error != 0)
        explain("keep the policy in", folder, KEPT, error, why, why_size);
    if (fd >= 0)
        close(fd);
    free(text);
    return error;
}

/*
 * Reads what is kept in the folder at `fd`. Returns 0; ENOENT where nothing is; EBADMSG when it is
 * damaged; or another errno. The caller frees *kept in any case.
 */
static int read_kept(int fd, struct kept_policy *kept)
{
    char *text = NULL;
    size_t length = 0;
    int error = own_folder_read(fd, KEPT, KEPT_POLICY_MAX, &text, &length);

    *kept = (struct kept_policy){.files = NULL};
    if (error == 0)
        error = kept_policy_read(text, length, kept);
    free(text);
    return error;
}

/* Builds the policy. Returns NULL with the first thing that is wrong in `why`. */
static struct policy *build(struct kept_policy *kept, const struct trust *trust, char *why,
                            size_t why_size)
{
    struct policy_errors errors;
    struct policy *policy = kept_policy_build(kept, trust, &errors);

    if (policy == NULL)
        snprintf(why, why_size, "the last good policy is good no more for this release: %s",
                 errors.count > 0 ? errors.items[0].text : "out of memory");
    policy_errors_free(&errors);
    return policy;
}

/* Whether it is a policy of the configuration at this path. */
static bool is_of(const struct kept_policy *kept, const char *config)
{
    return kept->count > 0 && strcmp(kept->files[0].path, config) == 0;
}

int last_policy_renew(const char *folder, const struct policy *policy, const char *hash, char *why,
                      size_t why_size)
{
    struct kept_policy kept = {.files = NULL};
    bool older = false, written;
    struct stat at;
    int fd, error;

    /* No helper of this user reads from a folder that is another's. */
    if (stat(folder, &at) != 0 || at.st_uid != geteuid())
        return 0;
    fd = own_folder_open(folder);
    error = fd < 0 ? errno : 0;
    if (error == 0 && !kept_policy_is(fd, KEPT, hash)) {
        error = read_kept(fd, &kept);
        /* What is damaged comes into force nowhere. */
        if (error == ENOENT || error == EBADMSG)
            error = 0;
        else
            older = error == 0 && is_of(&kept, policy->files[0].path);
    }
    if (error != 0)
        explain("look for an older policy in", folder, KEPT, error, why, why_size);
    /* Where it can only be removed, that will do. */
    else if (older &&
             (error = last_policy_keep(folder, policy, hash, &written, why, why_size)) != 0 &&
             (unlinkat(fd, KEPT, 0) == 0 || errno == ENOENT))
        error = 0;
    if (fd >= 0)
        close(fd);
    kept_policy_free(&kept);
    return error;
}

struct policy *last_policy_read(const char *folder, const char *config, const struct trust *trust,
                                char hash[POLICY_HASH_SIZE], char *why, size_t why_size)
{
    struct kept_policy kept = {.files = NULL};
    struct policy *policy = NULL;
    int fd = own_folder_open(folder);
    int error = fd < 0 ? errno : read_kept(fd, &kept);

    why[0] = hash[0] = '\0';
    if (error == 0)
        memcpy(hash, kept.hash, sizeof kept.hash);
    if (error == 0 && is_of(&kept, config))
        policy = build(&kept, trust, why, why_size);
    else if (error != 0 && error != ENOENT)
        explain("read the last good policy in", folder, KEPT, error, why, why_size);
    kept_policy_free(&kept);
    if (fd >= 0)
        close(fd);
    return policy;
}

time_t last_policy_kept_at(const char *folder)
{
    struct stat kept = {.st_mtime = 0};
    int fd = own_folder_open(folder);

    if (fd < 0)
        return 0;
    if (fstatat(fd, KEPT, &kept, AT_SYMLINK_NOFOLLOW) != 0)
        kept.st_mtime = 0;
    close(fd);
    return kept.st_mtime;
}

/* Reads since when the policy is broken. Returns whether that was written down. */
static bool read_since(int folder, time_t *since)
{
    char *text = NULL;
    size_t length = 0;
    json_t *object = NULL;
    const char *instant = NULL;
    bool found = false;

    if (own_folder_read(folder, BROKEN, OWN_FILE_MAX, &text, &length) == 0)
        object = json_loadb(text, length, 0, NULL);
    if (object != NULL && json_unpack(object, "{ss}", "since", &instant) == 0)
        found = instant_read(instant, since) == 0;
    json_decref(object);
    free(text);
    return found;
}

time_t last_policy_broken_since(const char *folder, time_t now, bool *first)
{
    char text[64], instant[INSTANT_SIZE];
    time_t since = now;
    int fd = own_folder_open(folder);

    *first = false;
    if (fd < 0)
        return now;
    snprintf(text, sizeof text, "{\"version\":1,\"since\":\"%s\"}", instant_text(instant, now));
    *first = own_folder_write(fd, BROKEN, text, false) == 0;
    if (!*first && !read_since(fd, &since))
        since = now;
    close(fd);
    return since;
}

bool last_policy_is_mended(const char *folder)
{
    int fd = own_folder_open(folder);
    bool mended = fd >= 0 && unlinkat(fd, BROKEN, 0) == 0;

    if (fd >= 0)
        close(fd);
    return mended;
}
