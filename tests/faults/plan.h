/*
 * What the library of faults and the tests that command it share: one file that both map, the same
 * for every process of a login. plan.py has its other side.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FAULTS_PLAN_H
#define XACCT_TESTS_FAULTS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_PATH "/mnt/faults/plan"

/* What a call is about. */
enum kind {
    KIND_MEMORY,  /* malloc(3) and its family */
    KIND_MAP,     /* mmap, mprotect, mlock */
    KIND_READ,    /* read, pread, and the streams' */
    KIND_WRITE,   /* write, and the streams' */
    KIND_OPEN,    /* open, openat, fopen, opendir, and streams in memory */
    KIND_CONNECT, /* connect, and getaddrinfo */
    KIND_FORK,    /* fork, clone, execve, pthread_create */
    KIND_SOCKET,  /* what else makes a descriptor */
    KIND_MESSAGE, /* send, recv, and their family */
    KIND_FILE,    /* what changes, syncs or looks at files */
    KIND_WAIT,    /* poll, epoll, waitpid */
    KIND_PROCESS, /* what a process asks of itself: limits, ids, signals, its sandbox */
    KIND_CURL,    /* libcurl's functions */
    KIND_LOOKUP,  /* NSS */
    KIND_LIBRARY, /* dlopen, dlsym */
    KIND_COUNT
};

/* Whose call it is: who is the first on the stack that is not the C library. */
enum whose {
    WHOSE_NOBODY = 0, /* a program that has nothing of ours on the stack */
    WHOSE_OURS = 1,   /* the module or the helper */
    WHOSE_THEIRS = 2  /* a library that they have called */
};

/* Which side of a login it happens on. */
enum place {
    PLACE_CALLER = 1, /* the program that has loaded the module, and what the module forks */
    PLACE_HELPER = 2  /* the helper, and what it forks */
};

/* The least that a call may give is given, instead of a failure; see plan.error. */
#define ERROR_SHORT (-1)

#define TRACE_SIZE 1024

/* The order, and no padding, are known to plan.py. */
struct plan {
    uint32_t kinds;         /* a bit for each kind that counts */
    uint32_t whose;         /* those that count */
    uint32_t places;        /* those that count */
    int32_t error;          /* what is failed with; 0: with what is natural for the call */
    uint64_t number;        /* of the call that fails, from 1; 0: all pass */
    uint64_t last;          /* of the last one that fails */
    uint64_t count;         /* calls so far */
    uint64_t struck;        /* of those, failed */
    int64_t live;           /* pieces of memory that were allocated while `watched` and not freed */
    uint32_t watched;       /* whether that is kept account of */
    uint32_t crashes;       /* processes that died of a signal of their own making */
    char trace[TRACE_SIZE]; /* the call that failed first, and who called it */
    char crash_trace[TRACE_SIZE]; /* the same of the first crash */
};

/*
 * Counts a call and says whether it is to fail; errno is then set, to `error` where the plan does
 * not say another. `name` is the function's, `caller` its return address.
 */
bool plan_strikes(enum kind kind, const char *name, int error, const void *caller);

/* As plan_strikes, for a call that gives so many bytes at most: where the plan says that it gives
 * fewer, and not none, *size is made less and false returned. */
bool plan_strikes_sized(enum kind kind, const char *name, int error, const void *caller,
                        size_t *size);

/* Keeps account of a piece of memory that the watched side of a login has allocated. */
void plan_watch(const void *memory, const void *caller);

/* And that it was freed; NULL and what was never watched are passed over. */
void plan_unwatch(const void *memory);

/* Says that this process is a copy, whose memory is not kept account of. */
void plan_forked(void);

/* The C library's function of this name, behind ours. */
void *plan_real(const char *name);

#endif
