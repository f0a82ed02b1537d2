/*
 * Walking to the folder of the audit file on descriptors, so that what was looked at is what is
 * opened.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/audit_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/close_quietly.h"
#include "common/escape.h"

/* Passed through and not listed: that needs no right to read it, in the sandbox either. */
#define FOLDER_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* One walk, and where its failure is told. */
struct walk {
    const char *path;
    size_t length; /* of the path, down to where it is */
    char *why;
    size_t why_size;
};

/* The path down to where the walk is, for people. */
static const char *here(const struct walk *walk, char shown[ESCAPE_MAX])
{
    return escape_bytes(shown, ESCAPE_MAX, walk->path, walk->length > 0 ? walk->length : 1);
}

/* Closes `fd`, or nothing for -1, and tells of errno. Returns -1. */
static int fail(const struct walk *walk, int fd)
{
    char shown[ESCAPE_MAX];

    close_quietly(fd);
    snprintf(walk->why, walk->why_size, "%s: %s", here(walk, shown), strerror(errno));
    return -1;
}

/* Whether nobody else can take away what stands in the folder at `fd`, or tells. */
static bool holds(const struct walk *walk, int fd, const char *above)
{
    char shown[ESCAPE_MAX];
    struct stat folder;

    if (fstat(fd, &folder) != 0) {
        fail(walk, -1);
        return false;
    }
    if ((folder.st_uid == 0 || folder.st_uid == geteuid()) &&
        ((folder.st_mode & 022) == 0 || (folder.st_mode & S_ISVTX) != 0))
        return true;
    snprintf(walk->why, walk->why_size,
             "%s%s belongs to uid %u with mode %04o, so others could take away what stands in it: "
             "give it to root (chown root, chmod go-w)",
             above, here(walk, shown), (unsigned)folder.st_uid, (unsigned)folder.st_mode & 07777);
    errno = EPERM;
    return false;
}

/* Whether all folders above the one at `fd`, to which a link led, hold what is in them, or tells.
 */
static bool all_above_hold(const struct walk *walk, int fd)
{
    int at = openat(fd, "..", FOLDER_FLAGS), next;
    struct stat one, other;
    bool good;

    while ((good = at >= 0 && holds(walk, at, "a folder above the one that is meant by "))) {
        next = openat(at, "..", FOLDER_FLAGS);
        if (next < 0 || fstat(at, &one) != 0 || fstat(next, &other) != 0) {
            close_quietly(next);
            break;
        }
        close(at);
        at = next;
        if (one.st_dev == other.st_dev && one.st_ino == other.st_ino) {
            close(at);
            return true;
        }
    }
    if (good || at < 0)
        fail(walk, -1);
    close_quietly(at);
    return false;
}

/*
 * Goes from the folder at `fd`, which is closed, into the one whose name is the next `length` bytes
 * at `start`. Returns its descriptor, or -1 with the reason told.
 */
static int descend(struct walk *walk, int fd, const char *start, size_t length)
{
    char name[256];
    struct stat entry;
    int below;

    walk->length = (size_t)(start - walk->path) + length;
    if (length >= sizeof name) {
        errno = ENAMETOOLONG;
        return fail(walk, fd);
    }
    memcpy(name, start, length);
    name[length] = '\0';
    below = openat(fd, name, FOLDER_FLAGS);
    if (below < 0 || fstatat(fd, name, &entry, AT_SYMLINK_NOFOLLOW) != 0) {
        close_quietly(below);
        return fail(walk, fd);
    }
    close(fd);
    if (holds(walk, below, "") && (!S_ISLNK(entry.st_mode) || all_above_hold(walk, below)))
        return below;
    close_quietly(below);
    return -1;
}

int audit_folder_open(const char *path, const char **name, char *why, size_t why_size)
{
    struct walk walk = {.path = path, .why = why, .why_size = why_size};
    const char *at = path + strspn(path, "/");
    int fd = open("/", FOLDER_FLAGS);

    if (fd < 0)
        return fail(&walk, fd);
    if (!holds(&walk, fd, "")) {
        close_quietly(fd);
        return -1;
    }
    while (fd >= 0 && at[strcspn(at, "/")] == '/') {
        fd = descend(&walk, fd, at, strcspn(at, "/"));
        at += strcspn(at, "/");
        at += strspn(at, "/");
    }
    *name = at;
    return fd;
}
