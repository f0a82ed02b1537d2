/*
 * Any talk of root's with the helper, frame by frame: xacct_admin/helper_ask.c. Apart from
 * helper_ask.h, as names of xacct/client.h are also some of policy/decide.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_HELPER_TALK_H
#define XACCT_XACCT_ADMIN_HELPER_TALK_H

#include <stdbool.h>

#include "xacct/client.h"
#include "xacct_admin/helper_ask.h"

/*
 * Asks a question, in the same two ways as helper_ask. `listen` is called with the first frame that
 * came, or with ANSWER_NONE; it takes what follows by client_next, and returns whether it was a
 * reply of a helper that knows what was asked. Where it was none of the service's, it is called
 * once more, with that of a helper that is started for it. Returns what it returned last, or false
 * where nobody could be asked.
 */
bool helper_ask_frames(struct helper_asker *asker, const struct question *question,
                       bool (*listen)(void *argument, struct client *client, enum answer outcome),
                       void *argument);

#endif
