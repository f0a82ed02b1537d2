/*
 * Walking to the folder of the audit file on descriptors, so that what was looked at is what is
 * opened.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/audit_folder.h"

#include <errno.h>
#include <fcntl.h>
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

/* Whether nobody else can take away what stands in a folder of this owner and mode. */
static bool is_safe(const struct stat *folder)
{
    return (folder->st_uid == 0 || folder->st_uid == geteuid()) &&
           ((folder->st_mode & 022) == 0 || (folder->st_mode & S_ISVTX) != 0);
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
    if (is_safe(&folder))
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

/* Notes the folder at `fd`, which is the way's from now on, as its next. */
static int add_step(struct audit_way *way, int fd, const char *name)
{
    struct audit_step *step;
    struct stat folder;

    if (way->count == AUDIT_WAY_MOST) {
        way->kept = false;
        close(way->steps[--way->count].fd);
    }
    step = &way->steps[way->count++];
    step->fd = fd;
    snprintf(step->name, sizeof step->name, "%s", name);
    if (fstat(fd, &folder) == 0) {
        step->device = folder.st_dev;
        step->inode = folder.st_ino;
    } else {
        way->kept = false;
    }
    return fd;
}

/*
 * Goes from the folder at `fd` into the one whose name is the next `length` bytes at `start`.
 * Returns its descriptor, or -1 with the reason told.
 */
static int descend(struct walk *walk, struct audit_way *way, int fd, const char *start,
                   size_t length)
{
    char name[NAME_MAX + 1];
    struct stat entry;
    int below;

    walk->length = (size_t)(start - walk->path) + length;
    if (length >= sizeof name) {
        errno = ENAMETOOLONG;
        return fail(walk, -1);
    }
    memcpy(name, start, length);
    name[length] = '\0';
    below = openat(fd, name, FOLDER_FLAGS);
    if (below < 0 || fstatat(fd, name, &entry, AT_SYMLINK_NOFOLLOW) != 0)
        return fail(walk, below);
    if (S_ISLNK(entry.st_mode))
        way->kept = false;
    if (holds(walk, below, "") && (!S_ISLNK(entry.st_mode) || all_above_hold(walk, below)))
        return add_step(way, below, name);
    close_quietly(below);
    return -1;
}

int audit_way_open(struct audit_way *way, const char *path, char *why, size_t why_size)
{
    struct walk walk = {.path = path, .why = why, .why_size = why_size};
    const char *at = path + strspn(path, "/");
    int fd = open("/", FOLDER_FLAGS);

    way->count = 0;
    way->kept = strlen(path) < sizeof way->path;
    if (fd < 0)
        return fail(&walk, fd);
    if (!holds(&walk, fd, "")) {
        close_quietly(fd);
        return -1;
    }
    snprintf(way->path, sizeof way->path, "%s", path);
    fd = add_step(way, fd, "");
    while (fd >= 0 && at[strcspn(at, "/")] == '/') {
        fd = descend(&walk, way, fd, at, strcspn(at, "/"));
        at += strcspn(at, "/");
        at += strspn(at, "/");
    }
    if (fd < 0)
        audit_way_close(way);
    return fd;
}

/* Whether the step that follows the folder at `above` is as it was, and safe. */
static bool stands(const struct audit_step *step, int above)
{
    struct stat folder;

    if (step->name[0] == '\0' ? fstat(step->fd, &folder) != 0
                              : fstatat(above, step->name, &folder, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    return S_ISDIR(folder.st_mode) && folder.st_dev == step->device &&
           folder.st_ino == step->inode && is_safe(&folder);
}

int audit_way_again(const struct audit_way *way, const char *path)
{
    int fd = -1;
    size_t i;

    if (!way->kept || strcmp(way->path, path) != 0)
        return -1;
    for (i = 0; i < way->count; i++) {
        if (!stands(&way->steps[i], fd))
            return -1;
        fd = way->steps[i].fd;
    }
    return fd;
}

void audit_way_close(struct audit_way *way)
{
    const int kept = errno;

    while (way->count > 0)
        close(way->steps[--way->count].fd);
    way->kept = false;
    errno = kept;
}

const char *audit_way_name(const char *path)
{
    return strrchr(path, '/') + 1;
}
