/*
 * Landlock, by its system calls, as glibc has no wrappers for them.
 * Source: the kernel's Documentation/userspace-api/landlock.rst.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sandbox_landlock.h"

#ifndef XACCT_WITHOUT_SANDBOX

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                                                    \
    (READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                       \
     LANDLOCK_ACCESS_FS_REMOVE_FILE)
/* Everything that the first version of Landlock knows; REFER is refused without being named. */
#define HANDLED                                                                                    \
    (WRITING | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                        \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK |   \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)
/* What is taken from closed files: a program is executed by whoever may, and names are no secret.
 */
#define TAKEN (HANDLED & ~(__u64)(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_DIR))
/* The second version's, which has to be given where files are to move between folders. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif

/* The whole of what landlock_create_ruleset takes; Debian 12's headers know the first member. */
struct ruleset {
    __u64 handled_access_fs;
    __u64 handled_access_net;
    __u64 scoped;
};

/* Makes a ruleset. Where the kernel does not know scopes it has none. Returns it, or -1 with errno.
 */
static int make_ruleset(__u64 handled, unsigned scopes)
{
    struct ruleset wanted = {.handled_access_fs = handled, .scoped = scopes};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0);

    if (ruleset >= 0 || errno != E2BIG)
        return ruleset;
    return (int)syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted.handled_access_fs, 0);
}

/* Confines the process. Returns 0 or an errno. */
static int restrict_self(int ruleset)
{
    return syscall(SYS_landlock_restrict_self, ruleset, 0) != 0 ? errno : 0;
}

/*
 * Whether an errno says that there is nothing at a path, for us: else what is there would be closed
 * because a descriptor was missing, and a directory's groups, say, be taken for unknown.
 */
static bool is_absence(int error)
{
    return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP;
}

/* Allows `access` to each path that exists, a folder or a file. Returns 0 or an errno. */
static int allow(int ruleset, const char *const *paths, __u64 access)
{
    for (; paths != NULL && *paths != NULL; paths++) {
        struct landlock_path_beneath_attr rule = {.allowed_access = access};
        int error = 0;

        rule.parent_fd = open(*paths, O_PATH | O_CLOEXEC);
        if (rule.parent_fd < 0 && is_absence(errno))
            continue;
        if (rule.parent_fd < 0)
            return errno;
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
            error = errno;
        close(rule.parent_fd);
        if (error != 0)
            return error;
    }
    return 0;
}

int sandbox_landlock(const char *const *readable, const char *const *files,
                     const char *const *writable, unsigned scopes)
{
    int ruleset = make_ruleset(HANDLED, scopes), error;

    if (ruleset < 0)
        return errno;
    error = allow(ruleset, readable, READING);
    if (error == 0)
        error = allow(ruleset, files, LANDLOCK_ACCESS_FS_READ_FILE);
    if (error == 0)
        error = allow(ruleset, writable, WRITING);
    if (error == 0)
        error = restrict_self(ruleset);
    close(ruleset);
    return error;
}

int sandbox_landlock_scopes(unsigned scopes)
{
    /* Each ruleset keeps files from moving between folders, unless it says that they may. */
    static const char *const everything[] = {"/", NULL};
    int ruleset = make_ruleset(LANDLOCK_ACCESS_FS_REFER, scopes), error;

    if (ruleset < 0)
        return errno == EINVAL ? 0 : errno; /* the first version of Landlock */
    error = allow(ruleset, everything, LANDLOCK_ACCESS_FS_REFER);
    if (error == 0)
        error = restrict_self(ruleset);
    close(ruleset);
    return error;
}

bool sandbox_landlock_has_scopes(void)
{
    const struct ruleset wanted = {.scoped = SANDBOX_SCOPE_ABSTRACT | SANDBOX_SCOPE_SIGNALS};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0);

    if (ruleset < 0)
        return false;
    close(ruleset);
    return true;
}

enum standing { OPEN, CLOSED, HOLDS_CLOSED };

/* How a file, or a folder, stands to one closed path. */
static enum standing standing_to(const char *path, bool is_folder, const char *closed)
{
    size_t length = strlen(path), whole = strlen(closed);

    if (strcmp(path, closed) == 0)
        return CLOSED;
    if (is_folder)
        return whole > length && strncmp(path, closed, length) == 0 && closed[length] == '/'
                   ? HOLDS_CLOSED
                   : OPEN;
    /* A file in "FOLDER/", or beside a closed one. */
    return length > whole && strncmp(path, closed, whole) == 0 &&
                   (closed[whole - 1] == '/' || strchr(".-~", path[whole]) != NULL)
               ? CLOSED
               : OPEN;
}

static enum standing standing_of(const char *path, bool is_folder, const char *const *closed)
{
    enum standing found = OPEN, one;

