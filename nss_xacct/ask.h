/*
 * Asking the service for Unix groups. Every program of the host comes here, so it takes no longer
 * than a fifth of a second, reads no environment, and leaves behind what it found: errno,
 * descriptors, signals, cancellation.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_NSS_XACCT_ASK_H
#define XACCT_NSS_XACCT_ASK_H

#include <stddef.h>
#include <sys/types.h>

#include "common/unix_group.h"

struct found_group {
    char name[UNIX_GROUP_NAME_SIZE];
    gid_t gid;
};

struct found_groups {
    struct found_group *items; /* owned */
    size_t count;
};

/*
 * Asks by `key` and `value`, one of WIRE_USER, WIRE_GROUP and WIRE_GID, or with NULL for all that
 * whoever asks may see. *groups, which the caller frees with found_groups_free, holds what the
 * service told, or nothing: where there is none, where it could not be reached or did not answer in
 * time, which is remembered for a second, where what listens is neither root's nor the helper's,
 * and in the helper's own processes, which would wait for themselves. A setuid program of root's
 * asks, but for WIRE_USER, for what whoever started it may see.
 */
void ask_for_groups(const char *key, const char *value, struct found_groups *groups);

/* Frees the list; it is empty afterwards. errno stays. */
void found_groups_free(struct found_groups *groups);

#endif
