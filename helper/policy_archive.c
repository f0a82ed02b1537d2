/*
 * Keeping policies by their hashes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/policy_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/kept_policy.h"
#include "helper/log.h"
#include "helper/own_folder.h"

#define PREFIX    "policy-"
#define END       ".json"
#define HASH      (POLICY_HASH_SIZE - 1) /* characters */
#define NAME_SIZE (sizeof PREFIX + HASH + sizeof END)

/* One kept policy. */
struct kept_file {
    char name[NAME_SIZE];
    struct timespec written;
    off_t size;
};

/* Whether it is the name of a kept policy. */
static bool is_name(const char *name)
{
    const size_t prefix = sizeof PREFIX - 1;

    return strncmp(name, PREFIX, prefix) == 0 &&
           strspn(name + prefix, "0123456789abcdef") == HASH &&
           strcmp(name + prefix + HASH, END) == 0;
}

static int oldest_first(const void *a, const void *b)
{
    const struct kept_file *first = a, *second = b;

    if (first->written.tv_sec != second->written.tv_sec)
        return first->written.tv_sec < second->written.tv_sec ? -1 : 1;
    return (first->written.tv_nsec > second->written.tv_nsec) -
           (first->written.tv_nsec < second->written.tv_nsec);
}

/* Lists what is kept but `own`, into memory that the caller frees. Returns how many, and *bytes of
 * all; what there is no memory for is left out. */
static size_t list(int folder, const char *own, struct kept_file **files, off_t *bytes)
{
    DIR *names = own_folder_names(folder);
    const struct dirent *entry;
    size_t count = 0, room = 0;
    struct stat file;

    while (names != NULL && (entry = readdir(names)) != NULL) {
        if (!is_name(entry->d_name) || strcmp(entry->d_name, own) == 0 ||
            fstatat(folder, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (count == room) {
            struct kept_file *more;

            room = room > 0 ? 2 * room : 64;
            more = realloc(*files, room * sizeof *more);
            if (more == NULL)
                break;
            *files = more;
        }
        strcpy((*files)[count].name, entry->d_name);
        (*files)[count].written = file.st_mtim;
        (*files)[count++].size = file.st_size;
        *bytes += file.st_size;
    }
    if (names != NULL)
        closedir(names);
    return count;
}

/* Makes room for one of `size` bytes that is called `own`. */
static void tidy(const char *path, int folder, const char *own, off_t size)
{
    struct kept_file *files = NULL;
    off_t bytes = size;
    size_t count = list(folder, own, &files, &bytes), i;

    if (count > 1 && (count + 1 > POLICY_ARCHIVE_MOST || bytes > POLICY_ARCHIVE_BYTES))
        qsort(files, count, sizeof *files, oldest_first);
    for (i = 0; i < count; i++) {
        if (count - i + 1 <= POLICY_ARCHIVE_MOST && bytes <= POLICY_ARCHIVE_BYTES)
            break;
        if (unlinkat(folder, files[i].name, 0) == 0)
            log_warning(
                "%s/%s is removed, being the oldest of more than %zu kept policies, or %lld "
                "bytes: what the audit file says of it can be read in a copy of yours alone",
                path, files[i].name, POLICY_ARCHIVE_MOST, (long long)POLICY_ARCHIVE_BYTES);
        bytes -= files[i].size;
    }
    free(files);
}

int policy_archive_keep(const char *folder, const struct policy *policy, const char *hash,
                        bool again, char *why, size_t why_size)
{
    char name[NAME_SIZE], *text = NULL;
    int fd = own_folder_open(folder), error = fd < 0 ? errno : 0;

    snprintf(name, sizeof name, PREFIX "%s" END, hash);
    if (error == 0 && !is_name(name))
        error = EIO; /* OpenSSL could not hash it */
    if (error == 0 && (again || !kept_policy_is(fd, name, hash))) {
        text = kept_policy_text(policy, hash);
        if (text == NULL) {
            error = ENOMEM;
        } else {
            tidy(folder, fd, name, (off_t)strlen(text));
            error = own_folder_write(fd, name, text, true);
        }
    }
    if (error != 0)
        snprintf(why, why_size, "cannot keep the policy as %s/%s: %s", folder, name,
                 strerror(error));
    if (fd >= 0)
        close(fd);
    free(text);
    return error;
}
