/*
 * NSS, asked in the way of the helper's own look-ups: found, not found and not answered are three
 * things.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/nss_child.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/lookup_sources.h"

#define ENTRY_LARGEST ((size_t)16 * 1024 * 1024) /* bytes of a passwd or group entry */
#define GROUPS_MOST   65536                      /* NGROUPS_MAX of Linux */
#define NAME_LONGEST  ((size_t)2048)             /* of a user or group; PIPE_BUF is 4096 */

/* Memory for one entry, growing while NSS says ERANGE. */
struct room {
    char *bytes;
    size_t size;
};

static int grow(struct room *room)
{
    size_t size = room->size > 0 ? room->size * 4 : 4096;
    char *bytes = size <= ENTRY_LARGEST ? realloc(room->bytes, size) : NULL;

    if (bytes == NULL)
        return ENOMEM;
    room->bytes = bytes;
    room->size = size;
    return 0;
}

/* What an entry says. */
struct found {
    enum nss_outcome outcome;
    const char *name; /* in the room, until the next is found */
    unsigned id;
    gid_t primary; /* of a user */
};

/* Whether to ask again, after an answer that was none. */
static bool again(struct room *room, int *error)
{
    if (*error == ERANGE)
        *error = grow(room);
    else if (*error == EINTR)
        *error = 0;
    else
        return false;
    return *error == 0;
}

/* Looks up a user by name or, where that is NULL, by uid. */
static struct found find_user(struct room *room, const char *name, uid_t uid)
{
    struct passwd entry, *user = NULL;
    int error = room->size > 0 ? 0 : grow(room);

    if (error != 0)
        return (struct found){.outcome = NSS_UNANSWERED};
    do
        error = name != NULL ? getpwnam_r(name, &entry, room->bytes, room->size, &user)
                             : getpwuid_r(uid, &entry, room->bytes, room->size, &user);
    while (again(room, &error));
    if (error != 0)
        return (struct found){.outcome = NSS_UNANSWERED};
    if (user == NULL)
        return (struct found){.outcome = NSS_UNKNOWN};
    return (struct found){NSS_KNOWN, user->pw_name, user->pw_uid, user->pw_gid};
}

/* Looks up a group by name or, where that is NULL, by gid. */
static struct found find_group(struct room *room, const char *name, gid_t gid)
{
    struct group entry, *group = NULL;
    int error = room->size > 0 ? 0 : grow(room);

    if (error != 0)
        return (struct found){.outcome = NSS_UNANSWERED};
    do
        error = name != NULL ? getgrnam_r(name, &entry, room->bytes, room->size, &group)
                             : getgrgid_r(gid, &entry, room->bytes, room->size, &group);
    while (again(room, &error));
    if (error != 0)
        return (struct found){.outcome = NSS_UNANSWERED};
    if (group == NULL)
        return (struct found){.outcome = NSS_UNKNOWN};
    return (struct found){NSS_KNOWN, group->gr_name, group->gr_gid, 0};
}

/* Writes the record and the name behind it, in one piece. */
static void say(int fd, struct nss_record record, const char *name)
{
    char bytes[sizeof record + NAME_LONGEST];

    record.length = name != NULL ? (unsigned)strnlen(name, NAME_LONGEST) : 0;
    memcpy(bytes, &record, sizeof record);
    if (name != NULL)
        memcpy(bytes + sizeof record, name, record.length);
    if (write(fd, bytes, sizeof record + record.length) < 0)
        _exit(1);
}

/* The groups that the user is in. */
struct memberships {
    int count;
    int error; /* 0 when they are all of them */
    gid_t gids[GROUPS_MOST];
};

static void fetch_memberships(const char *user, gid_t primary, struct memberships *memberships)
{
    memberships->count = GROUPS_MOST;
    errno = 0;
    if (getgrouplist(user, primary, memberships->gids, &memberships->count) < 0) {
        memberships->count = 0;
        memberships->error = E2BIG;
        return;
    }
    memberships->error = errno;
    if (memberships->error == ESRCH)
        memberships->error = lookup_sources_ask_each(user, primary);
}

