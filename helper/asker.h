/*
 * Under whose name something is counted that a request uses up: always the one who can bring it
 * about again, so that nobody uses up what is another's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ASKER_H
#define XACCT_HELPER_ASKER_H

#include "helper/identity.h"
#include "helper/request.h"
#include "policy/policy.h"

#define ASKER_SIZE ((size_t)3 * REQUEST_TEXT_MAX)

/*
 * Writes who is behind a request of the module: a human whose login uid it carries (but not root's
 * or a system user's, who start what others do as well), else whom su and sudo name as their
 * caller, else the user that the login is for. What sshd carries is its own, not the human's.
 * Behind it stands the human, where `human` is not NULL: several may share that uid. `policy` may
 * be NULL.
 */
void asker_of_login(char name[ASKER_SIZE], const struct request *request,
                    const struct policy *policy, const char *human);

/* Writes the human behind a decided request, and the Unix user that they are. */
void asker_of_identity(char name[ASKER_SIZE], const struct identity *identity);

#endif
