/*
 * Looking at the files of NSS.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/nss_files.h"

#include <sys/stat.h>

#include "helper/sandbox.h"

#define FOLDER "/etc"

/* Whether all have to be looked at: in a second in which they were not yet, and where the folder
 * has changed of late. */
static bool is_to_see_all(const struct nss_files *files, time_t now)
{
    const struct file_stamp folder = file_stamp_of(FOLDER, true);

    return now != files->seen || file_stamp_is_of_late(&folder, now);
}

/* Looks at one of them. Returns whether it is another than it was. */
static bool look_at(struct nss_files *files, size_t i, const char *path)
{
    struct file_stamp now = file_stamp_of(path, false);
    bool changed;

    files->is_link[i] = S_ISLNK(now.mode);
    if (files->is_link[i])
        now = file_stamp_of(path, true);
    changed = !file_stamp_same(&now, &files->files[i]);
    files->files[i] = now;
    return changed;
}

bool nss_files_look(struct nss_files *files)
{
    const char *const *path = sandbox_lookup_files();
    const time_t now = time(NULL);
    const bool sees_all = is_to_see_all(files, now);
    bool changed = false;
    size_t i;

    for (i = 0; i < NSS_FILES_MOST && path[i] != NULL; i++)
        if (sees_all || i < NSS_FILES_EACH || files->is_link[i])
            changed |= look_at(files, i, path[i]);
    files->seen = now;
    return changed;
}
