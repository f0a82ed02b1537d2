/*
 * Finding the files of modules.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/module_file.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MOST 16 /* on one path */

const char *module_file_find(const char *module, struct arena *memory)
{
    /* Where libpam was built to look: its folder of one architecture, and that of none. */
    static const char *const folders[] = {"/usr/lib/*/security", "/usr/lib/security",
                                          "/usr/lib64/security", "/lib/*/security",
                                          "/lib/security",       "/lib64/security"};
    const char *found = NULL;
    size_t i, j;

    if (*module == '/')
        return arena_text(memory, module, strlen(module));
    for (i = 0; i < sizeof folders / sizeof *folders && found == NULL; i++) {
        glob_t places = {.gl_pathc = 0};

        /* The name is no pattern, so it is put behind what the pattern found. */
        if (glob(folders[i], GLOB_NOSORT, NULL, &places) == 0)
            for (j = 0; j < places.gl_pathc && found == NULL; j++) {
                found = arena_format(memory, "%s/%s", places.gl_pathv[j], module);
                if (found != NULL && access(found, F_OK) != 0)
                    found = NULL;
            }
        globfree(&places);
    }
    return found;
}

/* Puts what a link at `step`, the beginning of `path`, leads to in the place of that. */
static bool follow_link(char path[PATH_MAX], const char *step)
{
    char target[PATH_MAX], longer[3 * PATH_MAX];
    const ssize_t length = readlink(step, target, sizeof target - 1);
    const int folder = (int)(strrchr(step, '/') - step);
    int written;

    if (length <= 0)
        return false;
    target[length] = '\0';
    written = snprintf(longer, sizeof longer, "%.*s%s%s%s", *target == '/' ? 0 : folder, step,
                       *target == '/' ? "" : "/", target, path + strlen(step));
    /* path_is_trusted judges each step by its name, and ".." has none of its own. */
    if (written < 0 || written >= PATH_MAX || strstr(longer, "/..") != NULL)
        return false;
    memcpy(path, longer, (size_t)written + 1);
    return true;
}

bool module_file_is_trusted(const char *path, struct path_fault *fault)
{
    char real[PATH_MAX];
    struct stat step;
    int links;

    if (snprintf(real, sizeof real, "%s", path) >= (int)sizeof real)
        *real = '\0';
    for (links = 0; links < LINKS_MOST; links++) {
        /* A path that is too long is said to be by this. */
        if (path_is_trusted(*real != '\0' ? real : path, PATH_PROGRAM, 0, fault) ||
            strcmp(fault->what, "is not executable") == 0)
            return true;
        /* The folders on the way to the step were root's, so the link in them is. */
        if (lstat(fault->step, &step) != 0 || !S_ISLNK(step.st_mode) ||
            !follow_link(real, fault->step))
            return false;
    }
    return false;
}
