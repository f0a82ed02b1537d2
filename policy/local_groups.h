/*
 * The policy's Unix groups beside those in /etc/group. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_LOCAL_GROUPS_H
#define XACCT_POLICY_LOCAL_GROUPS_H

#include "policy/loader.h"

/*
 * Tells the loader which of the policy's Unix groups has the gid of another local group, or the
 * name of one with another gid: whoever gets the one would have what belongs to the other. The same
 * group may stand in both. The file is read as such, as NSS may hang and would ask the helper; one
 * that is not there holds no groups.
 */
void local_groups_check(struct loader *loader);

#endif
