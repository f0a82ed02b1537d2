/*
 * Live sessions in memory over the rig's records, for their tests.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_SESSIONS_RIG_H
#define XACCT_TESTS_SESSIONS_RIG_H

#include <sys/pidfd.h>
#include <sys/resource.h>

#include "helper/sessions.h"
#include "helper/task.h"
#include "session_rig.h"

#define UNKNOWN_ID "0123456789abcdef0123456789abcdef"

static inline void set_descriptors(rlim_t soft)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = soft;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/*
 * Whether there are pidfds at all. Under valgrind, which does not know them, the helper finds
 * processes in /proc, and cannot tell one that has gone from one that is hidden.
 */
static inline bool has_pidfds(void)
{
    int fd = pidfd_open(getpid(), 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static inline int sessions_begin(void **state)
{
    set_descriptors(1024);
    return task_loop_open() == 0 ? rig_start(state) : -1;
}

static inline int sessions_end(void **state)
{
    task_loop_close();
    return rig_stop(state);
}

static inline struct sessions *open_sessions(struct rig *rig)
{
    struct sessions *sessions;
    char why[1024];

    assert_int_equal(sessions_open(&rig->host, &sessions, why, sizeof why), 0);
    return sessions;
}

/* What a request of `uid` comes to: the answer; in `by` the id of what serves it, or "". */
static inline enum sessions_answer find(struct rig *rig, struct sessions *sessions, uid_t uid,
                                        const char *id, char by[SESSION_ID_SIZE])
{
    struct serving serving;
    enum sessions_answer answer =
        sessions_find(sessions, &rig->host, uid, id, time(NULL), &serving);

    by[0] = '\0';
    if (answer == SESSIONS_FOUND) {
        strcpy(by, serving.record.id);
        assert_int_equal(serving.adopted, id == NULL || strcmp(id, by) != 0);
        assert_int_equal(serving.record.uid, uid);
        serving_free(&serving);
    }
    return answer;
}

/* Checks that `id` serves a request of `uid` that names it, or does not. */
static inline void assert_serves(struct rig *rig, struct sessions *sessions, uid_t uid,
                                 const char *id, bool serves)
{
    char by[SESSION_ID_SIZE];

    assert_int_equal(find(rig, sessions, uid, id, by), serves ? SESSIONS_FOUND : SESSIONS_NONE);
    assert_string_equal(by, serves ? id : "");
}

#endif
