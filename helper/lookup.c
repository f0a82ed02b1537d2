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
#include "helper/child.h"
#include "helper/log.h"
#include "helper/lookup_process.h"
#include "helper/metrics.h"
#include "helper/sandbox.h"
#include "helper/task.h"

/* Questions that are sent before the first of them has its reply; they fit the socket's buffer. */
#define AHEAD_MOST 16
/* Replies that are taken without letting others have their turn, should they be there. */
#define UNWAITED_MOST 16
/* In which one that has its answers at hand gives them. */
#define AT_ONCE_MS 20

int lookup_start(struct lookup *lookup)
{
    *lookup = (struct lookup){.socket = -1, .pidfd = -1};
    return child_start(sandbox_close_lookup, lookup_process_run, NULL, &lookup->pid,
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

void lookup_stop_ahead(struct lookup *lookup)
{
    if (lookup->pid > 0)
        kill(lookup->pid, SIGKILL);
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

/* Sends one question. Returns 0, or EPIPE when the process has gone. */
static int send_question(struct lookup *lookup, struct lookup_question *question)
{
    question->request = lookup->requests;
    if (lookup->socket >= 0 && send(lookup->socket, question, sizeof *question,
                                    MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof *question)
        return 0;
    lookup_stop(lookup);
    return EPIPE;
}

/*
 * Waits for a reply. One whose answers would not count is not waited for: it may ask a directory
 * that the host has no more. Returns 0 or an errno.
 */
static int wait_for_reply(struct lookup *lookup, struct deadline deadline)
{
    const struct deadline at_once = deadline_in_ms(AT_ONCE_MS);
    int error = task_wait_fd(lookup->socket, POLLIN, deadline_earlier(deadline, at_once));

    if (error != ETIMEDOUT || deadline.ns <= at_once.ns)
        return error;
    if (lookup->is_current != NULL && !lookup->is_current(lookup->pool, lookup))
        return EPIPE;
    return task_wait_fd(lookup->socket, POLLIN, deadline);
}

/*
 * Receives the reply to the question that was sent first of those without one. Returns 0 with the
 * reply in `bytes` of `size`, or an errno: ETIMEDOUT when the deadline passed, EPIPE when the
 * process has gone. The process is then ended, as its answers could no longer be told from each
 * other.
 */
static int receive_reply(struct lookup *lookup, const struct lookup_question *question,
                         struct deadline deadline, void *bytes, size_t size)
{
    const int how = MSG_DONTWAIT | MSG_TRUNC;
    ssize_t received = -1;
    int error = EAGAIN;

    if (lookup->socket < 0)
        return EPIPE;
    /* Of those asked ahead it is often there, and to wait is to let all others have their turn. */
    if (lookup->unwaited++ < UNWAITED_MOST &&
        ((received = recv(lookup->socket, bytes, size, how)) >= 0 || errno != EAGAIN))
        error = 0;
    if (error == EAGAIN) {
        lookup->unwaited = 0;
        error = wait_for_reply(lookup, deadline);
        received = recv(lookup->socket, bytes, size, how);
    }
    if (error == 0 && !is_reply(question, bytes, received))
        error = EPIPE;
    if (error == 0)
        lookup->worked_us += *(const unsigned *)bytes;
    else
        lookup_stop(lookup);
    if (error == ETIMEDOUT)
        metrics_count(METRICS_LOOKUP_TIMEOUTS);
    return error;
}

/* Asks one question. Returns as receive_reply. */
static int ask_for(struct lookup *lookup, struct lookup_question *question,
                   struct deadline deadline, void *bytes, size_t size)
{
    int error = send_question(lookup, question);

    return error == 0 ? receive_reply(lookup, question, deadline, bytes, size) : error;
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

    if (lookup->find_local != NULL && lookup->find_local(lookup->pool, lookup, name, user))
        return LOOKUP_FOUND;
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

/* Whether the group is one to ask for, and can be. */
static bool is_asked(const struct policy *policy, const bool *matters, size_t place)
{
    return matters[place] && strlen(policy->groups.items[place]) <= LOOKUP_NAME_MAX;
}

/* Questions about a user's groups on their way, in the order of the policy. */
struct asking {
    struct lookup *lookup;
    const struct policy *policy;
    const bool *matters;
    struct lookup_question question;
    size_t next;  /* the group that is asked for next */
    size_t ahead; /* questions without a reply */
};

/* Asks ahead: to wait for each reply by itself takes longer than to find it. */
static void ask_ahead(struct asking *asking)
{
    const struct policy *policy = asking->policy;

    for (; asking->next < policy->groups.count && asking->ahead < AHEAD_MOST; asking->next++) {
        if (!is_asked(policy, asking->matters, asking->next))
            continue;
        strcpy(asking->question.name, policy->groups.items[asking->next]);
        /* Where it has gone, each reply is missed. */
        (void)send_question(asking->lookup, &asking->question);
        asking->ahead++;
    }
}

/* Whether what the process says is of the files as they are. */
static bool may_count(const struct lookup *lookup)
{
    return lookup->is_current == NULL || lookup->is_current(lookup->pool, lookup);
}

/* The answer of one reply, or the errno of the question. */
static int take_answer(const struct asking *asking, size_t place, const struct lookup_reply *reply,
                       enum answer *answer)
{
    char shown[ESCAPE_MAX];

    if (reply->error != 0)
        return reply->error;
    *answer = reply->found ? ANSWER_YES : ANSWER_NO;
    if (reply->no_such_group && place < asking->policy->deny_group_count &&
        may_count(asking->lookup))
        log_warning_seldom("a [deny] of the policy names the group %s, which NSS does not know: it "
                           "denies nobody",
                           escape(shown, sizeof shown, asking->policy->groups.items[place]));
    return 0;
}

void lookup_groups(struct lookup *lookup, const struct policy *policy, const struct user *user,
                   const bool *matters, struct deadline deadline, enum answer *answers, char *why,
                   size_t why_size)
{
    struct asking asking = {.lookup = lookup,
                            .policy = policy,
                            .matters = matters,
                            .question = {.kind = LOOKUP_MEMBER, .gid = user->gid}};
    struct lookup_reply reply;
    size_t i;

    why[0] = '\0';
    strcpy(asking.question.user, user->name);
    for (i = 0; i < policy->groups.count; i++) {
        int error = ENAMETOOLONG;

        answers[i] = ANSWER_UNKNOWN;
        if (!matters[i])
            continue;
        if (is_asked(policy, matters, i)) {
            ask_ahead(&asking);
            error = receive_reply(lookup, &asking.question, deadline, &reply, sizeof reply);
            asking.ahead--;
        }
        if (error == 0)
            error = take_answer(&asking, i, &reply, &answers[i]);
        if (error != 0 && why[0] == '\0')
            explain(why, why_size, "group", policy->groups.items[i], error);
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
    char *name;
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
    return texts_add(gathering->memory, names, arena_text(gathering->memory, name, strlen(name)))
               ? 0
               : ENOMEM;
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
