/*
 * Handing descriptors over.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HANDED_SIZE (HANDOVER_COUNT * sizeof(int))

/* What such a packet is made of. */
struct handover {
    struct msghdr message;
    struct iovec part;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(HANDED_SIZE)];
    } control;
};

static void handover_init(struct handover *handover, void *bytes, size_t size)
{
    memset(handover, 0, sizeof *handover);
    handover->part = (struct iovec){bytes, size};
    handover->message.msg_iov = &handover->part;
    handover->message.msg_iovlen = 1;
    handover->message.msg_control = &handover->control;
    /* No room for alignment, which could take one more. */
    handover->message.msg_controllen = CMSG_LEN(HANDED_SIZE);
}

int handover_send(int channel, const void *bytes, size_t size, const int handed[HANDOVER_COUNT],
                  int flags)
{
    struct handover handover;

    handover_init(&handover, (void *)bytes, size);
    if (handed != NULL) {
        handover.control.header.cmsg_level = SOL_SOCKET;
        handover.control.header.cmsg_type = SCM_RIGHTS;
        handover.control.header.cmsg_len = CMSG_LEN(HANDED_SIZE);
        memcpy(CMSG_DATA(&handover.control.header), handed, HANDED_SIZE);
    } else {
        handover.message.msg_controllen = 0;
    }
    return sendmsg(channel, &handover.message, MSG_NOSIGNAL | flags) < 0 ? errno : 0;
}

ssize_t handover_receive(int channel, void *bytes, size_t size, int handed[HANDOVER_COUNT],
                         int flags)
{
    struct handover handover;
    ssize_t received;
    int i;

    for (i = 0; i < HANDOVER_COUNT; i++)
        handed[i] = -1;
    handover_init(&handover, bytes, size);
    received = recvmsg(channel, &handover.message, MSG_CMSG_CLOEXEC | flags);
    /* Its length is that of the descriptors that have come. */
    if (received >= 0 && handover.message.msg_controllen >= CMSG_LEN(0))
        memcpy(handed, CMSG_DATA(&handover.control.header),
               handover.control.header.cmsg_len - CMSG_LEN(0));
    return received;
}

void handover_close(const int handed[HANDOVER_COUNT])
{
    int i;

    for (i = 0; i < HANDOVER_COUNT; i++)
        if (handed[i] >= 0)
            close(handed[i]);
}
