/*
 * NSS, called where it can be killed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/lookup_process.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper/lookup_sources.h"

/* Bounds on what NSS may make us allocate: a passwd or group entry, and a user's groups. */
#define ENTRY_MAX  ((size_t)16 * 1024 * 1024)
#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

/*
 * The groups of the user that was asked about last; one request asks about one user. For the next
 * one they may have changed.
 */
struct memberships {
    unsigned request;
    char user[LOOKUP_NAME_MAX + 1];
    int count;
    int error; /* 0 when `gids` is whole; the groups in it count in either case */
    gid_t gids[GROUPS_MAX];
};

/* Memory for one entry, growing while NSS says ERANGE. */
struct entry_buffer {
    char *bytes;
    size_t size;
};

/* Grows the buffer. Returns 0, ERANGE at the bound, ENOMEM. */
static int grow(struct entry_buffer *buffer)
{
    size_t size = buffer->size == 0 ? 4096 : buffer->size * 4;
    char *bytes;

    if (size > ENTRY_MAX)
        return ERANGE;
    bytes = realloc(buffer->bytes, size);
    if (bytes == NULL)
        return ENOMEM;
    buffer->bytes = bytes;
    buffer->size = size;
    return 0;
}

/* Looks up one user by name, or by uid where `name` is NULL. Fills the reply. */
static void find_user(struct entry_buffer *buffer, const char *name, uid_t uid,
                      struct lookup_reply *reply)
{
    struct passwd entry, *found = NULL;

    reply->error = buffer->size == 0 ? grow(buffer) : 0;
    while (reply->error == 0) {
        reply->error = name != NULL ? getpwnam_r(name, &entry, buffer->bytes, buffer->size, &found)
                                    : getpwuid_r(uid, &entry, buffer->bytes, buffer->size, &found);
        if (reply->error == EINTR)
            reply->error = 0;
        else if (reply->error == ERANGE)
            reply->error = grow(buffer);
        else
            break;
    }
    if (reply->error != 0)
        return;

    /* Not found is 0 and no entry; glibc returns an errno only for sources that did not answer. */
    if (found == NULL)
        return;
    if (strlen(entry.pw_name) >= sizeof reply->name) {
        reply->error = ENAMETOOLONG;
        return;
    }
    strcpy(reply->name, entry.pw_name);
    reply->uid = entry.pw_uid;
    reply->gid = entry.pw_gid;
    reply->found = true;
}

/*
 * A source may answer to other names than the one that it returns (another case, a short form). The
 * name that is returned becomes the identity, so it must be that very user's own: else an alias for
 * one uid would go by the name, and get the roles, of another.
 */
static void answer_user(struct entry_buffer *buffer, const struct lookup_question *question,
                        struct lookup_reply *reply)
{
    const char *name = question->kind == LOOKUP_USER ? question->name : NULL;
    struct lookup_reply again;

    find_user(buffer, name, question->uid, reply);
    if (reply->error != 0 || !reply->found ||
        (name != NULL && strcmp(reply->name, question->name) == 0))
        return;
    memset(&again, 0, sizeof again);
    find_user(buffer, reply->name, 0, &again);
    reply->error = again.error;
    if (again.error == 0 &&
        (!again.found || again.uid != reply->uid || strcmp(again.name, reply->name) != 0 ||
         (name == NULL && reply->uid != question->uid)))
        reply->error = LOOKUP_DISAGREES;
}

/* What asking each source came to. A group that only the other sources know would be taken for none
 * where this process asks one alone. */
static int go_on(int error)
{
    if (error == ENOTRECOVERABLE)
        _exit(1);
    return error;
}

/*
 * Looks a group up by name, or by gid where `name` is NULL. Returns 0 with *is_found set and, when
 * it is, *entry filled, its texts in the buffer; or the errno of the source that did not answer.
 */
static int find_group(struct entry_buffer *buffer, const char *name, gid_t gid, struct group *entry,
                      bool *is_found)
{
    struct group *found = NULL;
    int error = buffer->size == 0 ? grow(buffer) : 0;

    while (error == 0) {
        error = name != NULL ? getgrnam_r(name, entry, buffer->bytes, buffer->size, &found)
                             : getgrgid_r(gid, entry, buffer->bytes, buffer->size, &found);
        if (error == EINTR)
            error = 0;
        else if (error == ERANGE)
            error = grow(buffer);
        else
            break;
    }
    *is_found = error == 0 && found != NULL;
    if (error == 0 && found == NULL)
        error = go_on(lookup_sources_ask_each_for_group(name, gid));
    return error;
}

