/*
 * Groups for NSS. Programs of every kind ask, as every uid, all the time: nothing is written to the
 * audit file, and nothing is looked up for what the policy's own table answers.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/group_operations.h"

#include <string.h>
#include <unistd.h>

#include "helper/group_clashes.h"
#include "helper/judge.h"
#include "helper/limits.h"
#include "helper/sessions.h"
#include "helper/task.h"

/* Makes room for which groups the reply tells of, none yet. Returns false without memory. */
static bool make_room(struct progress *progress)
{
    const struct policy *policy = progress->host->policy;

    progress->groups = arena_alloc(&progress->identity.memory, policy->unix_group_count + 1,
                                   sizeof *progress->groups);
    return progress->groups != NULL;
}

enum status group_decide(struct progress *progress)
{
    const struct request *request = progress->request;
    struct outcome *outcome = &progress->outcome;
    struct identity *identity = &progress->identity;
    enum status status;

    progress->groups = NULL;
    status = identify_user(progress->host, request, identity, outcome);
    if (status != STATUS_PERMITTED)
        return status;
    if (request->peer.uid != 0 && identity->user.uid != request->peer.uid)
        return outcome_set(outcome, STATUS_PERMITTED, "the groups of another user");
    if (!make_room(progress))
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory looking up groups");
    return judge_groups(progress->host, request, identity, progress->groups, outcome);
}

/*
 * Decides when it is the uid's turn: else whoever asks all the time would take the processor from
 * root's look-ups, on which logins wait.
 */
static void decide_in_turn(struct progress *progress)
{
    static struct task_queue queue;
    const struct request *request = progress->request;
    const struct host *host = progress->host;
    char name[LIMITS_NAME_SIZE];
    int error = 0;

    if (request->peer.uid == 0 || host->sessions == NULL) {
        progress_decide(progress);
        return;
    }
    limits_name(name, request->peer.uid, sessions_has(host->sessions, host, request->peer.uid));
    while (error == 0 && !limits_take(host->limits, LIMIT_LOOK_UPS, name, deadline_in_ms(0)))
        error = task_wait(&queue, request->deadline);
    if (error != 0)
        return;
    progress_decide(progress);
    limits_give(host->limits, LIMIT_LOOK_UPS, name);
    task_wake_all(&queue);
}

/* Leaves of the groups those that are looked up. */
static void narrow(struct progress *progress)
{
    const struct policy *policy = progress->host->policy;
    const struct request *request = progress->request;
    size_t i;

    for (i = 0; i < policy->unix_group_count; i++) {
        const struct unix_group *group = policy->unix_groups[i];

        if ((request->group != NULL && strcmp(request->group, group->name) != 0) ||
            (request->has_gid && request->gid != group->gid))
            progress->groups[i] = false;
    }
}

void group_look_up(struct progress *progress)
{
    const struct policy *policy = progress->host->policy;
    const struct request *request = progress->request;
    struct outcome *outcome = &progress->outcome;

    outcome_set(outcome, STATUS_PERMITTED, "no group");
    /* Our own look-up processes must not wait for us, whatever NSS on this host makes them ask. */
    if ((request->peer.uid != 0 && request->peer.uid == geteuid()) || policy->unix_group_count == 0)
        return;
    /* To others it takes the same time whether there is such a group or not. */
    if (request->peer.uid != 0 || request->user[0] != '\0')
        decide_in_turn(progress);
    else if (make_room(progress))
        memset(progress->groups, true, policy->unix_group_count * sizeof *progress->groups);
    if (progress->groups != NULL) {
        group_clashes_drop(progress->host, progress->groups);
        narrow(progress);
    }
    /* NSS has no word for the difference, and a part of the groups is better than none. */
    outcome_set(outcome, STATUS_PERMITTED, "as far as it could be looked up");
}
