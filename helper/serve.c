/*
 * Serving one request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/serve.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/escape.h"
#include "common/frame.h"
#include "common/secret.h"
#include "common/wire.h"
#include "helper/asker.h"
#include "helper/limits.h"
#include "helper/log.h"
#include "helper/login_operations.h"
#include "helper/metrics_operation.h"
#include "helper/operations.h"
#include "helper/progress.h"
#include "helper/reply.h"
#include "helper/task.h"

/* For the request to arrive once we have greeted: the caller has it ready. */
#define RECEIVE_MS 5000
/* For the reply to leave: the caller is waiting for it. */
#define SEND_MS 1000
/* The most bytes of a user's request; the module's may have a frame full. */
#define USER_FRAME ((size_t)4096)

/* What begins a request of libnss_xacct's, behind the header. */
static const char for_groups[] =
    FRAME_KEY_VERSION "=" FRAME_VERSION "\0" WIRE_OP "=" WIRE_OP_GROUPS;

static int greet(int fd)
{
    unsigned char memory[REPLY_GREETING];
    struct frame greeting;
    int error = reply_greeting(&greeting, memory);

    return error == 0 ? task_send(&greeting, fd, deadline_in_ms(SEND_MS)) : error;
}

/* A request of which a part has come. */
struct begun {
    size_t size; /* the secret memory that it takes; 0: nothing of it is there */
    bool is_for_groups;
};

/*
 * Looks at the frame that begins at `fd`. It takes no more than `most` bytes, nor than it
 * announces: the arena is too small for the largest frame of each of a hundred logins.
 */
static struct begun look_at_request(int fd, size_t most)
{
    unsigned char start[FRAME_HEADER + sizeof for_groups];
    ssize_t received = recv(fd, start, sizeof start, MSG_PEEK | MSG_DONTWAIT);
    struct begun begun = {.size = received >= 0 ? most : 0};
    size_t length;

    if (received < (ssize_t)FRAME_HEADER)
        return begun;
    length = FRAME_HEADER + frame_announced(start);
    /* One that is too short or too long is refused as it is received. */
    if (length > FRAME_HEADER && length < most)
        begun.size = length;
    begun.is_for_groups = received == (ssize_t)sizeof start &&
                          memcmp(start + FRAME_HEADER, for_groups, sizeof for_groups) == 0;
    return begun;
}

/*
 * Greets if need be and receives into secret memory, which the caller frees: a login may bring the
 * user's token. Returns 0, or an errno.
 *
 * libnss_xacct does not wait for the greeting and has it with the reply, as *greets says: it
 * would be woken for nothing, as the look-up goes on. Everybody else has it at once.
 */
static int receive_request(int fd, struct peer peer, bool greeted, struct secret *memory,
                           struct frame *frame, bool *greets)
{
    const size_t most = FRAME_HEADER + (peer.uid == 0 ? FRAME_MAX : USER_FRAME);
    const struct deadline deadline = deadline_in_ms(RECEIVE_MS);
    struct begun begun = look_at_request(fd, most);
    int error = 0;

    *greets = begun.is_for_groups && !greeted;
    if (!*greets && !greeted)
        error = greet(fd);
    if (error == 0 && begun.size == 0) {
        error = task_wait_fd(fd, POLLIN, deadline);
        begun = look_at_request(fd, most);
    }
    if (error == 0)
        error = secret_new(memory, begun.size > 0 ? begun.size : most);
    if (error != 0)
        return error;
    frame_init(frame, memory->bytes, memory->length);
    return task_receive(frame, fd, deadline);
}

/* The share of the policy's `timeout` that a login's call may take: account two fifths, session
 * three. */
static void shorten_deadline(const struct policy *policy, struct request *request)
{
    int64_t fifths = request->operation == OPERATION_CHECK ? 2 : 3;

    if (policy != NULL && policy->timeout_ms > 0 && request->peer.uid == 0)
        request->deadline =
            deadline_earlier(request->deadline, deadline_in_ms(policy->timeout_ms * fifths / 5));
}

/* Carries out a request that is well formed, unless its user has too many under way. */
static void carry_out(struct progress *progress)
{
    struct request *request = progress->request;
    const struct policy *policy = progress->host->policy;
    char asker[ASKER_SIZE];
    /* A user's own are counted by their connections, and NSS must not be at a login's expense. */
    const bool is_counted = request->peer.uid == 0 && request->operation != OPERATION_GROUPS;

    log_set_debug(request->debug);
    shorten_deadline(policy, request);
    asker_of_login(asker, request, policy, NULL);
    if (is_counted &&
        !limits_take(progress->host->limits, LIMIT_REQUESTS, asker, deadline_in_ms(0))) {
        outcome_set(&progress->outcome, STATUS_UNAVAILABLE,
                    "too many logins of this user are under way at once");
        return;
    }
    operation_run(progress);
    if (is_counted)
        limits_give(progress->host->limits, LIMIT_REQUESTS, asker);
}

/*
 * Says how a login came out where its module may not: su and sudo keep their caller's real uid, and
 * journald gives that user to read what a process with it logs.
 */
