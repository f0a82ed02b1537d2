/*
 * A look-up process, seen from the helper: starting it, asking it, killing it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/lookup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
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

/*
 * Asks one question. Returns 0 with *reply filled, or an errno: ETIMEDOUT when the deadline passed,
 * EPIPE when the process has gone. The process is then ended, as its answers could no longer be
 * told from each other.
 */
static int ask(struct lookup *lookup, struct lookup_question *question, struct deadline deadline,
               struct lookup_reply *reply)
{
    ssize_t received;
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
    received = recv(lookup->socket, reply, sizeof *reply, MSG_DONTWAIT);
    if (received != sizeof *reply || memchr(reply->name, '\0', sizeof reply->name) == NULL)
        error = EPIPE;

done:
    if (error != 0)
        lookup_stop(lookup);
    return error;
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

enum lookup_outcome lookup_user(struct lookup *lookup, const char *name, struct deadline deadline,
                                struct user *user, char *why, size_t why_size)
{
    struct lookup_question question = {.kind = LOOKUP_USER};
    struct lookup_reply reply;
    int error = name_question(&question, name);

    if (error == 0)
        error = ask(lookup, &question, deadline, &reply);
    if (error == 0)
        error = reply.error;
    if (error != 0) {
        explain(why, why_size, "user", name, error);
        return LOOKUP_UNANSWERED;
    }
    if (!reply.found)
        return LOOKUP_NOT_FOUND;
    strcpy(user->name, reply.name);
    user->uid = reply.uid;
    user->gid = reply.gid;
    return LOOKUP_FOUND;
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
