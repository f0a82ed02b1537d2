/*
 * Opening files that only root, or the service's own user, may have written. The path is walked one
 * folder at a time on descriptors, so that what was checked is what is opened.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/trusted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/close_quietly.h"
#include "common/escape.h"

/* A folder is passed through, not listed: that needs no right to read it, in the sandbox either. */
#define FOLDER_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* One walk from the root to a file, and where its failure is told. */
struct walk {
    const char *path;
    const struct trust *trust;
    char *why;
    size_t why_size;
};

/* Says that the call for the first `length` bytes of the path failed with errno, which is kept. */
static void explain_errno(const struct walk *walk, size_t length)
{
    char shown[ESCAPE_MAX];
    int error = errno;

    escape_bytes(shown, sizeof shown, walk->path, length > 0 ? length : 1);
    if (error == ELOOP)
        snprintf(walk->why, walk->why_size,
                 "%s is a symbolic link; give the real path, links are not followed", shown);
    else
        snprintf(walk->why, walk->why_size, "cannot open %s: %s%s", shown, strerror(error),
                 error != EACCES ? ""
                 : walk->trust->unchecked
                     ? " (you may not read it: try again as root)"
                     : " (the helper's user must be able to read it and to pass the folders above: "
                       "root and its group as owners, 0640 for a file, 0750 for a folder; xacct "
                       "check says which is not so)");
    errno = error;
}

bool trusted_folder_fits(const struct stat *folder)
{
    return folder->st_uid == 0 && (folder->st_mode & 022) == 0;
}

bool trusted_file_fits(const struct stat *file, const struct trust *trust)
{
    unsigned mode = (unsigned)file->st_mode & 07777;

    if (trust->is_code && file->st_uid == 0 && (mode & 07022) == 0)
        return true;
    if (trust->own_is_fine && file->st_uid == geteuid() && (mode & 07177) == 0)
        return true;
    if (trust->public && file->st_uid == 0 && (mode & 07133) == 0)
        return true;
    return file->st_uid == 0 && (mode & 07137) == 0 &&
           ((mode & 0040) == 0 || file->st_gid == trust->group);
}

/* Whether only root can change what stands in the folder at `fd`, `length` bytes into the path. */
static bool folder_is_trusted(const struct walk *walk, int fd, size_t length)
{
    char shown[ESCAPE_MAX];
    struct stat folder;

    if (fstat(fd, &folder) != 0) {
        explain_errno(walk, length);
        return false;
    }
    if (walk->trust->unchecked || trusted_folder_fits(&folder))
        return true;
    escape_bytes(shown, sizeof shown, walk->path, length);
    snprintf(walk->why, walk->why_size,
             "the folder %s belongs to uid %u with mode %04o; it must belong to root, and nobody "
             "else may write it",
             shown, (unsigned)folder.st_uid, (unsigned)folder.st_mode & 07777);
    errno = EACCES;
    return false;
}

/*
 * Opens the folder whose name is the `length` bytes at `start` of the path, below the one at `fd`,
 * which is closed. Returns the descriptor, or -1 with the reason told.
 */
static int descend(const struct walk *walk, int fd, size_t start, size_t length)
{
    int flags = FOLDER_FLAGS | (start + length <= walk->trust->followed ? 0 : O_NOFOLLOW);
    char name[256];
    struct stat entry;
    int below = -1;

    if (length >= sizeof name) {
        errno = ENAMETOOLONG;
    } else {
        memcpy(name, walk->path + start, length);
        name[length] = '\0';
        below = openat(fd, name, flags);
        /* O_DIRECTORY hides a link behind "not a directory". */
        if (below < 0 && errno == ENOTDIR && fstatat(fd, name, &entry, AT_SYMLINK_NOFOLLOW) == 0)
            errno = S_ISLNK(entry.st_mode) ? ELOOP : ENOTDIR;
    }
    if (below < 0)
        explain_errno(walk, start + length);
    close_quietly(fd);
    return below;
}

/* Opens the folder that holds the file and sets *name to the file's name in it; or returns -1. */
static int open_folder(const struct walk *walk, const char **name)
{
    int fd = open("/", FOLDER_FLAGS);
    size_t start = strspn(walk->path, "/"), length;

    if (fd < 0)
        explain_errno(walk, 1);
    while (fd >= 0 && folder_is_trusted(walk, fd, start)) {
        length = strcspn(walk->path + start, "/");
        if (walk->path[start + length] == '\0') {
            *name = walk->path + start;
            return fd;
        }
        fd = descend(walk, fd, start, length);
        start += length + strspn(walk->path + start + length, "/");
    }
    close_quietly(fd);
    return -1;
}

