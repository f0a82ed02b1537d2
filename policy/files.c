/*
 * Reading the policy's files under common/trusted_file.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often a file is read again that changes while it is read. */
#define ATTEMPTS 3

/* Appends to the list, taking over `path` and `bytes`, which lie in the policy's memory. */
static const struct policy_file *append(struct loader *loader, char *path, char *bytes,
                                        size_t length)
{
    struct policy *policy = loader->policy;
    struct policy_file *files =
        arena_grow(&policy->memory, policy->files, policy->file_count, sizeof *files);

    if (bytes == NULL || path == NULL || files == NULL)
        return NULL;
    policy->files = files;
    files += policy->file_count++;
    *files = (struct policy_file){.path = path, .bytes = bytes, .length = length};
    return files;
}

const struct policy_file *files_add(struct loader *loader, char *path, const char *bytes,
                                    size_t length)
{
    return append(loader, path, arena_text(&loader->policy->memory, bytes, length), length);
}

const struct policy_file *files_read(struct loader *loader, struct position at, char *path,
                                     size_t largest)
{
    struct trust trust = *loader->trust;
    const struct policy_file *file = NULL;
    char *bytes = NULL;
    size_t size = 0;
    char why[512];
    int fd = -1;
    int error = EAGAIN, attempt;

    if (trust.largest > largest)
        trust.largest = largest;
    for (attempt = 0; error == EAGAIN && attempt < ATTEMPTS; attempt++) {
        fd = trusted_open(path, &trust, &size, why, sizeof why);
        if (fd < 0) {
            loader_error(loader, at, "%s", why);
            goto done;
        }
        bytes = arena_alloc(&loader->policy->memory, size + 1, 1);
        if (bytes == NULL)
            goto done;
        error = trusted_read(fd, bytes, size);
        close(fd);
        fd = -1;
    }
    if (error != 0) {
        loader_error(loader, at, "cannot read %s: %s", path,
                     error == EAGAIN ? "it changed while it was read" : strerror(error));
        goto done;
    }
    file = append(loader, path, bytes, size);

done:
    if (fd >= 0)
        close(fd);
    return file;
}
