/*
 * The groups in /etc/group, beside which the policy's Unix groups stand.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_LOCAL_GROUPS_H
#define XACCT_POLICY_LOCAL_GROUPS_H

#include <grp.h>

#define LOCAL_GROUPS_FILE "/etc/group"

struct loader;

/*
 * Calls `look` for each group in the file, which holds for the time of the call. The file is read
 * as such, by fgetgrent(3), as NSS may hang and would ask the helper; one that is not there holds
 * no groups. Returns 0, or an errno after which some may have been missing. In one thread only.
 */
int local_groups_each(void (*look)(const struct group *local, void *argument), void *argument);

/*
 * Tells the loader which of the policy's Unix groups has the gid of another local group, or the
 * name of one with another gid: whoever gets the one would have what belongs to the other. The same
 * group may stand in both. Inside policy/ only.
 */
void local_groups_check(struct loader *loader);

#endif
