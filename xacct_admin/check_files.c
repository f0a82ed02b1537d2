/*
 * The files of a policy, and those that it names.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/trusted_file.h"
#include "xacct_admin/checks.h"
#include "xacct_admin/local_names.h"
#include "xacct_admin/permissions.h"

/* Checks a file of the policy, unless it is spared. */
static void check_policy_file(const struct permissions *permissions, const char *path,
                              const char *spared)
{
    if (spared == NULL || strcmp(path, spared) != 0)
        permissions_check_file(permissions, path, FILE_POLICY, (struct position){path, 0});
}

/* Checks the fragments, which a policy with errors may not tell of. */
static void check_fragments(const struct permissions *permissions, const char *spared)
{
    char *folder = NULL, *pattern = NULL;
    glob_t files = {.gl_pathc = 0};
    size_t i;

    if (asprintf(&folder, "%.*sconf.d", (int)permissions->folder_length, permissions->folder) < 0)
        folder = NULL;
    if (folder == NULL || asprintf(&pattern, "%s/*.conf", folder) < 0)
        pattern = NULL;
    if (pattern == NULL) {
        permissions->findings->memory.exhausted = true;
        goto done;
    }
    permissions_check_listed(permissions, folder);
    if (glob(pattern, GLOB_NOSORT, NULL, &files) == 0)
        for (i = 0; i < files.gl_pathc; i++)
            check_policy_file(permissions, files.gl_pathv[i], spared);
    globfree(&files);

done:
    free(pattern);
    free(folder);
}

/*
 * Checks a file that the policy names and its reader does not open: that it can be opened as the
 * helper opens it, which follows no link, then owner and mode.
 */
static void check_named_file(const struct permissions *permissions, const char *path,
                             enum file_kind kind, struct position at)
{
    /* Links among the folders are told with their owners and modes. */
    const struct trust trust = {
        .unchecked = true, .largest = SIZE_MAX, .followed = (size_t)(strrchr(path, '/') - path)};
    char why[1024];
    size_t size;
    int fd = trusted_open(path, &trust, &size, why, sizeof why);

    if (fd < 0)
        /* What the caller may not read is not wrong for that. */
        findings_add(permissions->findings,
                     errno == EACCES && access(path, R_OK) != 0 ? LINT_WARNING : LINT_ERROR, at,
                     "%s", why);
    else
        close(fd);
    permissions_check_file(permissions, path, kind, at);
}

/* Checks the files that a base names: secrets, a certificate, and what is run or loaded. */
static void check_base_files(const struct permissions *permissions, const struct base *base)
{
    const struct {
        const char *path;
        enum file_kind kind;
    } files[] = {
        {base->token_file, FILE_BASE},
        {base->key != NULL && base->key[0] == '/' ? base->key : NULL, FILE_BASE},
        {base->pin_file, FILE_BASE},
        {base->certificate, FILE_PUBLIC},
        {base->pkcs11_module, FILE_LIBRARY},
        {base->command.count > 0 ? base->command.items[0] : NULL, FILE_PROGRAM},
    };
    size_t i;

    /* That the file of credentials can be opened is told by who reads its keys. */
    if (base->file != NULL)
        permissions_check_file(permissions, base->file, FILE_BASE, base->at);
    for (i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i].path != NULL)
            check_named_file(permissions, files[i].path, files[i].kind, base->at);
}

void check_files(const struct reading *reading, const char *spared, struct findings *findings)
{
    const struct policy *policy = reading->policy;
    const struct position whole = {reading->path, 0};
    struct permissions permissions = {
        .folder = reading->path, .folder_length = reading_folder(reading), .findings = findings};
    size_t i;

    if (!local_user_find(HELPER_NAME, &permissions.uid, &permissions.gid)) {
        findings_add(findings, LINT_WARNING, whole,
                     "there is no user " HELPER_NAME " in /etc/passwd, so owner and mode of the "
                     "files were not checked; make install makes it");
        return;
    }
    check_policy_file(&permissions, reading->path, spared);
    check_fragments(&permissions, spared);
    if (policy == NULL)
        return;
    for (i = 1; i < policy->file_count; i++)
        check_policy_file(&permissions, policy->files[i].path, spared);
    for (i = 0; i < policy->base_count; i++)
        check_base_files(&permissions, &policy->bases[i]);
    if (policy->ca_bundle != NULL)
        check_named_file(&permissions, policy->ca_bundle, FILE_PUBLIC, whole);
}

bool check_files_refused(const struct reading *reading)
{
    struct findings findings = {.items = NULL};
    bool refused = false;

    if (reading_is_in_place(reading)) {
        check_files(reading, NULL, &findings);
        refused = findings_count(&findings, LINT_ERROR) > 0;
        findings_free(&findings);
    }
    return refused;
}
