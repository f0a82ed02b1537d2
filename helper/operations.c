/*
 * The table of operations.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/operations.h"

#include "helper/examine.h"
#include "helper/group_operations.h"
#include "helper/login_operations.h"
#include "helper/message.h"
#include "helper/metrics_operation.h"
#include "helper/revoke.h"
#include "helper/user_operations.h"

static void (*const run[OPERATION_COUNT])(struct progress *progress) = {
    [OPERATION_OPEN] = login_open,      [OPERATION_CLOSE] = login_close,
    [OPERATION_CHECK] = login_check,    [OPERATION_LIST] = user_list,
    [OPERATION_ASSUME] = user_assume,   [OPERATION_CONSOLE] = user_console,
    [OPERATION_DEFAULT] = user_default, [OPERATION_STATUS] = user_status,
    [OPERATION_GROUPS] = group_look_up, [OPERATION_EXAMINE] = examine_host,
    [OPERATION_METRICS] = metrics_tell, [OPERATION_REVOKE] = revoke_human,
};

/* How often a request is begun anew as the policy changes under it. */
#define TRIES 3

/* Carries the request out under the policy that the host holds. */
static void run_once(struct progress *progress)
{
    const struct host *host = progress->host;

    const enum operation operation = progress->request->operation;

    /* Sessions end whatever has become of the policy, and a doctor comes for that, as does who
     * watches the host. */
    if (host->policy != NULL || operation == OPERATION_CLOSE || operation == OPERATION_EXAMINE ||
        operation == OPERATION_METRICS || operation == OPERATION_REVOKE) {
        run[operation](progress);
    } else {
        outcome_set(&progress->outcome, STATUS_MISCONFIGURED, "the policy is refused: %s",
                    host->policy_error);
        progress_audit_refusal(progress);
    }
}

/* Begins anew under the policy in force. Returns whether we can serve under that one. */
static bool begin_anew(struct progress *progress, const struct request *asked)
{
    struct host *host = progress->host;

    progress_begin_anew(progress, asked);
    host_release_policy(host);
    host_hold_policy(host);
    progress->outcome.unanswerable = host->fits != NULL && !host->fits(host);
    return !progress->outcome.unanswerable;
}

void operation_run(struct progress *progress)
{
    const struct request asked = *progress->request;
    int tries = 1;

    run_once(progress);
    while (progress->outdated && tries++ < TRIES && begin_anew(progress, &asked))
        run_once(progress);
    if (progress->outdated)
        progress_audit_refusal(progress);
    if (progress->request->peer.uid != 0)
        message_refused(progress);
}