    for (; *closed != NULL && found != CLOSED; closed++) {
        one = standing_to(path, is_folder, *closed);
        if (one != OPEN)
            found = one;
    }
    return found;
}

/* What is closed, and the folders on the way there, by which a rule would open it. */
struct closed {
    const char *const *paths;
    struct statx *above;
    size_t count;
};

/* Looks at what a descriptor stands for, without asking a server that may be dead. */
static bool look(int fd, struct statx *is)
{
    return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, is) == 0;
}

/* Finds the folders above what is closed. Returns 0, or ENOMEM. */
static int find_above(struct closed *closed)
{
    size_t most = 0, i;

    for (i = 0; closed->paths[i] != NULL; i++)
        most += strlen(closed->paths[i]);
    closed->above = calloc(most + 1, sizeof *closed->above);
    if (closed->above == NULL)
        return ENOMEM;
    for (i = 0; closed->paths[i] != NULL; i++) {
        char path[PATH_MAX] = "/";
        size_t length;

        for (length = 1; closed->paths[i][length] != '\0' && length < sizeof path - 1; length++) {
            int fd = length == 1 || closed->paths[i][length] == '/' ? open(path, O_PATH | O_CLOEXEC)
                                                                    : -1;

            closed->count += fd >= 0 && look(fd, &closed->above[closed->count]);
            if (fd >= 0)
                close(fd);
            path[length] = closed->paths[i][length];
            path[length + 1] = '\0';
        }
    }
    return 0;
}

/* Whether it is a folder above what is closed, which is to be seen in another place as well. */
static bool is_above(const struct closed *closed, int fd)
{
    struct statx is;
    size_t i;

    if (!look(fd, &is))
        return true;
    for (i = 0; i < closed->count; i++)
        if (closed->above[i].stx_ino == is.stx_ino &&
            closed->above[i].stx_dev_major == is.stx_dev_major &&
            closed->above[i].stx_dev_minor == is.stx_dev_minor)
            return true;
    return false;
}

/*
 * Allows one file or folder. What cannot be stays closed; so does a folder that a bind mount shows
 * here, and that holds something closed where it is: the kernel goes by the folder and not its
 * path.
 */
static void allow_one(int ruleset, const char *path, __u64 access, const struct closed *closed)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access};

    rule.parent_fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return;
    if (!is_above(closed, rule.parent_fd))
        (void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

static bool is_folder(int parent, const struct dirent *entry)
{
    struct stat status;

    /* As the folder says it, where it does: a dead server's mount is not asked. */
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(parent, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

/* Allows what is in `folder`, a path without a slash at its end, but for what is closed. */
static void allow_others(int ruleset, const char *folder, const struct closed *closed, __u64 taken)
{
    const __u64 of_file = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
    DIR *names = opendir(*folder != '\0' ? folder : "/");
    struct dirent *entry;
    char path[PATH_MAX];

    while (names != NULL && (entry = readdir(names)) != NULL) {
        bool goes_on;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || length < 0 ||
            (size_t)length >= sizeof path)
            continue;
        /* A link is where it leads to. */
        goes_on = is_folder(dirfd(names), entry);
        switch (standing_of(path, goes_on, closed->paths)) {
        case OPEN:
            allow_one(ruleset, path, goes_on ? taken : of_file, closed);
            break;
        case HOLDS_CLOSED:
            allow_others(ruleset, path, closed, taken);
            break;
        case CLOSED:
            break;
        }
    }
    if (names != NULL)
        closedir(names);
}

int sandbox_landlock_without(const char *const *paths, unsigned scopes)
{
    struct closed closed = {.paths = paths};
    __u64 taken = TAKEN | LANDLOCK_ACCESS_FS_REFER;
    int ruleset = make_ruleset(taken, scopes), error;

    if (ruleset < 0 && errno == EINVAL) { /* its first version, where nothing moves */
        taken = TAKEN;
        ruleset = make_ruleset(taken, scopes);
    }
    if (ruleset < 0)
        return errno;
    error = find_above(&closed);
    if (error == 0) {
        allow_others(ruleset, "", &closed, taken);
        error = restrict_self(ruleset);
    }
    free(closed.above);
    close(ruleset);
    return error;
}

#else

int sandbox_landlock(const char *const *readable, const char *const *files,
                     const char *const *writable, unsigned scopes)
{
    (void)readable;
    (void)files;
    (void)writable;
    (void)scopes;
    return 0;
}

int sandbox_landlock_without(const char *const *closed, unsigned scopes)
{
    (void)closed;
    (void)scopes;
    return 0;
}

int sandbox_landlock_scopes(unsigned scopes)
{
    (void)scopes;
    return 0;
}

bool sandbox_landlock_has_scopes(void)
{
    return true;
}

#endif
