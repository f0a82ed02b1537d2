/*
 * xacct doctor: whether this host keeps what pam_xacct promises. It is a row of examinations, each
 * in a file of its own, which look and change nothing; each notes what it found.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_DOCTOR_H
#define XACCT_XACCT_ADMIN_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/arena.h"
#include "xacct/command.h"
#include "xacct_admin/helper_ask.h"
#include "xacct_admin/reading.h"

#define DOCTOR_MS     5000  /* for one program */
#define DOCTOR_NOBODY 65534 /* the overflow uid and gid, which are no person's */

/* How something came out. Warnings and faults are findings. */
enum doctor_result {
    DOCTOR_OK,
    DOCTOR_NOTE,        /* nothing wrong, and good to know */
    DOCTOR_CANNOT_TELL, /* it could not be looked at, and the text says why */
    DOCTOR_WARNING,     /* may do harm */
    DOCTOR_FAULT,       /* breaks a promise */
    DOCTOR_RESULTS
};

struct doctor;

/* One examination. */
struct examination {
    const char *name; /* one word, for --only */
    const char *asks; /* what it asks, as a question */
    void (*run)(struct doctor *doctor);
};

/* All of them, in their order, ending in one without a name. */
extern const struct examination examinations[];

struct doctor_finding {
    const struct examination *examination;
    enum doctor_result result;
    struct position at; /* without a file: nowhere in particular */
    const char *text;   /* what; may quote names as they are */
    const char *remedy; /* what to do, or NULL */
};

/* One run of the command. */
struct doctor {
    const struct invocation *invocation;
    struct reading reading; /* the policy, where it has no errors */
    struct helper_asker helper;
    bool user_known; /* the user who was named has a uid: */
    uid_t user_uid;
    gid_t user_gid;                /* that of /etc/passwd, or nobody's */
    const struct examination *now; /* the one that runs */
    struct doctor_finding *items;
    size_t count;
    struct arena memory; /* of all texts; exhausted: something could not be noted */
};

/*
 * Notes what the running examination found: at a place, or at doctor_nowhere. `remedy` is kept as
 * it is, so it is a constant or lies in doctor->memory; NULL when there is nothing to do. The other
 * arguments are printf's. What is noted already is not noted again.
 */
__attribute__((format(printf, 5, 6))) void doctor_add(struct doctor *doctor,
                                                      enum doctor_result result, struct position at,
                                                      const char *remedy, const char *format, ...);

extern const struct position doctor_nowhere;

/* Whether the running examination noted a warning or a fault. */
bool doctor_found(const struct doctor *doctor);

/* Whether a uid is a person's: by the policy, or without one by its default. */
bool doctor_is_person(const struct doctor *doctor, uid_t uid);

/* The examinations. Each says at least one thing. */
void doctor_metadata(struct doctor *doctor);
void doctor_modes(struct doctor *doctor);
void doctor_mounts(struct doctor *doctor); /* a part of doctor_modes */
void doctor_policy(struct doctor *doctor);
void doctor_pam(struct doctor *doctor);
void doctor_sshd(struct doctor *doctor);
void doctor_root(struct doctor *doctor);
void doctor_base(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);
void doctor_sts(struct doctor *doctor);
void doctor_roles(struct doctor *doctor);

#endif
