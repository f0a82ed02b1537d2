/*
 * Forking keepers.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/outside_forker.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper/outside_keeper.h"

/* What a message that hands over descriptors is made of. */
struct handover {
    struct msghdr message;
    struct iovec part;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(OUTSIDE_HANDED * sizeof(int))];
    } control;
};

static void handover_init(struct handover *handover, const struct outside_request *request)
{
    memset(handover, 0, sizeof *handover);
    handover->part = (struct iovec){(void *)request, sizeof *request};
    handover->message.msg_iov = &handover->part;
    handover->message.msg_iovlen = 1;
    handover->message.msg_control = &handover->control;
    handover->message.msg_controllen = sizeof handover->control;
}

int outside_forker_ask(int channel, const struct outside_request *request,
                       const int handed[OUTSIDE_HANDED])
{
    struct handover handover;

    handover_init(&handover, request);
    handover.control.header.cmsg_level = SOL_SOCKET;
    handover.control.header.cmsg_type = SCM_RIGHTS;
    handover.control.header.cmsg_len = CMSG_LEN(OUTSIDE_HANDED * sizeof(int));
    memcpy(CMSG_DATA(&handover.control.header), handed, OUTSIDE_HANDED * sizeof(int));
    if (sendmsg(channel, &handover.message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        return 0;
    return errno == ECONNRESET || errno == ENOTCONN ? EPIPE : errno;
}

static void close_all(int handed[OUTSIDE_HANDED])
{
    int i;

    for (i = 0; i < OUTSIDE_HANDED; i++)
        if (handed[i] >= 0)
            close(handed[i]);
}

/* Takes a request. Returns false once there will be none any more. */
static bool receive(int channel, struct outside_request *request, int handed[OUTSIDE_HANDED])
{
    struct handover handover;
    ssize_t received;
    size_t count;
    int i;

    for (i = 0; i < OUTSIDE_HANDED; i++)
        handed[i] = -1;
    handover_init(&handover, request);
    do
        received = recvmsg(channel, &handover.message, MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    /* Who asks is confined because it may be somebody else's by now. */
    if (received != sizeof *request || request->length > sizeof request->bytes)
        return false;
    /* Where we may have no more descriptors, the kernel drops those that are too many. */
    count = handover.message.msg_controllen < CMSG_LEN(0)
                ? 0
                : (handover.control.header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(handed, CMSG_DATA(&handover.control.header), count * sizeof(int));
    return true;
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
    int handed[OUTSIDE_HANDED];

    /* Nobody waits for a keeper: the kernel reaps it. */
    signal(SIGCHLD, SIG_IGN);
    while (receive(channel, &request, handed)) {
        const struct base *base = outside_forker_base(policy, request.number);

        /* Where it cannot be forked, the control socket closes, and says so. */
        if (base != NULL && handed[OUTSIDE_OUTPUT] >= 0 && fork() == 0) {
            outside_keeper_run(&request, base, handed);
            _exit(0);
        }
        close_all(handed);
    }
}
