/*
 * The policy's Unix groups against those that NSS knows.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "helper/lookup_sources.h"
#include "xacct_admin/checks.h"
#include "xacct_admin/nss.h"

/* Tells what NSS says of a group's name, and of its gid, that is not what the policy says. */
static void tell(const struct unix_group *group, const struct nss_name *by_name,
                 const struct nss_name *by_gid, struct findings *findings)
{
    if (by_name->outcome == NSS_KNOWN && by_name->id != group->gid)
        findings_add(findings, LINT_ERROR, group->at,
                     "unix_group = %s with gid = %u: NSS knows a group of this name with gid %u; "
                     "choose another",
                     group->name, (unsigned)group->gid, by_name->id);
    if (by_gid->outcome == NSS_KNOWN && strcmp(by_gid->known_as, group->name) != 0)
        findings_add(findings, LINT_ERROR, group->at,
                     "unix_group = %s: its gid, %u, is that of the group %s, as NSS knows it; "
                     "choose another",
                     group->name, (unsigned)group->gid, by_gid->known_as);
    if (by_name->outcome == NSS_UNANSWERED || by_gid->outcome == NSS_UNANSWERED)
        findings_add(findings, LINT_WARNING, group->at,
                     "unix_group = %s: NSS did not answer whether its name and gid are another "
                     "group's: is a directory down?",
                     group->name);
}

void check_unix_groups(const struct policy *policy, struct findings *findings)
{
    const size_t count = policy->unix_group_count;
    struct arena memory = {NULL, false};
    struct nss_name *names = arena_alloc(&memory, 2 * count + 1, sizeof *names);
    size_t i;

    for (i = 0; names != NULL && i < count; i++) {
        const struct unix_group *group = policy->unix_groups[i];

        names[2 * i] = (struct nss_name){.name = group->name, .is_group = true};
        names[2 * i + 1] = (struct nss_name){.is_group = true, .id = group->gid};
    }
    /* What could not be asked is unanswered. */
    if (names != NULL && count > 0)
        (void)nss_find(names, 2 * count, deadline_in_ms(NSS_MS), &memory);
    for (i = 0; names != NULL && i < count; i++)
        tell(policy->unix_groups[i], &names[2 * i], &names[2 * i + 1], findings);
    if (memory.exhausted)
        findings->memory.exhausted = true;
    arena_free(&memory);
}

void check_nsswitch(const struct policy *policy, struct findings *findings)
{
    const char *database = policy->unix_group_count > 0 ? lookup_sources_without("xacct") : NULL;

    if (database != NULL)
        findings_add(findings, LINT_WARNING, policy->unix_groups[0]->at,
                     "unix_group = %s: the line \"%s:\" of /etc/nsswitch.conf does not name xacct, "
                     "so nobody on this host is in it; add xacct as the last of its sources",
                     policy->unix_groups[0]->name, database);
}
