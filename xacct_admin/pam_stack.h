/*
 * The lines of a PAM service, in the order in which libpam asks them, as there is no function of
 * libpam's that reads them. Source: pam.d(5), and Debian's "@include".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_PAM_STACK_H
#define XACCT_XACCT_ADMIN_PAM_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/arena.h"
#include "policy/policy.h"

enum pam_type { PAM_TYPE_AUTH, PAM_TYPE_ACCOUNT, PAM_TYPE_PASSWORD, PAM_TYPE_SESSION, PAM_TYPES };

struct pam_line {
    struct position at;
    enum pam_type type;
    const char *control; /* as it is written, such as "required" or "[success=1 default=ignore]" */
    const char *module;  /* as it is written */
    const char *name;    /* of it, without its folder */
    struct texts arguments;
    bool may_be_missing; /* the module: a "-" stood before the type */
    bool in_substack;    /* what ends the stack there does not end the whole */
};

struct pam_stack {
    struct pam_line *lines;
    size_t count;
    struct position fault_at; /* where something could not be read: */
    const char *fault;        /* why, or NULL */
};

/* The folder of a host's services. */
#define PAM_FOLDER "/etc/pam.d"

/* Reads the service; everything lies in `memory`. What follows a fault in a file is left out. */
void pam_stack_read(const char *service, struct arena *memory, struct pam_stack *stack);

/*
 * Whether the success of the line ends the stack before those below it, or jumps over `distance` of
 * its lines at least; what only ends a substack does not count. Source: pam.conf(5), on control.
 */
bool pam_line_ends_early(const struct pam_line *line, size_t distance);

#endif
