/*
 * Whose a call is. In the helper everything is somebody's; in a program that calls PAM only what
 * the module has on the stack is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/faults/whose.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unwind.h>

#define HELPER       "xacct-helper"
#define MODULE       "/pam_xacct.so"
#define FRAMES_TRACE 10

/* Where something lies in memory. */
struct extent {
    const char *start;
    const char *end;
};

static struct {
    enum place place;
    struct extent library; /* the C library */
    struct extent own;     /* this one */
    struct extent realloc; /* the helper's own realloc, which allocates for everybody */
} here;

static bool holds(const struct extent *extent, const void *address)
{
    return (const char *)address >= extent->start && (const char *)address < extent->end;
}

/* The object that an address lies in. */
static struct extent object_at(const void *address)
{
    struct dl_find_object found;

    if (_dl_find_object((void *)address, &found) != 0)
        return (struct extent){NULL, NULL};
    return (struct extent){found.dlfo_map_start, found.dlfo_map_end};
}

void whose_prepare(void)
{
    const void *reallocates = dlsym(RTLD_DEFAULT, "realloc");
    const ElfW(Sym) *symbol = NULL;
    Dl_info info;

    here.place = strcmp(program_invocation_short_name, HELPER) == 0 ? PLACE_HELPER : PLACE_CALLER;
    here.library = object_at((const void *)strerror);
    here.own = object_at((const void *)whose_prepare);
    if (here.place == PLACE_HELPER && !holds(&here.own, reallocates) &&
        !holds(&here.library, reallocates) &&
        dladdr1(reallocates, &info, (void **)&symbol, RTLD_DL_SYMENT) != 0 && symbol != NULL)
        here.realloc = (struct extent){reallocates, (const char *)reallocates + symbol->st_size};
}

enum place whose_place(void)
{
    return here.place;
}

/* Whether an address is in the code that the faults are for. */
static bool is_ours(const void *address)
{
    struct dl_find_object found;
    const char *name;
    size_t length;

    if (_dl_find_object((void *)address, &found) != 0)
        return false;
    name = found.dlfo_link_map->l_name;
    if (here.place == PLACE_HELPER)
        return name[0] == '\0';
    length = strlen(name);
    return length >= strlen(MODULE) && strcmp(name + length - strlen(MODULE), MODULE) == 0;
}

/* Whether an address is in what calls on behalf of others. */
static bool is_between(const void *address)
{
    return holds(&here.library, address) || holds(&here.own, address) ||
           holds(&here.realloc, address);
}

struct walk {
    enum whose whose;
    bool past_library; /* somebody was met who is not the C library */
};

static _Unwind_Reason_Code look_at(struct _Unwind_Context *context, void *argument)
{
    struct walk *walk = argument;
    const void *address = (const void *)_Unwind_GetIP(context);

    if (!walk->past_library && is_between(address))
        return _URC_NO_REASON;
    if (is_ours(address)) {
        walk->whose = walk->past_library ? WHOSE_THEIRS : WHOSE_OURS;
        return _URC_END_OF_STACK;
    }
    if (here.place == PLACE_HELPER) {
        walk->whose = WHOSE_THEIRS;
        return _URC_END_OF_STACK;
    }
    walk->past_library = true;
    return _URC_NO_REASON;
}

enum whose whose_is(const void *caller)
{
    struct walk walk = {WHOSE_NOBODY, false};

    /* The stack is looked through only where that takes it. */
    if (!is_between(caller)) {
        if (is_ours(caller))
            return WHOSE_OURS;
        if (here.place == PLACE_HELPER)
            return WHOSE_THEIRS;
    }
    _Unwind_Backtrace(look_at, &walk);
    return walk.whose;
}

/* A trace that is being written. */
struct writing {
    char *text;
    size_t size;
    size_t length;
    int frames;
    const void *caller;
    bool begun;
};

static _Unwind_Reason_Code write_frame(struct _Unwind_Context *context, void *argument)
{
    struct writing *writing = argument;
    const char *address = (const char *)_Unwind_GetIP(context), *name;
    struct dl_find_object found;
    int length;

    writing->begun = writing->begun || address == writing->caller || writing->caller == NULL;
    if (!writing->begun || _dl_find_object((void *)address, &found) != 0)
        return _URC_NO_REASON;
    name = strrchr(found.dlfo_link_map->l_name, '/');
    length = snprintf(writing->text + writing->length, writing->size - writing->length,
                      "\t%s+0x%lx", name != NULL ? name + 1 : program_invocation_short_name,
                      (unsigned long)(address - (const char *)found.dlfo_link_map->l_addr));
    if (length < 0 || (size_t)length >= writing->size - writing->length)
        return _URC_END_OF_STACK;
    writing->length += (size_t)length;
    return ++writing->frames < FRAMES_TRACE ? _URC_NO_REASON : _URC_END_OF_STACK;
}

void whose_trace(char *text, size_t size, const char *name, const void *caller)
{
    struct writing writing = {.text = text, .size = size, .caller = caller};

    writing.length = (size_t)snprintf(text, size, "%s", name);
    _Unwind_Backtrace(write_frame, &writing);
}