static bool is_member(const struct memberships *memberships, gid_t gid)
{
    int i;

    for (i = 0; i < memberships->count; i++)
        if (memberships->gids[i] == gid)
            return true;
    return false;
}

/* A group whose name, gid and name again agree; else it is not answered. */
static struct found find_agreed(struct room *room, const char *name)
{
    struct found group = find_group(room, name, 0);
    gid_t gid = group.id;

    if (group.outcome == NSS_KNOWN && strcmp(group.name, name) == 0) {
        group = find_group(room, NULL, gid);
        if (group.outcome == NSS_UNKNOWN || group.id != gid)
            group.outcome = NSS_UNANSWERED;
    }
    if (group.outcome == NSS_KNOWN && strcmp(group.name, name) != 0)
        group.outcome = NSS_UNANSWERED;
    return group;
}

static enum answer membership(const struct found *group, const struct memberships *memberships)
{
    if (group->outcome == NSS_UNKNOWN)
        return ANSWER_NO;
    if (group->outcome == NSS_KNOWN && is_member(memberships, group->id))
        return ANSWER_YES;
    return group->outcome == NSS_KNOWN && memberships->error == 0 ? ANSWER_NO : ANSWER_UNKNOWN;
}

/* Says what the groups of the user are called, all of them or as far as can be told. */
static void name_groups(struct room *room, const struct memberships *memberships, int fd)
{
    bool whole = memberships->error == 0;
    int i;

    for (i = 0; i < memberships->count; i++) {
        struct found group = find_group(room, NULL, memberships->gids[i]);

        if (group.outcome == NSS_KNOWN)
            say(fd, (struct nss_record){.kind = NSS_SAID_GROUP, .id = group.id}, group.name);
        else if (group.outcome == NSS_UNANSWERED)
            whole = false;
    }
    if (whole)
        say(fd, (struct nss_record){.kind = NSS_SAID_ALL}, NULL);
    else if (memberships->error != 0)
        say(fd, (struct nss_record){.kind = NSS_SAID_ERROR, .id = (unsigned)memberships->error},
            NULL);
}

/*
 * The groups of the policy are resolved before memberships are fetched: a source that is down says
 * so here, while getgrouplist may pass over it in silence.
 */
static void answer_login(const struct nss_questions *questions, struct room *room, int fd)
{
    const struct texts *groups = &questions->policy->groups;
    struct found user = find_user(room, questions->user, 0), *found;
    struct memberships *memberships;
    char *name;
    size_t i;

    if (questions->by_uid && user.outcome == NSS_KNOWN)
        user = find_user(room, NULL, user.id);
    say(fd, (struct nss_record){.kind = NSS_SAID_USER, .outcome = user.outcome, .id = user.id},
        user.name);
    if (user.outcome != NSS_KNOWN)
        return;
    name = strdup(user.name);
    found = calloc(groups->count + 1, sizeof *found);
    memberships = calloc(1, sizeof *memberships);
    if (name != NULL && found != NULL && memberships != NULL) {
        for (i = 0; i < groups->count; i++)
            found[i] = find_agreed(room, groups->items[i]);
        fetch_memberships(name, user.primary, memberships);
        for (i = 0; i < groups->count; i++)
            say(fd,
                (struct nss_record){.kind = NSS_SAID_MEMBER,
                                    .index = (unsigned)i,
                                    .answer = membership(&found[i], memberships)},
                NULL);
        name_groups(room, memberships, fd);
    }
    free(memberships);
    free(found);
    free(name);
}

void nss_child_run(const struct nss_questions *questions, int fd)
{
    struct room room = {.bytes = NULL};
    size_t i;

    lookup_sources_leave_out("xacct");
    if (questions->user != NULL)
        answer_login(questions, &room, fd);
    for (i = 0; i < questions->count; i++) {
        const struct nss_name *name = &questions->names[i];
        struct found found = name->is_group ? find_group(&room, name->name, name->id)
                                            : find_user(&room, name->name, 0);

        say(fd,
            (struct nss_record){.kind = NSS_SAID_NAME,
                                .outcome = found.outcome,
                                .index = (unsigned)i,
                                .id = found.id},
            found.name);
    }
    free(room.bytes);
}
