/*
 * The outcomes of a request, as they travel in a reply's `status`, stand in the audit file and in
 * XACCT_ERROR, and decide the PAM return code. The names are a stable interface.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_STATUS_H
#define XACCT_COMMON_STATUS_H

enum status {
    STATUS_PERMITTED,     /* at least one role is permitted; for open: the session is recorded */
    STATUS_UNMANAGED,     /* a system user: not ours to judge */
    STATUS_NO_GRANT,      /* no grant names this login */
    STATUS_DENIED,        /* a [deny] names it, or takes away every role that grants give */
    STATUS_EXPIRED,       /* every grant that names it has ended */
    STATUS_UNDECIDED,     /* of check: what decides shows only when the session opens */
    STATUS_UNAVAILABLE,   /* a directory, STS, the disk or the helper did not answer as it must */
    STATUS_MISCONFIGURED, /* the policy, a credentials file or the installation is wrong */
    STATUS_UNSUPPORTED,   /* an operation that this version does not know */
    STATUS_COUNT
};

/*
 * The name of a status on the wire and in the audit file, for example "no-grant".
 * Returns a constant string; "unavailable" for a value outside the enum.
 */
const char *status_name(enum status status);

/*
 * The status with this name. Returns STATUS_COUNT when the name is NULL or not known.
 */
enum status status_from_name(const char *name);

/*
 * What a status means, in a few words for a person, for example "no grant names this login".
 * Returns a constant string.
 */
const char *status_text(enum status status);

#endif
