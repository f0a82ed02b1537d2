/*
 * A look-up process, seen from the helper: starting it, asking it, killing it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/lookup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/log.h"
#include "helper/lookup_child.h"
#include "helper/lookup_process.h"
#include "helper/sandbox.h"
#include "helper/task.h"

int lookup_start(struct lookup *lookup)
{
    *lookup = (struct lookup){.socket = -1, .pidfd = -1};
    return lookup_child_start(sandbox_close_lookup, lookup_process_run, &lookup->pid,
                              &lookup->socket);
}

void lookup_stop(struct lookup *lookup)
{
    if (lookup->socket < 0)
        return;
    close(lookup->socket);
    lookup->socket = -1;
    if (lookup->pid > 0) {
        kill(lookup->pid, SIGKILL);
        while (waitpid(lookup->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        lookup->pid = 0;
    } else {
        /* Not by its id: another reaps it, and the id may be somebody else's by now. */
        syscall(SYS_pidfd_send_signal, lookup->pidfd, SIGKILL, NULL, 0);
        close(lookup->pidfd);
        lookup->pidfd = -1;
    }
}

/* Whether these are all bytes of a reply to the question, and its texts end. */
static bool is_reply(const struct lookup_question *question, const void *bytes, ssize_t received)
{
    const struct lookup_reply *reply = bytes;
    const struct lookup_names *names = bytes;
    const ssize_t head = offsetof(struct lookup_names, names);

    if (question->kind != LOOKUP_NAMES)
        return received == sizeof *reply && memchr(reply->name, '\0', sizeof reply->name) != NULL;
    return received >= head && names->length == (size_t)(received - head) &&
           (names->length == 0 || names->names[names->length - 1] == '\0');
}

/*
 * Asks one question. Returns 0 with the reply in `bytes` of `size`, or an errno: ETIMEDOUT when the
 * deadline passed, EPIPE when the process has gone. The process is then ended, as its answers could
 * no longer be told from each other.
 */
static int ask_for(struct lookup *lookup, struct lookup_question *question,
                   struct deadline deadline, void *bytes, size_t size)
{
    int error;

    if (lookup->socket < 0)
        return EPIPE;
    question->request = lookup->requests;
    if (send(lookup->socket, question, sizeof *question, MSG_NOSIGNAL | MSG_DONTWAIT) !=
        sizeof *question) {
        error = EPIPE;
        goto done;
    }
    error = task_wait_fd(lookup->socket, POLLIN, deadline);
    if (error != 0)
        goto done;
    if (!is_reply(question, bytes, recv(lookup->socket, bytes, size, MSG_DONTWAIT)))
        error = EPIPE;

done:
    if (error != 0)
        lookup_stop(lookup);
    return error;
}

static int ask(struct lookup *lookup, struct lookup_question *question, struct deadline deadline,
               struct lookup_reply *reply)
{
    return ask_for(lookup, question, deadline, reply, sizeof *reply);
}

/* Copies a name into a question. Returns 0, or ENAMETOOLONG. */
static int name_question(struct lookup_question *question, const char *name)
{
    if (strlen(name) >= sizeof question->name)
        return ENAMETOOLONG;
    strcpy(question->name, name);
    return 0;
}

/* Says why the look-up of `what` `name` was not answered. */
static void explain(char *why, size_t why_size, const char *what, const char *name, int error)
{
    char shown[ESCAPE_MAX];

    escape(shown, sizeof shown, name);
    if (error == ETIMEDOUT)
        snprintf(
            why, why_size,
            "the look-up of %s %s through NSS did not answer in time: is the directory service "
            "(sssd, ldap, winbind) reachable?",
            what, shown);
    else if (error == EPIPE)
        snprintf(why, why_size, "the look-up of %s %s through NSS ended the look-up process", what,
                 shown);
    else if (error == LOOKUP_DISAGREES)
        snprintf(
            why, why_size,
            "NSS returns %s %s under another name or id than it was asked for: a name must be one "
            "user's or group's alone, and the policy must spell it as the directory does",
            what, shown);
    else
        snprintf(why, why_size,
                 "the look-up of %s %s through NSS failed (%s): is the directory service running?",
                 what, shown, strerror(error));
}

/* Asks for a user, whom `what` and `name` describe. */
static enum lookup_outcome find_user(struct lookup *lookup, struct lookup_question *question,
                                     struct deadline deadline, const char *what, const char *name,
                                     struct user *user, char *why, size_t why_size)
{
    struct lookup_reply reply;
    int error = ask(lookup, question, deadline, &reply);

    if (error == 0)
        error = reply.error;
    if (error != 0) {
        explain(why, why_size, what, name, error);
        return LOOKUP_UNANSWERED;
    }
    if (!reply.found)
        return LOOKUP_NOT_FOUND;
    strcpy(user->name, reply.name);
    user->uid = reply.uid;
    user->gid = reply.gid;
    return LOOKUP_FOUND;
}

enum lookup_outcome lookup_user(struct lookup *lookup, const char *name, struct deadline deadline,
                                struct user *user, char *why, size_t why_size)
{
    struct lookup_question question = {.kind = LOOKUP_USER};

    if (name_question(&question, name) == 0)
        return find_user(lookup, &question, deadline, "user", name, user, why, why_size);
    explain(why, why_size, "user", name, ENAMETOOLONG);
    return LOOKUP_UNANSWERED;
}