static void log_outcome(const struct progress *progress)
{
    static void (*const lines[STATUS_COUNT])(const char *, ...) = {
        [STATUS_PERMITTED] = log_info,    [STATUS_UNMANAGED] = log_debug,
        [STATUS_NO_GRANT] = log_debug,    [STATUS_DENIED] = log_notice,
        [STATUS_EXPIRED] = log_notice,    [STATUS_UNDECIDED] = log_debug,
        [STATUS_UNAVAILABLE] = log_error, [STATUS_MISCONFIGURED] = log_alert,
        [STATUS_UNSUPPORTED] = log_alert,
    };
    const struct request *request = progress->request;
    const struct outcome *outcome = &progress->outcome;
    void (*line)(const char *, ...) = lines[outcome->status];
    char user[ESCAPE_MAX], service[ESCAPE_MAX];

    /* What a check permits, the line of the session says. */
    if (outcome->status == STATUS_PERMITTED && request->operation != OPERATION_OPEN)
        line = log_debug;
    line("%s: user %s: %s: %s [reference %s]", escape(service, sizeof service, request->service),
         escape(user, sizeof user, request->user), status_name(outcome->status), outcome->reason,
         request->reference);
}

/* Makes the reply. Returns whether it is one to a request that could be carried out. */
static bool answer(struct progress *progress, const struct frame *received, struct peer peer,
                   struct deadline since)
{
    struct request *request = progress->request;
    char why[1024];
    enum status status = request_parse(received, peer, since, request, why, sizeof why);

    if (!frame_version_known(received)) {
        outcome_set(&progress->outcome, STATUS_UNSUPPORTED,
                    "the other side speaks another version of the protocol than this helper: "
                    "install both from one release");
        return false;
    }
    if (status == STATUS_PERMITTED) {
        carry_out(progress);
        return true;
    }
    outcome_set(&progress->outcome, status, "%s", why);
    /* What was wrong with it is no secret to whoever sent it. */
    snprintf(progress->outcome.message, sizeof progress->outcome.message, "%s", why);
    if (peer.uid != 0)
        progress_audit_refusal(progress);
    return false;
}

/* Sends the reply, with the greeting if it is not said yet. Returns 0 or an errno, in which case a
 * session that was opened is closed. */
static int reply(struct progress *progress, int fd, bool greets)
{
    int error;

    /* Nothing of ours may be left behind when the module, having its reply, ends us. */
    if (progress->host->sessions == NULL)
        lookup_pool_close(progress->host->lookups);
    error = progress->outcome.unanswerable
                ? EPIPE
                : reply_send(progress, fd, greets, deadline_in_ms(SEND_MS));
    if (error != 0 && progress->request->operation == OPERATION_OPEN &&
        progress->outcome.session[0] != '\0')
        login_undo(progress);
    return error;
}

/* Says that a request was not answered: `asked`, or NULL where none had come that we could serve.
 */
static void report_failure(struct peer peer, int error, const struct request *asked)
{
    bool left = error == ENODATA || error == ECONNRESET || error == EPIPE || error == ECANCELED;
    char user[ESCAPE_MAX];

    /*
     * Whoever leaves without a word is no news: a probe, or a module that went the other way. If it
     * is we who leave, that has been said.
     */
    if (peer.uid == 0 && asked != NULL && asked->operation == OPERATION_GROUPS)
        log_warning_seldom("whoever asked for the Unix groups of %s did not wait for the answer "
                           "(%s), as libnss_xacct waits 200 ms: does a directory service (sssd, "
                           "ldap, winbind) hang?",
                           asked->user[0] != '\0' ? escape(user, sizeof user, asked->user)
                                                  : "the policy",
                           strerror(error));
    else if (peer.uid == 0 && (asked != NULL || !left))
        log_error("a request was not answered: %s", strerror(error));
    else
        log_debug("a connection of uid %u came to nothing: %s", (unsigned)peer.uid,
                  strerror(error));
}

int serve_greet(int fd, struct peer peer, struct deadline *greeted)
{
    int error;

    *greeted = deadline_in_ms(0);
    error = greet(fd);
    if (error != 0)
        report_failure(peer, error, NULL);
    return error;
}

int serve(struct host *host, int fd, struct peer peer, const struct deadline *greeted,
          bool (*fits)(const struct host *))
{
    struct secret memory = {NULL, 0};
    struct progress *progress = calloc(1, sizeof *progress);
    struct request request;
    struct frame received;
    const struct request *asked = NULL;
    bool greets, carried_out;
    int error = progress != NULL ? 0 : ENOMEM;

    if (error == 0)
        error = receive_request(fd, peer, greeted != NULL, &memory, &received, &greets);
    if (error != 0)
        goto done;
    host->fits = fits;
    host_hold_policy(host);
    if (fits != NULL && !fits(host)) {
        error = ECANCELED;
        goto done;
    }
    asked = &request;
    progress_begin(progress, host, &request);
    carried_out = answer(progress, &received, peer, greeted != NULL ? *greeted : deadline_in_ms(0));
    if (request.log)
        log_outcome(progress);
    error = reply(progress, fd, greets);
    if (error == 0 && carried_out)
        metrics_count_request(progress);
    progress_free(progress);

done:
    if (error != 0)
        report_failure(peer, error, asked);
    host_release_policy(host);
    free(progress);
    secret_free(&memory);
    return error;
}
