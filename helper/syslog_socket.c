/*
 * Lines to syslog by a socket of their own. Source of the form: RFC 3164, as glibc's syslog(3)
 * writes it to /dev/log.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/syslog_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define WAITS_AGAIN_MS 10000

static void disconnect(struct syslog_socket *log)
{
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}

/* Connects by a socket of this type. Returns 0 or an errno. */
static int connect_as(struct syslog_socket *log, int type)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};
    int error = 0;

    log->is_stream = type == SOCK_STREAM;
    log->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (log->fd < 0 || connect(log->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        error = errno;
    if (error != 0)
        disconnect(log);
    return error;
}

/* Connects to the daemon. Some have a stream there. Returns whether. */
static bool connect_to_daemon(struct syslog_socket *log)
{
    int error = connect_as(log, SOCK_DGRAM);

    if (error == EPROTOTYPE)
        error = connect_as(log, SOCK_STREAM);
    return error == 0;
}

void syslog_socket_open(struct syslog_socket *log)
{
    if (log->fd < 0)
        (void)connect_to_daemon(log);
}

/* What stands before a line; `heading` has SYSLOG_HEADING_SIZE bytes. */
static void write_heading(const struct syslog_socket *log, char *heading, int severity)
{
    const time_t now = time(NULL);
    char stamp[32] = "";
    struct tm local;

    if (localtime_r(&now, &local) != NULL)
        strftime(stamp, sizeof stamp, "%b %e %H:%M:%S ", &local);
    snprintf(heading, SYSLOG_HEADING_SIZE, "<%d>%s%.32s[%ld]: ", LOG_AUTHPRIV | severity, stamp,
             log->program, (long)getpid());
}

/* Hands a message over. Returns whether all of it went. */
static bool hand_over(const struct syslog_socket *log, const char *message, size_t length)
{
    /* In a stream a NUL ends each. */
    const size_t all = length + (log->is_stream ? 1 : 0);
    ssize_t sent = send(log->fd, message, all, MSG_NOSIGNAL);

    /* A stream that took a part of it is of no use any more: the rest would be lost in the next. */
    if (sent >= 0 && sent < (ssize_t)all)
        errno = EPIPE;
    return sent == (ssize_t)all;
}

/*
 * Waits for a daemon that is busy; where that was in vain, not for a while, as everybody waits
 * meanwhile. Returns whether there is room.
 */
static bool wait_for_room(struct syslog_socket *log)
{
    struct pollfd room = {.fd = log->fd, .events = POLLOUT};

    if (log->wait_ms == 0 || deadline_left_ms(log->waits_again) > 0)
        return false;
    if (poll(&room, 1, log->wait_ms) == 1 && (room.revents & POLLOUT) != 0)
        return true;
    log->waits_again = deadline_in_ms(WAITS_AGAIN_MS);
    return false;
}

/* Sends one message. Returns whether the daemon has it. */
static bool send_text(struct syslog_socket *log, int severity, const char *text)
{
    char heading[SYSLOG_HEADING_SIZE], message[SYSLOG_LINE_MOST + 1];
    int length;

    write_heading(log, heading, severity);
    length = snprintf(message, sizeof message, "%s%s", heading, text);
    if (length < 0 || (size_t)length >= sizeof message)
        return false;
    if (log->fd < 0 && !connect_to_daemon(log))
        return false;
    if (hand_over(log, message, (size_t)length))
        return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return wait_for_room(log) && hand_over(log, message, (size_t)length);
    /* It was started anew since, and listens on a socket of its own. */
    disconnect(log);
    return connect_to_daemon(log) && hand_over(log, message, (size_t)length);
}

/* Says how many lines did not get through. Returns whether the daemon has it, or needs not. */
static bool tell_not_taken(struct syslog_socket *log)
{
    const bool is_one = log->not_taken == 1;
    char text[160];

    if (log->not_taken == 0)
        return true;
    snprintf(text, sizeof text, "%llu line%s of %s %s missing here, as syslog did not take %s",
             log->not_taken, is_one ? "" : "s", log->what, is_one ? "is" : "are",
             is_one ? "it" : "them");
    if (!send_text(log, LOG_WARNING, text))
        return false;
    log->not_taken = 0;
    return true;
}

bool syslog_socket_send(struct syslog_socket *log, int severity, const char *text)
{
    const bool is_taken = tell_not_taken(log) && send_text(log, severity, text);

    if (!is_taken)
        log->not_taken++;
    return is_taken;
}
