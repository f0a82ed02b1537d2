/*
 * Whether the helper's program is one that nobody but root can have put there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pam_xacct/internal.h"

/* What is wrong with one step of the path, or NULL. */
static const char *fault_of(const struct stat *step, bool last)
{
    if (S_ISLNK(step->st_mode))
        return "is a symbolic link";
    if (!last && !S_ISDIR(step->st_mode))
        return "is not a folder";
    if (last && !S_ISREG(step->st_mode))
        return "is not a regular file";
    if (step->st_uid != 0)
        return "does not belong to root";
    if ((step->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "may be written by others than root";
    if (last && (step->st_mode & (S_ISUID | S_ISGID)) != 0)
        return "has a setuid or setgid bit, which it must not have";
    if (last && (step->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
        return "is not executable";
    return NULL;
}

/*
 * Opens the step `name` in the folder *fd, checks it and puts it in the place of *fd. Returns NULL,
 * or what is wrong, with *error 0 or the errno.
 */
static const char *take_step(int *fd, const char *name, bool last, int *error)
{
    struct stat step = {0};
    int next = openat(*fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    *error = next < 0 ? errno : 0;
    if (*fd >= 0)
        close(*fd);
    *fd = next;
    if (next >= 0 && fstat(next, &step) != 0)
        *error = errno;
    if (*error != 0)
        return error_text(*error);
    return fault_of(&step, last);
}

bool program_is_trusted(struct call *call, const char *path)
{
    char seen[PATH_MAX];
    const char *fault;
    size_t length = 0;
    int fd = -1, error = 0;

    if (strlen(path) >= sizeof seen) {
        outcome_set(call, STATUS_MISCONFIGURED, "the helper's path is too long");
        return false;
    }
    fault = take_step(&fd, "/", false, &error);
    seen[0] = '\0';
    while (fault == NULL && path[length] != '\0') {
        size_t start = length + strspn(path + length, "/");
        size_t end = start + strcspn(path + start, "/");
        bool last = path[end + strspn(path + end, "/")] == '\0';

        /* `seen` holds the path so far, to name the step at fault, which is its end. */
        memcpy(seen, path, end);
        seen[end] = '\0';
        fault = take_step(&fd, seen + start, last, &error);
        length = end;
    }
    if (fd >= 0)
        close(fd);
    if (fault != NULL)
        outcome_set(call, error != 0 ? outcome_of_error(error) : STATUS_MISCONFIGURED,
                    "the helper %s cannot be used: %s: %s", path, seen[0] != '\0' ? seen : "/",
                    fault);
    return fault == NULL;
}