enum lookup_outcome lookup_uid(struct lookup *lookup, uid_t uid, struct deadline deadline,
                               struct user *user, char *why, size_t why_size)
{
    struct lookup_question question = {.kind = LOOKUP_UID, .uid = uid};
    char text[16];

    snprintf(text, sizeof text, "%u", (unsigned)uid);
    return find_user(lookup, &question, deadline, "uid", text, user, why, why_size);
}

void lookup_groups(struct lookup *lookup, const struct policy *policy, const struct user *user,
                   const bool *matters, struct deadline deadline, enum answer *answers, char *why,
                   size_t why_size)
{
    struct lookup_question member = {.kind = LOOKUP_MEMBER, .gid = user->gid};
    struct lookup_reply reply;
    char shown[ESCAPE_MAX];
    size_t i;

    why[0] = '\0';
    strcpy(member.user, user->name);
    for (i = 0; i < policy->groups.count; i++) {
        const char *group = policy->groups.items[i];
        int error;

        answers[i] = ANSWER_UNKNOWN;
        if (!matters[i])
            continue;
        error = name_question(&member, group);
        if (error == 0)
            error = ask(lookup, &member, deadline, &reply);
        if (error == 0)
            error = reply.error;
        if (error == 0) {
            answers[i] = reply.found ? ANSWER_YES : ANSWER_NO;
            if (reply.no_such_group && i < policy->deny_group_count)
                log_warning_seldom(
                    "a [deny] of the policy names the group %s, which NSS does not know: it "
                    "denies nobody",
                    escape(shown, sizeof shown, group));
        } else if (why[0] == '\0') {
            explain(why, why_size, "group", group, error);
        }
    }
}

/* Whether some pattern is about groups that are called like this. */
static bool is_of_a_pattern(const struct policy *policy, const char *name)
{
    size_t length = strlen(name), i;

    for (i = 0; i < policy->pattern_count; i++) {
        const struct pattern *pattern = &policy->patterns[i];
        size_t before = strlen(pattern->before), after = strlen(pattern->after);

        if (length >= before + after && strncmp(name, pattern->before, before) == 0 &&
            strcmp(name + length - after, pattern->after) == 0)
            return true;
    }
    return false;
}

/* Names of groups on their way. */
struct gathering {
    struct lookup *lookup;
    const struct policy *policy;
    struct deadline deadline;
    struct arena *memory;
    struct texts *names;
    size_t bytes;
};

/* Takes one group, "GID:NAME", if a pattern is about it. Returns 0, LOOKUP_DISAGREES or an errno.
 */
static int take_group(struct gathering *gathering, const char *group)
{
    struct lookup_question question = {.kind = LOOKUP_GID};
    struct texts *names = gathering->names;
    struct lookup_reply reply;
    char **items, *name;
    int error;

    question.gid = (gid_t)strtoul(group, &name, 10);
    if (*name != ':')
        return EPIPE;
    name++;
    if (!is_of_a_pattern(gathering->policy, name))
        return 0;
    error = name_question(&question, name);
    if (error == 0)
        error = ask(gathering->lookup, &question, gathering->deadline, &reply);
    if (error == 0)
        error = reply.error;
    if (error == 0 && !reply.found)
        error = LOOKUP_DISAGREES;
    if (error != 0)
        return error;
    gathering->bytes += strlen(name);
    if (gathering->bytes > LOOKUP_NAMES_MAX)
        return E2BIG;
    items = arena_grow(gathering->memory, names->items, names->count, sizeof *items);
    if (items == NULL)
        return ENOMEM;
    names->items = items;
    items[names->count] = arena_text(gathering->memory, name, strlen(name));
    return items[names->count++] != NULL ? 0 : ENOMEM;
}

/* Takes the groups of one reply. Returns as take_group. */
static int take_groups(struct gathering *gathering, const struct lookup_names *told)
{
    const char *at = told->names, *end = told->names + told->length;
    int error = 0;

    for (; error == 0 && at < end; at += strlen(at) + 1)
        error = take_group(gathering, at);
    return error;
}

bool lookup_group_names(struct lookup *lookup, const struct policy *policy, const struct user *user,
                        struct deadline deadline, struct arena *memory, struct texts *names,
                        char *why, size_t why_size)
{
    struct gathering gathering = {lookup, policy, deadline, memory, names, 0};
    struct lookup_question question = {.kind = LOOKUP_NAMES, .gid = user->gid};
    struct lookup_names *told = malloc(sizeof *told);
    int error = told != NULL ? 0 : ENOMEM;

    *names = (struct texts){NULL, 0};
    strcpy(question.user, user->name);
    while (error == 0) {
        error = ask_for(lookup, &question, deadline, told, sizeof *told);
        if (error == 0)
            error = told->error;
        if (error == 0)
            error = take_groups(&gathering, told);
        /* One name fits always, so each question goes on. */
        if (error == 0 && told->next != 0 && told->next <= question.from)
            error = EPIPE;
        if (error != 0 || told->next == 0)
            break;
        question.from = told->next;
    }
    if (error != 0)
        explain(why, why_size, "the groups of user", user->name, error);
    free(told);
    return error == 0;
}
