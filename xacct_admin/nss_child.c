/*
 * What a child asks of NSS, and how it tells.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/nss_child.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/lookup_sources.h"
#include "xacct_admin/nss_entries.h"

#define NAME_LONGEST ((size_t)2048) /* of a user or group; PIPE_BUF is 4096 */

void nss_say(int fd, struct nss_record record, const char *name)
{
    char bytes[sizeof record + NAME_LONGEST];

    record.length = name != NULL ? (unsigned)strnlen(name, NAME_LONGEST) : 0;
    memcpy(bytes, &record, sizeof record);
    if (name != NULL)
        memcpy(bytes + sizeof record, name, record.length);
    if (write(fd, bytes, sizeof record + record.length) < 0)
        _exit(1);
}

void nss_say_groups(struct nss_room *room, const struct nss_memberships *memberships, int fd)
{
    bool whole = memberships->error == 0;
    int i;

    for (i = 0; i < memberships->count; i++) {
        struct nss_found group = nss_find_group(room, NULL, memberships->gids[i]);

        if (group.outcome == NSS_KNOWN)
            nss_say(fd, (struct nss_record){.kind = NSS_SAID_GROUP, .id = group.id}, group.name);
        else if (group.outcome == NSS_UNANSWERED)
            whole = false;
    }
    if (whole)
        nss_say(fd, (struct nss_record){.kind = NSS_SAID_ALL}, NULL);
    else if (memberships->error != 0)
        nss_say(fd, (struct nss_record){.kind = NSS_SAID_ERROR, .id = (unsigned)memberships->error},
                NULL);
}

/*
 * The groups of the policy are resolved before memberships are fetched: a source that is down says
 * so here, while getgrouplist may pass over it in silence.
 */
static void answer_login(const struct nss_questions *questions, struct nss_room *room, int fd)
{
    const struct texts *groups = &questions->policy->groups;
    struct nss_found user = nss_find_user(room, questions->user, 0), *found;
    struct nss_memberships *memberships;
    char *name;
    size_t i;

    if (questions->by_uid && user.outcome == NSS_KNOWN)
        user = nss_find_user(room, NULL, user.id);
    nss_say(fd, (struct nss_record){.kind = NSS_SAID_USER, .outcome = user.outcome, .id = user.id},
            user.name);
    if (user.outcome != NSS_KNOWN)
        return;
    name = strdup(user.name);
    found = calloc(groups->count + 1, sizeof *found);
    memberships = calloc(1, sizeof *memberships);
    if (name != NULL && found != NULL && memberships != NULL) {
        for (i = 0; i < groups->count; i++)
            found[i] = nss_find_agreed(room, groups->items[i]);
        nss_fetch_memberships(name, user.primary, memberships);
        for (i = 0; i < groups->count; i++)
            nss_say(fd,
                    (struct nss_record){.kind = NSS_SAID_MEMBER,
                                        .index = (unsigned)i,
                                        .answer = nss_membership(&found[i], memberships)},
                    NULL);
        nss_say_groups(room, memberships, fd);
    }
    free(memberships);
    free(found);
    free(name);
}

void nss_child_run(const void *asked, int fd)
{
    const struct nss_questions *questions = asked;
    struct nss_room room = {.bytes = NULL};
    size_t i;

    lookup_sources_leave_out("xacct");
    if (questions->user != NULL)
        answer_login(questions, &room, fd);
    for (i = 0; i < questions->count; i++) {
        const struct nss_name *name = &questions->names[i];
        struct nss_found found = name->is_group ? nss_find_group(&room, name->name, name->id)
                                                : nss_find_user(&room, name->name, 0);

        nss_say(fd,
                (struct nss_record){.kind = NSS_SAID_NAME,
                                    .outcome = found.outcome,
                                    .index = (unsigned)i,
                                    .id = found.id},
                found.name);
    }
    free(room.bytes);
}
