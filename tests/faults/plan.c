/*
 * Counting calls, and failing the one that a test has named.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/faults/plan.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/faults/whose.h"

#define WATCHED_MOST 65536 /* a power of two, several times as many as are alive at once */

static struct plan *plan;

/* Set while this library itself calls, which counts for nothing. */
static __thread bool inside __attribute__((tls_model("initial-exec")));

/* What is alive, by a hash of its address: of this process alone, as a fork copies it. */
static const void *watched[WATCHED_MOST];
static const char gone; /* in the place of one that was freed */
static bool is_copy;    /* a fork: what is freed here is alive elsewhere */

/* A process that crashes says where; then it dies as it would have. */
static void tell_crash(int number)
{
    char name[32];

    if (__atomic_fetch_add(&plan->crashes, 1, __ATOMIC_RELAXED) == 0) {
        inside = true;
        snprintf(name, sizeof name, "signal %d", number);
        whose_trace(plan->crash_trace, sizeof plan->crash_trace, name, NULL);
    }
}

__attribute__((constructor)) static void prepare(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
    const struct sigaction telling = {.sa_handler = tell_crash, .sa_flags = (int)SA_RESETHAND};
    struct plan *mapped = MAP_FAILED;
    size_t i;
    int fd;

    inside = true;
    whose_prepare();
    fd = open(PLAN_PATH, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        mapped = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) {
        fprintf(stderr, "the plan of faults %s cannot be mapped: %s\n", PLAN_PATH, strerror(errno));
        _exit(125);
    }
    close(fd);
    plan = mapped;
    for (i = 0; i < sizeof fatal / sizeof *fatal; i++)
        sigaction(fatal[i], &telling, NULL);
    inside = false;
}

/* Whether calls of this kind and from here count, which is quickly said. */
static bool counts(enum kind kind)
{
    return plan != NULL && !inside && (plan->kinds & (1U << kind)) != 0 &&
           (plan->places & whose_place()) != 0;
}

/* Counts a call that counts. Returns whether it fails. */
static bool strikes(const char *name, const void *caller)
{
    const int before = errno;
    bool struck = false;

    inside = true;
    if ((plan->whose & whose_is(caller)) != 0) {
        uint64_t number = __atomic_add_fetch(&plan->count, 1, __ATOMIC_RELAXED);

        struck = plan->number != 0 && number >= plan->number && number <= plan->last;
        if (struck && __atomic_fetch_add(&plan->struck, 1, __ATOMIC_RELAXED) == 0)
            whose_trace(plan->trace, sizeof plan->trace, name, caller);
    }
    inside = false;
    errno = before;
    return struck;
}

bool plan_strikes(enum kind kind, const char *name, int error, const void *caller)
{
    if (!counts(kind) || !strikes(name, caller))
        return false;
    errno = plan->error > 0 ? plan->error : error;
    return true;
}

bool plan_strikes_sized(enum kind kind, const char *name, int error, const void *caller,
                        size_t *size)
{
    if (!plan_strikes(kind, name, error, caller))
        return false;
    if (plan->error != ERROR_SHORT || *size < 2)
        return true;
    *size = 1;
    return false;
}

/* Where an address stands, or would stand. */
static const void **place_of(const void *memory, bool free_too)
{
    size_t at = ((uintptr_t)memory >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 48, tries;

    for (tries = 0; tries < WATCHED_MOST; tries++, at++) {
        const void **place = &watched[at % WATCHED_MOST];

        if (*place == memory || *place == NULL || (free_too && *place == &gone))
            return place;
    }
    return NULL;
}

void plan_watch(const void *memory, const void *caller)
{
    const int before = errno;
    const void **place;

    if (memory == NULL || plan == NULL || inside || is_copy || (plan->watched & whose_place()) == 0)
        return;
    inside = true;
    /* What a library keeps on behalf of the helper is the library's. */
    if (whose_is(caller) == WHOSE_OURS ||
        (whose_place() == PLACE_CALLER && whose_is(caller) != WHOSE_NOBODY)) {
        place = place_of(memory, true);
        if (place != NULL) {
            *place = memory;
            __atomic_add_fetch(&plan->live, 1, __ATOMIC_RELAXED);
        }
    }
    inside = false;
    errno = before;
}

void plan_unwatch(const void *memory)
{
    const void **place =
        memory != NULL && plan != NULL && !is_copy ? place_of(memory, false) : NULL;

    if (place == NULL || *place != memory)
        return;
    *place = watched[(size_t)(place - watched + 1) % WATCHED_MOST] == NULL ? NULL : &gone;
    __atomic_sub_fetch(&plan->live, 1, __ATOMIC_RELAXED);
}

void plan_forked(void)
{
    is_copy = true;
}

void *plan_real(const char *name)
{
    static void *(*find)(void *, const char *);
    const bool before = inside;
    void *found;

    inside = true;
    if (find == NULL) {
        /* dlsym itself is one of those that may fail. */
        found = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
        memcpy(&find, &found, sizeof find);
    }
    found = find(RTLD_NEXT, name);
    inside = before;
    if (found == NULL)
        abort();
    return found;
}
