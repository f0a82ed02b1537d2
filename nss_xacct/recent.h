/*
 * The groups that a user was found to be in a moment ago: whoever asks for them asks next what each
 * is called (id(1), sshd and sudo do), and has the names from here, without a second question.
 *
 * Who is in a group is asked anew each time; only what a group is called that was told just now is
 * not, for RECENT_MS.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_NSS_XACCT_RECENT_H
#define XACCT_NSS_XACCT_RECENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "nss_xacct/ask.h"

#define RECENT_MS 200 /* what a second question could take */

/* As whom a process asks: the two uids that the service's answers depend on. */
struct asker {
    uid_t real, effective;
};

/* As whom we ask now. */
struct asker recent_asker(void);

/*
 * Keeps a user's groups, the first of them if there are many, in the place of those kept before; an
 * empty list keeps none. `asker` is from before they were asked for, as the process may have become
 * another since then. For a setuid program of root's none are kept: it sees more of a user than by
 * gid.
 */
void recent_keep(const struct found_groups *groups, struct asker asker);

/*
 * Fills *found with the group of this gid that was kept in the last RECENT_MS, if the process asks
 * as the same as then. Returns whether there is one. In a process that was forked while another
 * thread was in here there is none, as nobody waits for that thread.
 */
bool recent_find(gid_t gid, struct found_group *found);

#endif
