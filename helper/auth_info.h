/*
 * SSH_AUTH_INFO_0, in which sshd(8) says how it authenticated a login: a line for each method, and
 * behind that of a public key the key. As auth2.c of OpenSSH writes it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_AUTH_INFO_H
#define XACCT_HELPER_AUTH_INFO_H

#include <stddef.h>

#include "common/ssh_wire.h"
#include "policy/arena.h"
#include "policy/policy.h"

/* A user's public key that was used, or certificate. */
struct auth_key {
    const char *type; /* as in ssh-keygen(1) */
    struct ssh_bytes bytes;
};

struct auth_info {
    struct texts methods;  /* METHOD or METHOD/SUBMETHOD, in their order */
    struct auth_key *keys; /* of the method publickey alone: hostbased has keys of hosts */
    size_t key_count;
};

/*
 * Reads all of `text`; what is read lies in `memory`. Returns 0; EBADMSG when it is not of sshd's
 * form, with what is wrong in *wrong, a constant phrase; or ENOMEM.
 */
int auth_info_read(const char *text, struct arena *memory, struct auth_info *info,
                   const char **wrong);

#endif
