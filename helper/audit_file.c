/*
 * Writing to a file that stays open between two lines, and may be moved away at any time.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/close_quietly.h"
#include "helper/audit_folder.h"

/* How often a line is written where the file is moved away each time: what moves it more often than
 * that is no rotation. */
#define ATTEMPTS 3

/* The file of the line before. */
static struct {
    struct audit_way way; /* to its folder */
    int fd;               /* of the file; -1: none is open */
    struct stat status;   /* as it was looked at last */
    bool ends_whole;      /* it was then as our line had left it */
} file = {.fd = -1};

/* Whether the file is fit: in one that others may write, anybody's word would pass for ours. */
static bool is_ours(const struct stat *status)
{
    return S_ISREG(status->st_mode) && (status->st_mode & 022) == 0 &&
           (status->st_uid == geteuid() || status->st_uid == 0);
}

/* Whether both are of one file, with one owner, group and mode. */
static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_mode == b->st_mode &&
           a->st_uid == b->st_uid && a->st_gid == b->st_gid;
}

/* Whether nobody has written to the file between two looks. */
static bool is_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/*
 * Looks whether the file that is open is the one that its name stands for, by `folder`, which the
 * way leads to or -1.
 */
static bool still_stands(int folder, const char *path)
{
    struct stat now;

    if (file.fd < 0 || folder < 0 ||
        fstatat(folder, audit_way_name(path), &now, AT_SYMLINK_NOFOLLOW) != 0 ||
        !is_same(&now, &file.status) || !is_ours(&now))
        return false;
    file.ends_whole = file.ends_whole && is_unchanged(&now, &file.status);
    file.status = now;
    return true;
}

void audit_file_close(void)
{
    const int kept = errno;

    close_quietly(file.fd);
    audit_way_close(&file.way);
    file.fd = -1;
    file.ends_whole = false;
    errno = kept;
}

/* Opens the file anew. Returns 0, or an errno, with the reason in `why` where it is a folder's. */
static int open_anew(const char *path, char *why, size_t why_size)
{
    const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int folder;

    audit_file_close();
    folder = audit_way_open(&file.way, path, why, why_size);
    if (folder < 0)
        return errno;
    file.fd = openat(folder, audit_way_name(path), flags, 0640);
    if (file.fd < 0)
        return errno;
    return fstat(file.fd, &file.status) == 0 && is_ours(&file.status) ? 0 : EPERM;
}

/* Whether the file's last line has its end: a line that a full disk cut short has none. Returns 0
 * or an errno. */
static int look_at_end(bool *cut_short)
{
    const off_t size = file.status.st_size;
    char last = '\n';

    if (size > 0 && !file.ends_whole && pread(file.fd, &last, 1, size - 1) < 0)
        return errno;
    *cut_short = last != '\n';
    return 0;
}

/* Writes the line, after an end for one that was cut short and would spoil it. Returns 0 or an
 * errno. */
static int write_line(const char *line)
{
    bool cut_short = false;
    char *text = NULL;
    ssize_t written;
    int error = look_at_end(&cut_short);

    if (error != 0)
        return error;
    if (asprintf(&text, "%s%s\n", cut_short ? "\n" : "", line) < 0)
        return ENOMEM;
    do
        written = write(file.fd, text, strlen(text));
    while (written < 0 && errno == EINTR);
    if (written < 0)
        error = errno;
    else if ((size_t)written < strlen(text))
        error = ENOSPC;
    else
        file.status.st_size += written;
    free(text);
    return error;
}

/* Whether the file has been moved away since it was looked at; else notes how our line left it. */
static bool is_moved(const char *path)
{
    const int folder = file.way.steps[file.way.count - 1].fd;
    struct stat now;

    if (fstatat(folder, audit_way_name(path), &now, AT_SYMLINK_NOFOLLOW) != 0 ||
        now.st_ino != file.status.st_ino || now.st_dev != file.status.st_dev)
        return true;
    /* Unless another has written as well, whose line may be cut short. */
    file.ends_whole = now.st_size == file.status.st_size;
    file.status.st_size = now.st_size;
    file.status.st_ctim = now.st_ctim;
    return false;
}

int audit_file_append(const char *path, const char *line, char *why, size_t why_size)
{
    bool moved = true;
    int error = 0, attempt;

    why[0] = '\0';
    for (attempt = 0; error == 0 && moved && attempt < ATTEMPTS; attempt++) {
        const bool kept = still_stands(audit_way_again(&file.way, path), path);

        if (!kept)
            error = open_anew(path, why, why_size);
        if (error == 0)
            error = write_line(line);
        /* Where it lies on a server, that may have put it aside. */
        if (error == ESTALE && kept && attempt == 0) {
            audit_file_close();
            error = 0;
            continue;
        }
        moved = error == 0 && is_moved(path);
    }
    /* What went wrong with it is found out anew. */
    if (error != 0)
        audit_file_close();
    return error;
}
