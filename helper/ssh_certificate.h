/*
 * SSH certificates as OpenSSH makes them: PROTOCOL.certkeys of its sources.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SSH_CERTIFICATE_H
#define XACCT_HELPER_SSH_CERTIFICATE_H

#include <stdbool.h>
#include <time.h>

#include "common/ssh_wire.h"
#include "policy/arena.h"
#include "policy/policy.h"

/* The most bytes that key id and principals may have together, which a session's record keeps. */
#define SSH_CERTIFICATE_NAMES_MAX ((size_t)6 * 1024)

/* The parts of a certificate, in its bytes. */
struct ssh_certificate {
    struct ssh_bytes text;      /* all that is signed */
    struct ssh_bytes authority; /* the public key that signed it */
    struct ssh_bytes signature;
    uint64_t serial;
    uint32_t kind; /* user or host */
    struct ssh_bytes key_id;
    struct ssh_bytes principals; /* strings, one behind the other */
    uint64_t valid_after;        /* the first second, since 1970, at which it is valid, */
    uint64_t valid_before;       /* and the first at which it is no more */
    struct ssh_bytes critical_options;
    struct ssh_bytes extensions;
};

/* What a certificate says of whoever has its key. Texts lie in the arena that was given. */
struct ssh_names {
    const char *key_id; /* may be empty */
    struct texts principals;
    time_t ends; /* the first second at which it is valid no more; 0: never */
};

/* Whether a type of key, such as "ssh-ed25519-cert-v01@openssh.com", is one of certificates. */
bool ssh_certificate_is(const char *type);

/*
 * Finds the parts of a certificate of the type `type` in all of `bytes`. Nothing of it is believed
 * yet. Returns NULL and fills *certificate, or returns what is wrong, a constant phrase.
 */
const char *ssh_certificate_read(const char *type, struct ssh_bytes bytes,
                                 struct ssh_certificate *certificate);

/*
 * Checks that the certificate is for a user, valid at `now` (seconds since 1970), signed by the
 * authority that it names, restricted by nothing but what is known here, and that its names are
 * texts; and reads those. What `force-command` and `source-address` say is for sshd(8) to enforce,
 * and `verify-required` too. Returns true and fills *names, whose texts lie in `memory`; or false
 * with a phrase in `why`.
 */
bool ssh_certificate_check(const struct ssh_certificate *certificate, time_t now,
                           struct arena *memory, struct ssh_names *names, char *why,
                           size_t why_size);

#endif
