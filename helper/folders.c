/*
 * Folders of the policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/folders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helper/sandbox.h"
#include "policy/load.h"

/* Adds a folder of `length` bytes to a list, in its place, unless it is there. */
static void add(struct folders *folders, struct texts *list, const char *path, size_t length)
{
    char *folder = arena_text(&folders->memory, path, length);
    size_t at = list->count;
    char **items;

    while (folder != NULL && at > 0 && strcmp(list->items[at - 1], folder) >= 0)
        at--;
    if (folder == NULL || (at < list->count && strcmp(list->items[at], folder) == 0))
        return;
    items = arena_grow(&folders->memory, list->items, list->count, sizeof *items);
    if (items == NULL)
        return;
    memmove(items + at + 1, items + at, (list->count - at) * sizeof *items);
    items[at] = folder;
    list->items = items;
    list->count++;
}

static void add_writable(struct folders *folders, const char *path)
{
    add(folders, &folders->writable, path, strlen(path));
}

/* Adds the folder of the file at `path`, which may be NULL. */
static void add_folder_of(struct folders *folders, struct texts *list, const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    if (slash != NULL)
        add(folders, list, path, slash > path ? (size_t)(slash - path) : 1);
}

static void add_base(struct folders *folders, const struct base *base)
{
    /* A key in a PKCS#11 token is a URI. */
    const char *key = base->key != NULL && base->key[0] == '/' ? base->key : NULL;
    const char *const files[] = {base->file, base->token_file, base->certificate, key,
                                 base->pin_file};
    size_t i;

    for (i = 0; i < sizeof files / sizeof *files; i++)
        add_folder_of(folders, &folders->readable, files[i]);
}

int folders_of(struct folders *folders, const char *config, const char *state,
               const struct policy *policy)
{
    size_t i;

    *folders = (struct folders){.readable = {NULL, 0}};
    add_folder_of(folders, &folders->readable, config);
    if (policy != NULL)
        add_folder_of(folders, &folders->readable, policy->ca_bundle);
    for (i = 0; policy != NULL && i < policy->base_count; i++)
        add_base(folders, &policy->bases[i]);
    add_folder_of(folders, &folders->writable,
                  policy != NULL ? policy->audit : POLICY_DEFAULT_AUDIT);
    add_writable(folders, policy != NULL ? policy->sessions : POLICY_DEFAULT_SESSIONS);
    add_writable(folders, policy != NULL ? policy->state : POLICY_DEFAULT_STATE);
    if (state != NULL)
        add_writable(folders, state);
    /* Where the last good policy may lie from before it was kept elsewhere. */
    add_writable(folders, POLICY_DEFAULT_STATE);
    return folders->memory.exhausted ? ENOMEM : 0;
}

bool folders_same(const struct folders *a, const struct folders *b)
{
    return texts_same(&a->readable, &b->readable) && texts_same(&a->writable, &b->writable);
}

/* The list with `more`, which may be NULL, and a NULL at its end; to be freed, or NULL. */
static const char **ended(const struct texts *list, const char *more)
{
    const char **all = calloc(list->count + 2, sizeof *all);

    if (all == NULL)
        return NULL;
    memcpy(all, list->items, list->count * sizeof *all);
    all[list->count] = more;
    return all;
}

int folders_close_sandbox(const struct folders *folders, bool service)
{
    const char **readable = ended(&folders->readable, service ? "/proc" : NULL);
    const char **writable = ended(&folders->writable, NULL);
    int error = ENOMEM;

    if (readable != NULL && writable != NULL)
        error = sandbox_close_helper(readable, writable);
    free(readable);
    free(writable);
    return error;
}

void folders_free(struct folders *folders)
{
    arena_free(&folders->memory);
    *folders = (struct folders){.readable = {NULL, 0}};
}