/* Whether owner and mode of the file are as the walk's trust demands; tells the reason if not. */
static bool file_is_trusted(const struct walk *walk, const struct stat *file)
{
    const struct trust *trust = walk->trust;
    unsigned mode = (unsigned)file->st_mode & 07777;
    char shown[ESCAPE_MAX];

    escape(shown, sizeof shown, walk->path);
    errno = EACCES;
    if (!S_ISREG(file->st_mode)) {
        snprintf(walk->why, walk->why_size, "%s is not a regular file", shown);
        return false;
    }
    if ((unsigned long long)file->st_size > trust->largest) {
        snprintf(walk->why, walk->why_size, "%s has %lld bytes; at most %zu are read", shown,
                 (long long)file->st_size, trust->largest);
        return false;
    }
    if (trust->unchecked || trusted_file_fits(file, trust))
        return true;
    if (trust->public || trust->is_code) {
        snprintf(walk->why, walk->why_size,
                 "%s has owner %u and mode %04o; it must belong to root with mode %s", shown,
                 (unsigned)file->st_uid, mode, trust->is_code ? "0755" : "0644");
        return false;
    }
    snprintf(
        walk->why, walk->why_size,
        "%s has owner %u, group %u and mode %04o; it must belong to root and group %u with mode "
        "0640%s",
        shown, (unsigned)file->st_uid, (unsigned)file->st_gid, mode, (unsigned)trust->group,
        trust->own_is_fine ? ", or to the helper's own user with mode 0600" : "");
    return false;
}

/* Opens the folder that holds what the walk leads to and sets *name to its name in it; or -1. */
static int begin_walk(const struct walk *walk, const char **name)
{
    if (walk->path[0] == '/')
        return open_folder(walk, name);
    snprintf(walk->why, walk->why_size, "the path must be absolute");
    errno = EINVAL;
    return -1;
}

/*
 * Opens for reading the regular file that the O_PATH descriptor `found` stands for, by proc(5).
 * Returns the descriptor, or -1 with the reason told.
 */
static int open_found(const struct walk *walk, int found)
{
    char link[sizeof "/proc/self/fd/" + 3 * sizeof found];
    int fd;

    snprintf(link, sizeof link, "/proc/self/fd/%d", found);
    /* O_NONBLOCK: somebody's lease on the file must not hold us up. */
    fd = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0)
        return fd;
    if (errno == ENOENT) {
        snprintf(walk->why, walk->why_size, "files cannot be opened without /proc: mount it");
        errno = ENOSYS;
    } else {
        explain_errno(walk, strlen(walk->path));
    }
    return -1;
}

int trusted_open(const char *path, const struct trust *trust, size_t *size, char *why,
                 size_t why_size)
{
    struct walk walk = {path, trust, why, why_size};
    const char *name = NULL;
    struct stat file;
    int folder = begin_walk(&walk, &name), found, fd = -1;

    if (folder < 0)
        return -1;
    found = openat(folder, name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
    if (found < 0 || fstat(found, &file) != 0) {
        explain_errno(&walk, strlen(path));
    } else if (S_ISLNK(file.st_mode)) {
        errno = ELOOP;
        explain_errno(&walk, strlen(path));
    } else if (file_is_trusted(&walk, &file)) {
        *size = (size_t)file.st_size;
        fd = open_found(&walk, found);
    }
    close_quietly(found);
    close_quietly(folder);
    return fd;
}

int trusted_open_folder(const char *path, const struct trust *trust, char *why, size_t why_size)
{
    struct walk walk = {path, trust, why, why_size};
    const char *name = NULL;
    int folder = begin_walk(&walk, &name), fd;
    struct stat entry;

    if (folder < 0)
        return -1;
    fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        /* As in descend(): O_DIRECTORY hides a link. */
        if (errno == ENOTDIR && fstatat(folder, name, &entry, AT_SYMLINK_NOFOLLOW) == 0)
            errno = S_ISLNK(entry.st_mode) ? ELOOP : ENOTDIR;
        explain_errno(&walk, strlen(path));
    } else if (!folder_is_trusted(&walk, fd, strlen(path))) {
        close_quietly(fd);
        fd = -1;
    }
    close_quietly(folder);
    return fd;
}

int trusted_read(int fd, char *buffer, size_t size)
{
    size_t done = 0;
    char beyond;

    while (done < size) {
        ssize_t n = read(fd, buffer + done, size - done);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0)
            return EAGAIN;
        else if (errno != EINTR)
            return errno;
    }
    return read(fd, &beyond, 1) == 0 ? 0 : EAGAIN;
}
