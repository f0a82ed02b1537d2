/*
 * Forking keepers.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/outside_forker.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper/outside_keeper.h"

int outside_forker_ask(int channel, const struct outside_request *request,
                       const int handed[HANDOVER_COUNT])
{
    int error = handover_send(channel, request, sizeof *request, handed, MSG_DONTWAIT);

    return error == ECONNRESET || error == ENOTCONN ? EPIPE : error;
}

/* Takes a request. Returns false once there will be none any more. */
static bool receive(int channel, struct outside_request *request, int handed[HANDOVER_COUNT])
{
    ssize_t received;

    do
        received = handover_receive(channel, request, sizeof *request, handed, 0);
    while (received < 0 && errno == EINTR);
    /* Who asks is confined because it may be somebody else's by now. */
    return received == sizeof *request && request->length <= sizeof request->bytes;
}

static bool needs_outside(const struct base *base)
{
    /* The policy takes a module with a key in a token, and with no other. */
    return base->source == BASE_PROCESS || base->pkcs11_module != NULL;
}

const struct base *outside_forker_base(const struct policy *policy, size_t number)
{
    size_t i;

    for (i = 0; i < policy->base_count; i++)
        if (needs_outside(&policy->bases[i]) && number-- == 0)
            return &policy->bases[i];
    return NULL;
}

void outside_forker_run(int channel, const void *policy)
{
    struct outside_request request;
    int handed[HANDOVER_COUNT];

    /* Nobody waits for a keeper: the kernel reaps it. */
    signal(SIGCHLD, SIG_IGN);
    while (receive(channel, &request, handed)) {
        const struct base *base = outside_forker_base(policy, request.number);

        /* Where it cannot be forked, the control socket closes, and says so. */
        if (base != NULL && handed[OUTSIDE_OUTPUT] >= 0 && fork() == 0) {
            outside_keeper_run(&request, policy, base, handed);
            _exit(0);
        }
        handover_close(handed);
    }
}
