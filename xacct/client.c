/*
 * Asking the service. What comes back is hostile until it is checked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/reference.h"
#include "xacct/complain.h"
#include "xacct/text.h"

#define GREETING_MS  2000
#define REPLY_SIZE   (FRAME_HEADER + FRAME_MAX)
#define REQUEST_SIZE 4096
#define SHOWN_SIZE   256 /* of a path or a version in a sentence */

void client_init(struct client *client, const char *socket)
{
    *client = (struct client){.socket = socket, .fd = -1, .status = STATUS_COUNT};
}

__attribute__((format(printf, 2, 3))) static enum answer fail(struct client *client,
                                                              const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(client->failure, sizeof client->failure, format, arguments);
    va_end(arguments);
    return ANSWER_NONE;
}

/* The folder of the socket belongs to whoever may listen there. */
static bool folder_owner(const char *path, uid_t *owner)
{
    char folder[sizeof((struct sockaddr_un *)0)->sun_path + 1];
    const char *slash = strrchr(path, '/');
    struct stat status;

    if (slash == NULL)
        snprintf(folder, sizeof folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + (slash == path), path);
    if (stat(folder, &status) != 0)
        return false;
    *owner = status.st_uid;
    return true;
}

/* Whether whoever listens is who should; fails otherwise. */
static bool peer_is_trusted(struct client *client, const char *path)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    uid_t owner;

    if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        (peer.uid != 0 && (!folder_owner(client->socket, &owner) || owner != peer.uid))) {
        fail(client,
             "what listens at %s is not the xacct service, as it runs neither as root nor as the "
             "owner of that folder: do not use it, and tell the admin of this host",
             path);
        return false;
    }
    return true;
}

/* Connects. A full backlog is waited for as long as for a greeting. */
static enum answer connect_to_service(struct client *client, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = GREETING_MS / 1000};
    size_t length = strlen(client->socket);

    if (length == 0 || length >= sizeof address.sun_path)
        return fail(client, "%s is no path for a socket: it has 1 to %zu bytes", path,
                    sizeof address.sun_path - 1);
    memcpy(address.sun_path, client->socket, length + 1);
    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 ||
        setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0)
        return fail(client, "no socket can be made: %s", strerror(errno));
    if (connect(client->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        if (errno == EAGAIN)
            return fail(client,
                        "the xacct service at %s has more to do than it can take: try again in a "
                        "moment",
                        path);
        return fail(client,
                    "the xacct service cannot be reached at %s (%s): ask the admin of this host to "
                    "start it",
                    path, strerror(errno));
    }
    return peer_is_trusted(client, path) ? ANSWER_PERMITTED : ANSWER_NONE;
}

/* What it means that `part` of the talk failed with `error`. */
static enum answer talk_failed(struct client *client, const char *path, const char *part, int error)
{
    switch (error) {
    case ETIMEDOUT:
        return fail(client,
                    "the xacct service at %s does not answer (no %s in time): try again, and if "
                    "that does not help, tell the admin of this host",
                    path, part);
    case ENODATA:
    case EPIPE:
    case ECONNRESET:
        return fail(client,
                    "the xacct service at %s hung up before the %s was complete: try again, and if "
                    "that does not help, tell the admin of this host",
                    path, part);
    case EBADMSG:
        return fail(client,
                    "the %s of the xacct service at %s is not well formed: tell the admin of this "
                    "host",
                    part, path);
    default:
        return fail(client, "the talk with the xacct service at %s failed at the %s: %s", path,
                    part, strerror(error));
    }
}

static enum answer version_differs(struct client *client, const char *path)
{
    const char *version = frame_get(&client->reply, FRAME_KEY_VERSION);
    char shown[SHOWN_SIZE];

    return fail(client,
                "the xacct service at %s speaks version %s and this xacct version %s: tell the "
                "admin of this host that both must be of one release, and the service started anew",
                path, escape(shown, sizeof shown, version), FRAME_VERSION);
}

/* What revoke asks for beside. Returns 0 or an errno. */
static int add_revoke(struct frame *request, const struct question *question)
{
    int error = frame_add(request, WIRE_HUMAN, question->human);

    if (error == 0 && question->ruser != NULL && question->ruser[0] != '\0')
        error = frame_add(request, WIRE_RUSER, question->ruser);
    if (error == 0 && question->has_loginuid)
        error = frame_add_number(request, WIRE_LOGINUID, question->loginuid);
    if (error == 0 && question->has_audit_session)
        error = frame_add_number(request, WIRE_AUDIT_ID, question->audit_session);
    if (error == 0 && question->dry_run)
        error = frame_add(request, WIRE_DRY_RUN, "1");
    return error;
}

/* Returns 0 or an errno. */
static int build_request(struct frame *request, const struct question *question,
                         struct deadline deadline)
{
    const char *session = getenv("XACCT_SESSION");
    int error = frame_add(request, FRAME_KEY_VERSION, FRAME_VERSION);

