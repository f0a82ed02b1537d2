/*
 * The token or the SAML assertion that a user's SSO left for their session, kept in locked memory
 * while the session lives, so that a role by `via` can be renewed. For the service; nothing of it
 * is ever written to a file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_PROOFS_H
#define XACCT_HELPER_PROOFS_H

#include <sys/types.h>

#include "common/secret.h"
#include "common/wire.h"
#include "policy/policy.h"

/*
 * The most bytes of all proofs together: they must not fill the arena, where every login needs
 * room. Beyond it the oldest go first of the user who has the most bytes, so that nobody makes
 * others lose theirs by logging in again and again.
 */
#define PROOFS_HELD_MOST ((size_t)2 * 1024 * 1024)

struct proofs;

/* Returns an empty store, which the caller frees, or NULL without memory. */
struct proofs *proofs_new(void);

/* Wipes and frees it. NULL is left alone. */
void proofs_free(struct proofs *proofs);

/*
 * Keeps a copy of the proof of one kind, `length` bytes, of a session of user `uid`, in place of
 * what it had. Returns 0, or ENOMEM when there is no locked memory left: then the session has none.
 */
int proofs_keep(struct proofs *proofs, const char session[SESSION_ID_SIZE], uid_t uid,
                enum via kind, const char *proof, size_t length);

/* The session's proof of this kind, valid until the next task has its turn; or NULL. */
const struct secret *proofs_find(const struct proofs *proofs, const char session[SESSION_ID_SIZE],
                                 enum via kind);

/* Wipes what the session has. NULL is left alone. */
void proofs_drop(struct proofs *proofs, const char session[SESSION_ID_SIZE]);

#endif
