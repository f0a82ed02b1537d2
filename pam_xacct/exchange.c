/*
 * Which way a request goes: to the service where there is one, else, and where that comes to
 * nothing, to a helper that is started for it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "pam_xacct/talk.h"

/*
 * Goes the second way; the outcome is still that of the first, `talk`. A service that should have
 * answered and did not is named in the log; a host without one is as it may be.
 */
static bool start_instead(struct call *call, enum talk talk, const char *session)
{
    char first[REASON_SIZE];
    bool answered;

    memcpy(first, call->outcome.reason, sizeof first);
    report_debug(call, "%s; the helper %s is started", first, call->options.helper);
    answered = once_ask(call, session);
    if (talk == TALK_ABSENT)
        return answered;
    if (answered)
        pam_syslog(call->pamh, LOG_WARNING, "%s; the helper was started instead [reference %s]",
                   first, call->reference);
    else
        outcome_set(call, call->outcome.status, "%s; and before, %s", call->outcome.reason, first);
    return answered;
}

static bool ask(struct call *call, const char *session)
{
    enum talk talk;

    if (call->options.socket == NULL) {
        report_debug(call, "no service is asked, as config= or user= stands there without socket=");
        return once_ask(call, session);
    }
    talk = service_ask(call, session);
    if (talk == TALK_ANSWERED)
        report_debug(call, "the service %s has replied", call->options.socket);
    else if (deadline_left_ms(call->answer_by) > 0)
        return start_instead(call, talk, session);
    return talk == TALK_ANSWERED;
}

bool exchange(struct call *call, const char *session)
{
    const size_t size = FRAME_HEADER + FRAME_MAX;
    /* One for both, as two would have malloc get its memory from the kernel and give it back. */
    unsigned char *memory = malloc(size);

    if (memory == NULL) {
        outcome_set(call, STATUS_UNAVAILABLE, "not enough memory to talk to the helper");
        return false;
    }
    frame_init(&call->reply, memory, size);
    return ask(call, session);
}
