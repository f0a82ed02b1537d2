/*
 * Users and groups through NSS, in a process of its own: an NSS source may load anything, and may
 * hang for minutes, so it runs apart from our secrets and is killed when the deadline passes.
 *
 * Found, not found and not answered are three things. A directory that cannot be asked must never
 * look like a person without groups.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOOKUP_H
#define XACCT_HELPER_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/deadline.h"
#include "policy/arena.h"
#include "policy/decide.h"
#include "policy/policy.h"

#define LOOKUP_NAME_MAX ((size_t)511) /* bytes of a user's or a group's name */

/* The most bytes that the names of a user's groups may have in all. */
#define LOOKUP_NAMES_MAX ((size_t)4 * 1024 * 1024)

/* A user as NSS knows it. */
struct user {
    char
        name[LOOKUP_NAME_MAX + 1]; /* as NSS returns it, which may differ from what was asked for */
    uid_t uid;
    gid_t gid;
};

/* A look-up process. The last seven are the pool's (helper/lookup_pool.h). */
struct lookup {
    int socket;         /* to it, or -1 when it does not run */
    pid_t pid;          /* of one that is our child and reaped by us, else 0 */
    int pidfd;          /* of one that is the forker's child, else -1 */
    unsigned unwaited;  /* replies that were there when they were looked for, in a row */
    uint64_t worked_us; /* microseconds that its answers of the present request took it */
    /* Whether what it answers can count; asked of one that does not answer at once. Or NULL. */
    bool (*is_current)(void *pool, const struct lookup *lookup);
    void *pool;
    /* Finds whoever need not be asked for. Returns whether, with *user filled. Or NULL. */
    bool (*find_local)(void *pool, const struct lookup *lookup, const char *name,
                       struct user *user);
    unsigned requests;   /* that it was taken for; what it remembers is of the present one alone */
    unsigned generation; /* of the files that it was let see, or an older one */
    struct lookup *next; /* among those that are idle, or among those that are used */
};

enum lookup_outcome { LOOKUP_FOUND, LOOKUP_NOT_FOUND, LOOKUP_UNANSWERED };

/*
 * Starts a process as our child. To be called before any secret is read and before the sandbox
 * closes; the process gets a sandbox of its own. Returns 0 or an errno.
 */
int lookup_start(struct lookup *lookup);

/* Ends the process, answered or not; our child is reaped too. One that does not run is left alone.
 */
void lookup_stop(struct lookup *lookup);

/* Begins that, for a process of our own: lookup_stop, which has to follow, waits for less of it. */
void lookup_stop_ahead(struct lookup *lookup);

/*
 * The user called `name`. When it is not answered, `why` says what happened, and the process may
 * have been killed: what is asked of it afterwards is unanswered too.
 */
enum lookup_outcome lookup_user(struct lookup *lookup, const char *name, struct deadline deadline,
                                struct user *user, char *why, size_t why_size);

/* As lookup_user for the user of `uid`, whose name is that very user's own. */
enum lookup_outcome lookup_uid(struct lookup *lookup, uid_t uid, struct deadline deadline,
                               struct user *user, char *why, size_t why_size);

/*
 * Whether `user` is in each of the policy's groups for which matters[i] is set, in their order, so
 * those of denies first: answers[i] is YES, NO, or UNKNOWN for what was not answered or does not
 * matter. A group that NSS returns under another name or gid than it was asked for is UNKNOWN.
 * `why` says what the first unanswered look-up ran into, and is empty when all were answered.
 * Sources: getgrnam_r(3), getgrouplist(3); with a stopped SSSD getgrouplist succeeds with the
 * primary group alone and leaves errno set, so any errno after it counts as unanswered.
 */
void lookup_groups(struct lookup *lookup, const struct policy *policy, const struct user *user,
                   const bool *matters, struct deadline deadline, enum answer *answers, char *why,
                   size_t why_size);

/*
 * The names of those groups of `user` that a pattern of the policy may be about: all that begin and
 * end as one says. They are in the form that NSS returns for the gid; one whose name is another
 * group's is not answered. Groups without a name are left out. Returns true and fills *names, which
 * lie in `memory`; or false when anything was not answered, with what that look-up ran into in
 * `why`.
 */
bool lookup_group_names(struct lookup *lookup, const struct policy *policy, const struct user *user,
                        struct deadline deadline, struct arena *memory, struct texts *names,
                        char *why, size_t why_size);

#endif
