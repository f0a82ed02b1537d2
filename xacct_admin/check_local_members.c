/*
 * Who is in a Unix group of the policy by files of this host, whatever the policy says.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xacct_admin/checks.h"

struct checking {
    const struct policy *policy;
    struct findings *findings;
};

/* Members of the same group in /etc/group: where it has another name, the policy is refused. */
static void tell_of_members(const struct checking *checking, const struct group *local)
{
    size_t i;

    for (i = 0; i < checking->policy->unix_group_count; i++) {
        const struct unix_group *group = checking->policy->unix_groups[i];

        if (local->gr_gid == group->gid && local->gr_mem[0] != NULL)
            findings_add(checking->findings, LINT_WARNING, group->at,
                         "unix_group = %s: it stands in /etc/group too, and its members there, "
                         "as %s, are in it whatever this policy says; take them out",
                         group->name, local->gr_mem[0]);
    }
}

static void tell_of_user(const struct checking *checking, const struct passwd *user)
{
    size_t i;

    for (i = 0; i < checking->policy->unix_group_count; i++) {
        const struct unix_group *group = checking->policy->unix_groups[i];

        if (user->pw_gid == group->gid)
            findings_add(checking->findings, LINT_WARNING, group->at,
                         "unix_group = %s: it is the primary group of %s in /etc/passwd, who is in "
                         "it whatever this policy says; give them another by usermod -g",
                         group->name, user->pw_name);
    }
}

/* One line of subgid(5), OWNER:FIRST:COUNT, which is cut. */
static void tell_of_range(const struct checking *checking, char *line)
{
    char *rest = NULL;
    const char *owner = strtok_r(line, ":\n", &rest), *first = strtok_r(NULL, ":\n", &rest);
    const char *count = strtok_r(NULL, ":\n", &rest);
    uintmax_t begin, length;
    size_t i;

    if (count == NULL)
        return;
    begin = strtoumax(first, NULL, 10);
    length = strtoumax(count, NULL, 10);
    for (i = 0; i < checking->policy->unix_group_count; i++) {
        const struct unix_group *group = checking->policy->unix_groups[i];

        if (group->gid >= begin && group->gid - begin < length)
            findings_add(checking->findings, LINT_WARNING, group->at,
                         "unix_group = %s: its gid, %u, is among those that /etc/subgid gives to "
                         "%s, who can take it in a user namespace; choose another",
                         group->name, (unsigned)group->gid, owner);
    }
}

void check_local_members(const struct policy *policy, struct findings *findings)
{
    const struct checking checking = {policy, findings};
    FILE *groups = fopen("/etc/group", "re"), *users = fopen("/etc/passwd", "re");
    FILE *ranges = fopen("/etc/subgid", "re");
    const struct group *local;
    const struct passwd *user;
    char *line = NULL;
    size_t size = 0;

    while (groups != NULL && (local = fgetgrent(groups)) != NULL)
        tell_of_members(&checking, local);
    while (users != NULL && (user = fgetpwent(users)) != NULL)
        tell_of_user(&checking, user);
    while (ranges != NULL && getline(&line, &size, ranges) > 0)
        tell_of_range(&checking, line);
    free(line);
    if (groups != NULL)
        fclose(groups);
    if (users != NULL)
        fclose(users);
    if (ranges != NULL)
        fclose(ranges);
}