/* Fetches the user's groups, once a request. */
static void fetch_memberships(struct memberships *memberships,
                              const struct lookup_question *question)
{
    int count = GROUPS_MAX;

    if (memberships->request == question->request && strcmp(memberships->user, question->user) == 0)
        return;
    memberships->request = question->request;
    strcpy(memberships->user, question->user);
    errno = 0;
    if (getgrouplist(question->user, question->gid, memberships->gids, &count) < 0) {
        memberships->count = 0;
        memberships->error = E2BIG;
        return;
    }
    memberships->error = errno;
    memberships->count = count;
    if (memberships->error == ESRCH)
        memberships->error = go_on(lookup_sources_ask_each(question->user, question->gid));
}

static bool is_member(const struct memberships *memberships, gid_t gid)
{
    int i;

    for (i = 0; i < memberships->count; i++)
        if (memberships->gids[i] == gid)
            return true;
    return false;
}

/*
 * The group is resolved before the memberships are fetched: a source that is down says so here,
 * while getgrouplist may pass over it in silence.
 */
static void answer_member(struct entry_buffer *buffer, struct memberships *memberships,
                          const struct lookup_question *question, struct lookup_reply *reply)
{
    struct group group;
    bool found;
    gid_t gid;

    reply->error = find_group(buffer, question->name, 0, &group, &found);
    reply->no_such_group = reply->error == 0 && !found;
    if (reply->error != 0 || !found)
        return;
    if (strcmp(group.gr_name, question->name) != 0) {
        reply->error = LOOKUP_DISAGREES;
        return;
    }
    gid = group.gr_gid;
    reply->error = find_group(buffer, NULL, gid, &group, &found);
    if (reply->error == 0 && (!found || strcmp(group.gr_name, question->name) != 0))
        reply->error = LOOKUP_DISAGREES;
    if (reply->error != 0)
        return;
    fetch_memberships(memberships, question);
    reply->found = is_member(memberships, gid);
    if (!reply->found)
        reply->error = memberships->error;
}

/* Tells what one group is called. Returns false when there is no room left. */
static bool name_group(struct entry_buffer *buffer, gid_t gid, struct lookup_names *names)
{
    const size_t room = sizeof names->names - names->length;
    struct group group;
    bool found;
    int length;

    names->error = find_group(buffer, NULL, gid, &group, &found);
    if (names->error != 0 || !found)
        return true;
    if (strlen(group.gr_name) > LOOKUP_NAME_MAX) {
        names->error = ENAMETOOLONG;
        return true;
    }
    length = snprintf(names->names + names->length, room, "%u:%s", (unsigned)gid, group.gr_name);
    if (length < 0 || (size_t)length >= room)
        return false;
    names->length += (size_t)length + 1;
    return true;
}

/* Names groups from the one that the question says on, as many as there is room for. */
static void answer_names(struct entry_buffer *buffer, struct memberships *memberships,
                         const struct lookup_question *question, struct lookup_names *names)
{
    int i;

    names->error = names->next = 0;
    names->length = 0;
    fetch_memberships(memberships, question);
    names->error = memberships->error;
    for (i = question->from; i < memberships->count && names->error == 0; i++)
        if (!name_group(buffer, memberships->gids[i], names)) {
            names->next = i;
            break;
        }
}

static void answer_gid(struct entry_buffer *buffer, const struct lookup_question *question,
                       struct lookup_reply *reply)
{
    struct group group;
    bool found;

    reply->error = find_group(buffer, question->name, 0, &group, &found);
    reply->found = reply->error == 0 && found && group.gr_gid == question->gid &&
                   strcmp(group.gr_name, question->name) == 0;
}

/* Answers one question. Returns false when nobody listens any more. */
static bool answer(struct entry_buffer *buffer, struct memberships *memberships,
                   const struct lookup_question *question, int socket)
{
    /* Zeroed, padding too: no stray bytes of this process leave it. */
    static struct lookup_names names;
    struct lookup_reply reply;
    const void *bytes = &reply;
    size_t size = sizeof reply;
    const struct deadline begun = deadline_in_ms(0);

    memset(&reply, 0, sizeof reply);
    switch (question->kind) {
    case LOOKUP_USER:
    case LOOKUP_UID:
        answer_user(buffer, question, &reply);
        break;
    case LOOKUP_MEMBER:
        answer_member(buffer, memberships, question, &reply);
        break;
    case LOOKUP_GID:
        answer_gid(buffer, question, &reply);
        break;
    case LOOKUP_NAMES:
        answer_names(buffer, memberships, question, &names);
        bytes = &names;
        size = offsetof(struct lookup_names, names) + names.length;
        break;
    }
    reply.took_us = names.took_us = (unsigned)((deadline_in_ms(0).ns - begun.ns) / 1000);
    return send(socket, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

void lookup_process_run(int socket, const void *nothing)
{
    struct entry_buffer buffer = {NULL, 0};
    /* Large, but touched only as far as there are groups. */
    static struct memberships memberships;
    struct lookup_question question;

    (void)nothing;
    while (recv(socket, &question, sizeof question, 0) == sizeof question)
        if (!answer(&buffer, &memberships, &question, socket))
            break;
    free(buffer.bytes);
}
