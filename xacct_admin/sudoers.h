/*
 * Who may run everything as root by sudo, as cvtsudoers(1) of sudo itself reads /etc/sudoers and
 * what it includes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_SUDOERS_H
#define XACCT_XACCT_ADMIN_SUDOERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/arena.h"
#include "policy/policy.h"

#define SUDOERS "/etc/sudoers"

/* What the rules that let somebody run ALL commands as root, or as anybody, begin with. */
struct sudoers {
    bool is_read;        /* there is sudo, and its rules were read */
    bool everybody;      /* ALL */
    struct texts users;  /* names, or #UID */
    struct texts groups; /* names, or #GID */
    struct texts others; /* netgroups and the like, of which nobody can tell who is in them */
    const char *why; /* not NULL: there is sudo, and its rules could not be read, as this says */
};

/* Reads them within `milliseconds`; texts lie in `memory`. */
void sudoers_read(int milliseconds, struct arena *memory, struct sudoers *sudoers);

/*
 * The first line of /etc/sudoers and of the files in /etc/sudoers.d whose users have this one, in
 * the words of struct sudoers (a group with % before it); without a file where none has, as it is
 * in an alias. cvtsudoers tells no places.
 */
struct position sudoers_place(const char *who, struct arena *memory);

#endif
