/*
 * Serving one request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/serve.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "common/frame.h"
#include "common/secret.h"
#include "helper/log.h"
#include "helper/operations.h"
#include "helper/outcome.h"
#include "helper/reply.h"
#include "helper/request.h"

/* For the request to arrive once we have greeted: the module has it ready. */
#define RECEIVE_MS 5000
/* For the reply to leave: the module is waiting for it. */
#define SEND_MS 1000

/* Greets and receives. Returns 0, or an errno. */
static int receive_request(int fd, struct frame *frame)
{
    int error = frame_add(frame, FRAME_KEY_VERSION, FRAME_VERSION);

    if (error == 0)
        error = frame_send(frame, fd, deadline_in_ms(SEND_MS));
    if (error == 0)
        error = frame_receive(frame, fd, deadline_in_ms(RECEIVE_MS));
    return error;
}

/* The share of the policy's `timeout` that a phase may take: account two fifths, session three. */
static void shorten_deadline(const struct policy *policy, struct request *request)
{
    int64_t fifths = request->operation == OPERATION_CHECK ? 2 : 3;

    if (policy != NULL && policy->timeout_ms > 0)
        request->deadline =
            deadline_earlier(request->deadline, deadline_in_ms(policy->timeout_ms * fifths / 5));
}

static void answer(struct host *host, const struct frame *received, uid_t uid,
                   struct request *request, struct outcome *outcome)
{
    char why[1024];
    enum status status;

    if (!frame_version_known(received)) {
        /* Parsed for the reference alone. */
        (void)request_parse(received, uid, request, why, sizeof why);
        outcome_set(outcome, STATUS_UNSUPPORTED,
                    "the module speaks another version of the protocol than this helper: install "
                    "both from one release");
        return;
    }
    status = request_parse(received, uid, request, why, sizeof why);
    if (status != STATUS_PERMITTED) {
        outcome_set(outcome, status, "%s", why);
        return;
    }
    log_set_debug(request->debug);
    shorten_deadline(host->policy, request);
    operation_run(host, request, outcome);
}

int serve_once(struct host *host, int fd)
{
    struct secret memory = {NULL, 0};
    unsigned char received_bytes[FRAME_HEADER + FRAME_MAX];
    struct frame received, sent;
    struct request request;
    struct outcome outcome;
    uid_t uid;
    int error = request_peer(fd, &uid);

    memset(&outcome, 0, sizeof outcome);
    outcome.status = STATUS_UNAVAILABLE;
    frame_init(&received, received_bytes, sizeof received_bytes);
    if (error == 0)
        error = receive_request(fd, &received);
    if (error == 0)
        error = secret_new(&memory, FRAME_HEADER + FRAME_MAX);
    if (error != 0)
        goto done;
    answer(host, &received, uid, &request, &outcome);
    /* Nothing of ours may be left behind when the module, having its reply, ends us. */
    lookup_stop(&host->lookup);
    frame_init(&sent, memory.bytes, memory.length);
    error = reply_make(&outcome, &request, uid, &sent);
    if (error == 0)
        error = frame_send(&sent, fd, deadline_in_ms(SEND_MS));

done:
    if (error != 0)
        log_error("a request was not answered: %s", strerror(error));
    outcome_free(&outcome);
    secret_free(&memory);
    return error;
}
