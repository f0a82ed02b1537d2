/*
 * Folders of the helper's user.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/own_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/trusted_file.h"
#include "helper/write_all.h"

#define UNFINISHED   ".unfinished"
#define LEFT_SECONDS 60

/*
 * The clock that files are stamped with stands still between two ticks of the kernel, ten
 * milliseconds at most; a change within them could go unseen.
 */
#define TICK_NS ((int64_t)20 * 1000 * 1000)

int own_folder_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct stat folder;

    if (fd < 0)
        return -1;
    if (fstat(fd, &folder) == 0 && folder.st_uid == geteuid() && (folder.st_mode & 07022) == 0)
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/*
 * Opens a file of 1 to `most` bytes for reading. Returns 0 with *fd, which the caller closes, and
 * *size; EBADMSG when it is none; or an errno.
 */
static int open_file(int folder, const char *name, size_t most, int *fd, size_t *size)
{
    struct stat file;
    int error = 0;

    *size = 0;
    *fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return errno == ELOOP || errno == ENXIO ? EBADMSG : errno;
    if (fstat(*fd, &file) != 0)
        error = errno;
    else if (!S_ISREG(file.st_mode) || file.st_size <= 0 || file.st_size > (off_t)most)
        error = EBADMSG;
    else
        *size = (size_t)file.st_size;
    if (error != 0)
        close(*fd);
    return error;
}

int own_folder_read(int folder, const char *name, size_t most, char **text, size_t *length)
{
    size_t size;
    char *bytes;
    int fd, error = open_file(folder, name, most, &fd, &size);

    if (error != 0)
        return error;
    /* Files are replaced and never changed, so that one that was opened is what it is. */
    bytes = malloc(size + 1);
    if (bytes == NULL)
        error = ENOMEM;
    else
        error = trusted_read(fd, bytes, size);
    close(fd);
    if (error != 0) {
        free(bytes);
        return error;
    }
    *text = bytes;
    *length = size;
    return 0;
}

int own_folder_read_head(int folder, const char *name, char *bytes, size_t count)
{
    size_t size;
    int fd, error = open_file(folder, name, SSIZE_MAX, &fd, &size);

    if (error != 0)
        return error;
    error = pread(fd, bytes, count, 0) == (ssize_t)count ? 0 : EBADMSG;
    close(fd);
    return error;
}

int own_folder_write(int folder, const char *name, const char *text, bool replace)
{
    char unfinished[NAME_MAX + 1];
    uint64_t random;
    int fd = -1, error = 0;

    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return errno != 0 ? errno : EIO;
    if ((size_t)snprintf(unfinished, sizeof unfinished, "%s.%016llx" UNFINISHED, name,
                         (unsigned long long)random) >= sizeof unfinished)
        return ENAMETOOLONG;
    fd = openat(folder, unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    error = write_all(fd, text, strlen(text));
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 &&
        renameat2(folder, unfinished, folder, name, replace ? 0 : RENAME_NOREPLACE) != 0)
        error = errno;
    if (error != 0)
        unlinkat(folder, unfinished, 0);
    return error;
}

DIR *own_folder_names(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = fd >= 0 ? fdopendir(fd) : NULL;

    if (names == NULL && fd >= 0)
        close(fd);
    return names;
}

void own_folder_tidy(int folder)
{
    DIR *names = own_folder_names(folder);
    const time_t now = time(NULL);
    const struct dirent *entry;
    struct stat file;

    while (names != NULL && (entry = readdir(names)) != NULL) {
        const char *end = strrchr(entry->d_name, '.');

        if (end != NULL && strcmp(end, UNFINISHED) == 0 &&
            fstatat(folder, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
            file.st_mtime < now - LEFT_SECONDS)
            unlinkat(folder, entry->d_name, 0);
    }
    if (names != NULL)
        closedir(names);
}

static int64_t ns_of(const struct timespec *instant)
{
    return (int64_t)instant->tv_sec * 1000000000 + instant->tv_nsec;
}

bool own_folder_changed(int folder, struct own_folder_look *look)
{
    struct own_folder_look now = {0};
    struct timespec clock;
    struct stat file;
    bool same;

    clock_gettime(CLOCK_REALTIME, &clock);
    if (fstat(folder, &file) != 0)
        return true;
    now.device = file.st_dev;
    now.inode = file.st_ino;
    now.changed = file.st_mtim;
    now.settled = ns_of(&clock) - ns_of(&now.changed) >= TICK_NS;
    same = look->settled && now.device == look->device && now.inode == look->inode &&
           ns_of(&now.changed) == ns_of(&look->changed);
    *look = now;
    return !same;
}