    if (error == 0)
        error = frame_add(request, WIRE_OP, question->op);
    if (error == 0)
        error = frame_add_number(request, WIRE_DEADLINE, deadline_left_ms(deadline));
    if (error == 0 && session_id_is_valid(session))
        error = frame_add(request, WIRE_SESSION, session);
    if (error == 0 && question->role != NULL)
        error = frame_add(request, WIRE_ROLE, question->role);
    if (error == 0 && question->purpose != NULL)
        error = frame_add(request, WIRE_PURPOSE, question->purpose);
    if (error == 0 && question->min_life > 0)
        error = frame_add_number(request, WIRE_MIN_LIFE, question->min_life);
    if (error == 0 && question->fresh)
        error = frame_add(request, WIRE_FRESH, "1");
    if (error == 0 && question->base != NULL)
        error = frame_add(request, WIRE_BASE, question->base);
    if (error == 0 && question->region != NULL)
        error = frame_add(request, WIRE_REGION, question->region);
    if (error == 0 && question->wrong_external_id)
        error = frame_add(request, WIRE_WRONG_EXTERNAL_ID, "1");
    if (error == 0 && question->names)
        error = frame_add(request, WIRE_NAMES, "1");
    if (error == 0 && question->human != NULL)
        error = add_revoke(request, question);
    return error;
}

/* The frame in client->reply is a reply, or a part of one: takes its status and message. */
static enum answer take_reply(struct client *client, const char *path)
{
    const char *message = frame_get(&client->reply, WIRE_MESSAGE);
    const char *reference = frame_get(&client->reply, WIRE_REFERENCE);
    char shown[ESCAPE_MAX];

    if (!frame_version_known(&client->reply))
        return version_differs(client, path);
    client->status = status_from_name(frame_get(&client->reply, WIRE_STATUS));
    if (client->status == STATUS_COUNT)
        return fail(client,
                    "the reply of the xacct service at %s has no status that this xacct knows: "
                    "tell the admin of this host",
                    path);
    if (client->status == STATUS_PERMITTED)
        return ANSWER_PERMITTED;
    if (message == NULL || *message == '\0')
        message = status_text(client->status);
    escape_sentence(shown, sizeof shown, message);
    if (reference_is_valid(reference))
        fail(client, "%s (reference %s)", shown, reference);
    else
        fail(client, "%s", shown);
    return ANSWER_REFUSED;
}

/* Greeting, request, first frame of the reply. */
static enum answer converse(struct client *client, const struct question *question,
                            const char *path)
{
    unsigned char memory[REQUEST_SIZE];
    struct deadline greeting = deadline_earlier(client->deadline, deadline_in_ms(GREETING_MS));
    struct frame request;
    int error = frame_receive(&client->reply, client->fd, greeting);

    if (error != 0)
        return talk_failed(client, path, "greeting", error);
    if (!frame_version_known(&client->reply))
        return version_differs(client, path);
    frame_init(&request, memory, sizeof memory);
    if (build_request(&request, question, client->deadline) != 0)
        return fail(client, "%s",
                    question->human != NULL
                        ? "the name of the human is too long to be anybody's"
                        : "the name of the role is too long: see xacct list for "
                          "those that are yours");
    error = frame_send(&request, client->fd, client->deadline);
    /* One that hung up may have said why before. */
    if (error != 0 && error != EPIPE && error != ECONNRESET)
        return talk_failed(client, path, "request", error);
    return client_next(client);
}

enum answer client_next(struct client *client)
{
    char path[SHOWN_SIZE];
    int error = frame_receive(&client->reply, client->fd, client->deadline);

    escape(path, sizeof path, client->socket);
    if (error != 0)
        return talk_failed(client, path, "reply", error);
    return take_reply(client, path);
}

/* Makes room for replies, and sets how long it may take. Returns whether there is room. */
static bool begin(struct client *client, const struct question *question)
{
    void *memory = secret_pages(REPLY_SIZE);

    if (memory == NULL) {
        fail(client, "not enough memory: end some programs and try again");
        return false;
    }
    frame_init(&client->reply, memory, REPLY_SIZE);
    client->deadline = deadline_in_ms(question->timeout_ms);
    return true;
}

enum answer client_ask(struct client *client, const struct question *question)
{
    char path[SHOWN_SIZE];
    enum answer answer;

    if (!begin(client, question))
        return ANSWER_NONE;
    escape(path, sizeof path, client->socket);
    answer = connect_to_service(client, path);
    if (answer == ANSWER_PERMITTED)
        answer = converse(client, question, path);
    return answer;
}

enum answer client_ask_on(struct client *client, int fd, const struct question *question)
{
    char path[SHOWN_SIZE];

    client->fd = fd;
    if (!begin(client, question))
        return ANSWER_NONE;
    return converse(client, question, escape(path, sizeof path, client->socket));
}

void client_complain(const struct client *client)
{
    complain("%s", client->failure);
}

void client_close(struct client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    secret_pages_free(client->reply.memory, REPLY_SIZE);
    client->fd = -1;
    client->reply.memory = NULL;
}
