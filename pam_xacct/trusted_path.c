/*
 * Whether a path leads to something that nobody but root, or its owner, can have put there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "pam_xacct/internal.h"

#define WRITABLE_BY_OTHERS(step) (((step)->st_mode & (S_IWGRP | S_IWOTH)) != 0)

/* What is wrong with one step of the path, or NULL. */
typedef const char *judge_step(const struct stat *step, uid_t owner);

static const char *judge_folder(const struct stat *step, uid_t owner)
{
    (void)owner;
    if (!S_ISDIR(step->st_mode))
        return "is not a folder";
    if (step->st_uid != 0)
        return "does not belong to root";
    if (WRITABLE_BY_OTHERS(step))
        return "may be written by others than root";
    return NULL;
}

static const char *judge_program(const struct stat *step, uid_t owner)
{
    (void)owner;
    if (!S_ISREG(step->st_mode))
        return "is not a regular file";
    if (step->st_uid != 0)
        return "does not belong to root";
    if (WRITABLE_BY_OTHERS(step))
        return "may be written by others than root";
    if ((step->st_mode & (S_ISUID | S_ISGID)) != 0)
        return "has a setuid or setgid bit, which it must not have";
    if ((step->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
        return "is not executable";
    return NULL;
}

static const char *judge_socket_folder(const struct stat *step, uid_t owner)
{
    if (!S_ISDIR(step->st_mode))
        return "is not a folder";
    if (step->st_uid != 0 && step->st_uid != owner)
        return "belongs neither to root nor to the helper's user";
    if (WRITABLE_BY_OTHERS(step))
        return "may be written by others than its owner";
    return NULL;
}

static judge_step *const judges[] = {
    [PATH_PROGRAM] = judge_program, [PATH_SOCKET_FOLDER] = judge_socket_folder};

/*
 * Judges the last step of `path`. That nobody but root can lead the steps before it elsewhere has
 * been seen of each of them, so that their names will do.
 */
static void take_step(const char *path, judge_step *judge, uid_t owner, struct path_fault *fault)
{
    struct stat step;

    if (lstat(path, &step) != 0) {
        fault->error = errno;
        fault->what = error_text(fault->error);
    } else if (S_ISLNK(step.st_mode)) {
        fault->what = "is a symbolic link";
    } else {
        fault->what = judge(&step, owner);
    }
}

bool path_is_trusted(const char *path, enum path_end end, uid_t owner, struct path_fault *fault)
{
    size_t length = 0;

    fault->what = NULL;
    fault->error = 0;
    memcpy(fault->step, "/", sizeof "/");
    if (strlen(path) >= sizeof fault->step) {
        fault->what = "the path is too long";
        return false;
    }
    take_step("/", judge_folder, owner, fault);
    while (fault->what == NULL && path[length] != '\0') {
        size_t start = length + strspn(path + length, "/");
        size_t stop = start + strcspn(path + start, "/");
        bool last = path[stop + strspn(path + stop, "/")] == '\0';

        /* The path so far, so that the one at fault can be named. */
        memcpy(fault->step, path, stop);
        fault->step[stop] = '\0';
        take_step(fault->step, last ? judges[end] : judge_folder, owner, fault);
        length = stop;
    }
    return fault->what == NULL;
}
