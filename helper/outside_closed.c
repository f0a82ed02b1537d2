/*
 * Listing what is closed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/outside_closed.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"

#define OF_BASE 4 /* paths at most */
#define OTHERS  8 /* at most, beside those of bases and of files */

struct list {
    char **paths; /* room for all, all NULL at first */
    size_t count;
    bool exhausted;
};

/*
 * Where a path leads to; of a file or folder that is not there yet, as an audit file that was just
 * rotated, where it would be. The caller frees it; NULL where its folder is not there either.
 */
static char *resolve(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    char *real = realpath(path, NULL), *folder, *real_folder;

    if (real != NULL || *name == '\0')
        return real;
    folder = strndup(path, (size_t)(name - path));
    real_folder = folder != NULL ? realpath(folder, NULL) : NULL;
    free(folder);
    if (real_folder == NULL)
        return NULL;
    if (asprintf(&real, "%s/%s", strcmp(real_folder, "/") != 0 ? real_folder : "", name) < 0)
        real = NULL;
    free(real_folder);
    return real;
}

/* Adds a path, which may be NULL, and whatever it leads to; with `end` behind it. */
static void add(struct list *list, const char *path, const char *end)
{
    char *real;

    if (path == NULL || *path != '/')
        return;
    errno = 0;
    real = resolve(path);
    if (real == NULL)
        list->exhausted = list->exhausted || errno == ENOMEM;
    else if (asprintf(&list->paths[list->count], "%s%s", real, end) >= 0)
        list->count++;
    else {
        list->paths[list->count] = NULL;
        list->exhausted = true;
    }
    free(real);
}

/* Adds a file of the policy; with all that are in its folder, unless that is the configuration's.
 */
static void add_policy_file(struct list *list, const char *configuration, const char *path)
{
    const size_t length = (size_t)(strrchr(path, '/') - path);
    char *folder;

    if (strncmp(path, configuration, length) == 0 &&
        strrchr(configuration, '/') == configuration + length) {
        add(list, path, "");
        return;
    }
    folder = strndup(path, length);
    if (folder == NULL)
        list->exhausted = true;
    add(list, folder, "/");
    free(folder);
}

/* A key in a token is a URI, and left out. */
static void add_base(struct list *list, const struct base *base, bool runs)
{
    add(list, base->file, "");
    add(list, base->token_file, "");
    add(list, base->key, "");
    if (!runs)
        add(list, base->pin_file, "");
}

char **outside_closed(const struct policy *policy, const struct base *base)
{
    const size_t most = policy->base_count * OF_BASE + policy->file_count + OTHERS;
    struct list list = {.paths = calloc(most + 1, sizeof *list.paths)};
    size_t i;

    if (list.paths == NULL)
        return NULL;
    for (i = 0; i < policy->file_count; i++)
        add_policy_file(&list, policy->files[0].path, policy->files[i].path);
    add(&list, policy->fragments, "");
    for (i = 0; i < policy->base_count; i++)
        add_base(&list, &policy->bases[i], &policy->bases[i] == base);
    add(&list, policy->audit, "");
    add(&list, policy->sessions, "");
    /* A folder that a program may have a folder of its own in. */
    add(&list, policy->state, "/");
    add(&list, POLICY_DEFAULT_AUDIT, "");
    add(&list, POLICY_DEFAULT_SESSIONS, "");
    add(&list, POLICY_DEFAULT_STATE, "/");
    if (!list.exhausted)
        return list.paths;
    outside_closed_free(list.paths);
    return NULL;
}

void outside_closed_free(char **closed)
{
    size_t i;

    for (i = 0; closed != NULL && closed[i] != NULL; i++)
        free(closed[i]);
    free(closed);
}
