/*
 * The list of what is wrong with a policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/loader.h"

/* Makes room for one more, in steps of powers of two. Returns false when there is no memory. */
static bool grow(struct policy_errors *errors)
{
    struct policy_error *items;

    if (errors->count > 0 && (errors->count & (errors->count - 1)) != 0)
        return true;
    items = reallocarray(errors->items, errors->count > 0 ? errors->count * 2 : 1, sizeof *items);
    if (items == NULL)
        return false;
    errors->items = items;
    return true;
}

void loader_verror(struct loader *loader, struct position at, const char *format, va_list arguments)
{
    struct policy_errors *errors = loader->errors;
    char *text = NULL;
    char *file = strdup(at.file);

    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    if (file == NULL || text == NULL || !grow(errors)) {
        loader->scratch.exhausted = true;
        free(file);
        free(text);
        return;
    }
    errors->items[errors->count++] =
        (struct policy_error){.file = file, .line = at.line, .text = text};
}

void loader_error(struct loader *loader, struct position at, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    loader_verror(loader, at, format, arguments);
    va_end(arguments);
}

const char *loader_place(struct loader *loader, struct position here, struct position there)
{
    size_t size = strlen(there.file) + sizeof "line :4294967295";
    char *place = arena_alloc(&loader->scratch, size, 1);

    if (place == NULL)
        return "another place";
    if (strcmp(here.file, there.file) == 0)
        snprintf(place, size, "line %u", there.line);
    else
        snprintf(place, size, "%s:%u", there.file, there.line);
    return place;
}

static int compare_errors(const void *a, const void *b)
{
    const struct policy_error *left = a;
    const struct policy_error *right = b;
    int files = strcmp(left->file, right->file);

    if (files != 0)
        return files;
    return (left->line > right->line) - (left->line < right->line);
}

void loader_sort_errors(struct policy_errors *errors)
{
    if (errors->count > 1)
        qsort(errors->items, errors->count, sizeof *errors->items, compare_errors);
}

void policy_errors_free(struct policy_errors *errors)
{
    size_t i;

    if (errors == NULL)
        return;
    for (i = 0; i < errors->count; i++) {
        free(errors->items[i].file);
        free(errors->items[i].text);
    }
    free(errors->items);
    errors->items = NULL;
    errors->count = 0;
}
