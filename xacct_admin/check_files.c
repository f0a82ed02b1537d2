/*
 * Owner and mode of files.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xacct_admin/checks.h"

#define HELPER_NAME "xacct" /* the system user and its group */

/* Whose files the helper may read. */
struct owner {
    uid_t uid;
    gid_t gid;
};

/*
 * Finds the helper's user in /etc/passwd, where a system user is: NSS could make us wait, and could
 * not be believed about it. Returns false when it is not there.
 */
static bool find_owner(struct owner *owner)
{
    FILE *file = fopen("/etc/passwd", "re");
    struct passwd *entry = NULL;

    while (file != NULL && (entry = fgetpwent(file)) != NULL)
        if (strcmp(entry->pw_name, HELPER_NAME) == 0)
            break;
    if (entry != NULL)
        *owner = (struct owner){entry->pw_uid, entry->pw_gid};
    if (file != NULL)
        fclose(file);
    return entry != NULL;
}

/* Opens a file, or a folder, as the helper would, and tells at `at` why it could not. */
static void check_path(const char *path, bool is_folder, struct position at, struct trust trust,
                       struct findings *findings)
{
    char why[1024];
    size_t size;
    int fd;

    trust.largest = POLICY_FILE_MAX;
    fd = is_folder ? trusted_open_folder(path, &trust, why, sizeof why)
                   : trusted_open(path, &trust, &size, why, sizeof why);
    if (fd >= 0)
        close(fd);
    else if (errno == EACCES && geteuid() != 0 && access(path, R_OK) != 0)
        findings_add(findings, LINT_WARNING, at,
                     "%s: you may not read it, so owner and mode were not checked", path);
    else if (errno != ENOENT || !is_folder)
        findings_add(findings, LINT_ERROR, at, "%s", why);
}

/* Checks a file of the policy, unless it is spared. */
static void check_policy_file(const char *path, const char *spared, const struct owner *owner,
                              struct findings *findings)
{
    struct trust trust = {.group = owner->gid};

    if (spared == NULL || strcmp(path, spared) != 0)
        check_path(path, false, (struct position){path, 0}, trust, findings);
}

/* Checks the fragments, which a policy with errors may not tell of. */
static void check_fragments(const struct reading *reading, const char *spared,
                            const struct owner *owner, struct findings *findings)
{
    struct trust trust = {.group = owner->gid};
    char *folder = NULL, *pattern = NULL;
    glob_t files = {.gl_pathc = 0};
    size_t i;

    if (asprintf(&folder, "%.*sconf.d", (int)reading_folder(reading), reading->path) < 0)
        folder = NULL;
    if (folder == NULL || asprintf(&pattern, "%s/*.conf", folder) < 0)
        pattern = NULL;
    if (pattern == NULL) {
        findings->memory.exhausted = true;
        goto done;
    }
    check_path(folder, true, (struct position){folder, 0}, trust, findings);
    if (glob(pattern, GLOB_NOSORT, NULL, &files) == 0)
        for (i = 0; i < files.gl_pathc; i++)
            check_policy_file(files.gl_pathv[i], spared, owner, findings);
    globfree(&files);

done:
    free(pattern);
    free(folder);
}

/* Whether a file is the helper's own and nobody else reads it, which base credentials may be. */
static bool is_helpers_own(const char *path, const struct owner *owner)
{
    struct stat file;

    return lstat(path, &file) == 0 && S_ISREG(file.st_mode) && file.st_uid == owner->uid &&
           (file.st_mode & 07177) == 0;
}

void check_files(const struct reading *reading, const char *spared, struct findings *findings)
{
    const struct policy *policy = reading->policy;
    struct owner owner;
    size_t i;

    if (!find_owner(&owner)) {
        findings_add(findings, LINT_WARNING, (struct position){reading->path, 0},
                     "there is no user " HELPER_NAME " in /etc/passwd, so owner and mode of the "
                     "files were not checked; make install makes it");
        return;
    }
    check_policy_file(reading->path, spared, &owner, findings);
    check_fragments(reading, spared, &owner, findings);
    if (policy == NULL)
        return;
    for (i = 1; i < policy->file_count; i++)
        check_policy_file(policy->files[i].path, spared, &owner, findings);
    if (policy->base.file != NULL && !is_helpers_own(policy->base.file, &owner))
        check_path(policy->base.file, false, policy->base.at, (struct trust){.group = owner.gid},
                   findings);
    if (policy->ca_bundle != NULL)
        check_path(policy->ca_bundle, false, (struct position){reading->path, 0},
                   (struct trust){.group = owner.gid, .public = true}, findings);
}
