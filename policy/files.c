/*
 * Reading the policy's files under common/trusted_file.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/values.h"

/* How often a file is read again that changes while it is read. */
#define ATTEMPTS 3

#define FRAGMENTS       "conf.d"
#define FRAGMENT_SUFFIX ".conf"

/* Of how many bytes the folder of the file at `path` is, with its slash. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/*
 * What a file or folder of the policy must be. Where a policy that is not in force lies, links may
 * lead to its folder; what it consists of is told as the helper sees it, which follows none.
 */
static struct trust trust_of(const struct loader *loader, const char *path)
{
    struct trust trust = *loader->trust;
    size_t folder = folder_length(loader->path);

    if (trust.unchecked && strncmp(path, loader->path, folder) == 0)
        trust.followed = folder;
    return trust;
}

/* Appends to the list, taking over `path` and `bytes`, which lie in the policy's memory. */
static struct policy_file *append(struct loader *loader, char *path, char *bytes, size_t length)
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

/* What stands in for the file at `path`, or NULL. */
static const struct policy_overlay *overlay_of(const struct loader *loader, const char *path)
{
    size_t i;

    for (i = 0; i < loader->overlay_count; i++)
        if (strcmp(loader->overlays[i].path, path) == 0)
            return &loader->overlays[i];
    return NULL;
}

/* Reads the file at `from`, told and kept as that at `path`. */
static struct policy_file *read_file(struct loader *loader, struct position at, char *path,
                                     const char *from, const struct trust *trust)
{
    struct file_stamp stamp = {.inode = 0};
    struct policy_file *file = NULL;
    char *bytes = NULL;
    size_t size = 0;
    char why[512];
    int fd = -1;
    int error = EAGAIN, attempt;

    for (attempt = 0; error == EAGAIN && attempt < ATTEMPTS; attempt++) {
        fd = trusted_open(from, trust, &size, why, sizeof why);
        if (fd < 0) {
            loader_error(loader, at, "%s", why);
            goto done;
        }
        bytes = arena_alloc(&loader->policy->memory, size + 1, 1);
        if (bytes == NULL)
            goto done;
        stamp = file_stamp_of_open(fd);
        error = trusted_read(fd, bytes, size);
        close(fd);
        fd = -1;
    }
    if (error != 0) {
        loader_error(loader, at, "cannot read %s: %s", from,
                     error == EAGAIN ? "it changed while it was read" : strerror(error));
        goto done;
    }
    file = append(loader, path, bytes, size);
    if (file != NULL)
        file->stamp = stamp;

done:
    if (fd >= 0)
        close(fd);
    return file;
}

const struct policy_file *files_read(struct loader *loader, struct position at, char *path,
                                     size_t largest)
{
    const struct policy_overlay *overlay = overlay_of(loader, path);
    struct trust trust = trust_of(loader, path);

    if (trust.largest > largest)
        trust.largest = largest;
    if (overlay == NULL)
        return read_file(loader, at, path, path, &trust);
    if (overlay->from == NULL)
        return append(loader, path,
                      arena_text(&loader->policy->memory, overlay->bytes, overlay->length),
                      overlay->length);
    trust.unchecked = true;
    trust.followed = folder_length(overlay->from);
    return read_file(loader, at, path, overlay->from, &trust);
}

/* Whether a file of this name in conf.d is meant for us; others lie there by accident. */
static bool is_fragment(const char *name)
{
    size_t length = strlen(name), suffix = sizeof FRAGMENT_SUFFIX - 1;

    return name[0] != '.' && length > suffix &&
           strcmp(name + length - suffix, FRAGMENT_SUFFIX) == 0;
}

/* Appends the path of a file of conf.d, unless its name is one that we do not take. */
static void add_fragment(struct loader *loader, const char *name, struct texts *paths)
{
    struct arena *memory = &loader->policy->memory;
    struct position folder = {loader->policy->fragments, 0};

    if (!value_is_of(name, VALUE_WORD_BYTES ".-", 1, NAME_MAX)) {
        loader_error(loader, folder,
                     "the name \"%s\"; files there have names of letters, digits and _.- only",
                     name);
        return;
    }
    texts_add(memory, paths, arena_format(memory, "%s/%s", folder.file, name));
}

/* Adds what stands in the folder on disk. */
static void list_folder(struct loader *loader, struct texts *paths)
{
    struct position folder = {loader->policy->fragments, 0};
    const struct dirent *entry;
    DIR *names = NULL;
    char why[512];
    const struct trust trust = trust_of(loader, folder.file);
    int fd = trusted_open_folder(folder.file, &trust, why, sizeof why);

    if (fd >= 0) {
        loader->policy->fragments_stamp = file_stamp_of_open(fd);
        names = fdopendir(fd);
    }
    if (names == NULL) {
        /* A folder above it that is missing is told of the configuration, which lies there too. */
        if (errno != ENOENT)
            loader_error(loader, folder, "%s", fd < 0 ? why : strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    for (errno = 0; (entry = readdir(names)) != NULL; errno = 0)
        if (is_fragment(entry->d_name))
            add_fragment(loader, entry->d_name, paths);
    if (errno != 0)
        loader_error(loader, folder, "cannot list it: %s", strerror(errno));
    closedir(names);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void files_find_fragments(struct loader *loader, struct texts *paths)
{
    struct policy *policy = loader->policy;
    size_t folder = folder_length(loader->path), i, distinct = 0;

    policy->fragments = arena_alloc(&policy->memory, folder + sizeof FRAGMENTS, 1);
    if (policy->fragments == NULL)
        return;
    memcpy(policy->fragments, loader->path, folder);
    strcpy(policy->fragments + folder, FRAGMENTS);
    if (!loader->in_memory)
        list_folder(loader, paths);
    folder = strlen(policy->fragments);
    for (i = 0; i < loader->overlay_count; i++) {
        const char *path = loader->overlays[i].path;

        if (strncmp(path, policy->fragments, folder) == 0 && path[folder] == '/' &&
            strchr(path + folder + 1, '/') == NULL && is_fragment(path + folder + 1))
            add_fragment(loader, path + folder + 1, paths);
    }
    if (paths->count > 1)
        qsort(paths->items, paths->count, sizeof *paths->items, compare_texts);
    /* A file that is there and has an overlay was found twice. */
    for (i = 0; i < paths->count; i++)
        if (distinct == 0 || strcmp(paths->items[distinct - 1], paths->items[i]) != 0)
            paths->items[distinct++] = paths->items[i];
    paths->count = distinct;
}
