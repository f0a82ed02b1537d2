/*
 * The first way to the helper: the service that listens on a socket. Who put the socket there and
 * who listens is found out before a byte is sent, and nobody there can hold a login up for long.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pam_xacct/talk.h"

/*
 * How long a greeting is waited for: a service that works gives it at once, and one that is frozen,
 * or not there while its socket is, must leave time for the other way. Less where time is short.
 */
#define GREETING_MS   INT64_C(500)
#define GREETING_PART 3

/* Sets the outcome for a step on the way to the socket that failed with `error`, or 0. */
static enum talk unusable(struct call *call, int error, const char *step, const char *why)
{
    outcome_set(call, STATUS_UNAVAILABLE, "the service %s cannot be used: %s: %s",
                call->options.socket, step, why);
    return error == ENOENT ? TALK_ABSENT : TALK_FAILED;
}

/* Whether only root and the helper's user can have put the socket there. Sets *talk if not. */
static bool place_is_trusted(struct call *call, const struct sockaddr_un *address, enum talk *talk)
{
    char folder[sizeof address->sun_path];
    struct path_fault fault;

    memcpy(folder, address->sun_path, sizeof folder);
    *strrchr(folder, '/') = '\0';
    if (path_is_trusted(folder, PATH_SOCKET_FOLDER, call->helper_user.uid, &fault))
        return true;
    *talk = unusable(call, fault.error, fault.step, fault.what);
    return false;
}

/* Why the socket cannot be connected to. */
static const char *connect_text(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return "nobody listens there";
    case EAGAIN:
        return "too many connections wait there already";
    default:
        return error_text(error);
    }
}

/*
 * A socket above the standard descriptors, or -1 with an errno in *error. Those that are free need
 * not be held meanwhile: what is printed to a socket that leads nowhere yet is lost.
 */
static int make_socket(int *error)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    *error = fd < 0 ? errno : standard_avoid(&fd);
    return fd;
}

/* Whether it is the helper's user or root who listens. Sets *talk if not. */
static bool peer_is_trusted(struct call *call, int fd, enum talk *talk)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        *talk = unusable(call, 0, "peer", error_text(errno));
        return false;
    }
    if (peer.uid == 0 || peer.uid == call->helper_user.uid)
        return true;
    outcome_set(call, STATUS_UNAVAILABLE,
                "the service %s cannot be used: who listens there is uid %lu, neither root nor %s",
                call->options.socket, (unsigned long)peer.uid, call->options.user);
    *talk = TALK_FAILED;
    return false;
}

enum talk service_ask(struct call *call, const char *session)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct peer peer = {.fd = -1, .kind = "service", .path = call->options.socket};
    enum talk talk = TALK_FAILED;
    int error;

    /* The option is of a length that fits. */
    memcpy(address.sun_path, peer.path, strlen(peer.path));
    peer.greeting_ms = deadline_left_ms(call->answer_by) / GREETING_PART;
    if (peer.greeting_ms > GREETING_MS)
        peer.greeting_ms = GREETING_MS;
    peer.greeting_by = deadline_in_ms(peer.greeting_ms);

    if (!place_is_trusted(call, &address, &talk))
        goto done;
    peer.fd = make_socket(&error);
    if (peer.fd < 0) {
        talk = unusable(call, 0, "socket", error_text(error));
        goto done;
    }
    if (connect(peer.fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        talk = unusable(call, errno, "connect", connect_text(errno));
        goto done;
    }
    if (peer_is_trusted(call, peer.fd, &talk))
        talk = talk_with(call, &peer, session);

done:
    if (peer.fd >= 0)
        close(peer.fd);
    return talk;
}
