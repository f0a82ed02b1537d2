/*
 * Reading a request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/request.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/escape.h"
#include "common/reference.h"

#define DEADLINE_MAX_MS 60000
#define START_TIME_MAX  INT64_MAX
#define PID_HIGHEST     (INT64_C(1) << 22) /* PID_MAX_LIMIT of Linux */

static const struct {
    const char *name;
    enum operation operation;
} operations[] = {
    {WIRE_OP_OPEN, OPERATION_OPEN},
    {WIRE_OP_CLOSE, OPERATION_CLOSE},
    {WIRE_OP_CHECK, OPERATION_CHECK},
};

int request_peer(int fd, uid_t *uid)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return errno;
    *uid = peer.uid;
    return 0;
}

/* Takes the module's reference, so that its lines and ours carry the same, or makes one. */
static void set_reference(const struct frame *frame, char reference[REFERENCE_SIZE])
{
    const char *given = frame_get(frame, WIRE_REFERENCE);

    if (reference_is_valid(given))
        strcpy(reference, given);
    else
        reference_make(reference);
}

/* A text of the request, or `otherwise` when it is not there. Returns false when it is too long. */
static bool take_text(const struct frame *frame, const char *key, const char *otherwise,
                      const char **text)
{
    *text = frame_get(frame, key);
    if (*text == NULL)
        *text = otherwise;
    return *text == NULL || strlen(*text) <= REQUEST_TEXT_MAX;
}

/* Takes what the operation needs. Returns the key at fault, or NULL. */
static const char *take_fields(const struct frame *frame, struct request *request)
{
    const char *debug = frame_get(frame, WIRE_DEBUG);
    int64_t deadline_ms, pid = 0, start_time = 0;

    request->debug = debug != NULL && strcmp(debug, "1") == 0;
    if (!take_text(frame, WIRE_USER, NULL, &request->user) || request->user == NULL ||
        request->user[0] == '\0')
        return WIRE_USER;
    if (!take_text(frame, WIRE_SERVICE, NULL, &request->service) || request->service == NULL)
        return WIRE_SERVICE;
    if (!take_text(frame, WIRE_RHOST, "", &request->address))
        return WIRE_RHOST;
    if (!take_text(frame, WIRE_TTY, "", &request->tty))
        return WIRE_TTY;
    if (frame_get_number(frame, WIRE_DEADLINE, 1, DEADLINE_MAX_MS, &deadline_ms) != 0)
        return WIRE_DEADLINE;
    if (request->operation == OPERATION_OPEN) {
        if (frame_get_number(frame, WIRE_PID, 1, PID_HIGHEST, &pid) != 0)
            return WIRE_PID;
        if (frame_get_number(frame, WIRE_START_TIME, 0, START_TIME_MAX, &start_time) != 0)
            return WIRE_START_TIME;
    }
    request->session = frame_get(frame, WIRE_SESSION);
    if (request->operation == OPERATION_CLOSE && !session_id_is_valid(request->session))
        return WIRE_SESSION;
    request->pid = (pid_t)pid;
    request->start_time = start_time;
    /* A twentieth is kept for the reply, so that the module hears why and not only that it waited.
     */
    request->deadline = deadline_in_ms(deadline_ms - deadline_ms / 20);
    return NULL;
}

enum status request_parse(const struct frame *frame, uid_t uid, struct request *request, char *why,
                          size_t why_size)
{
    const char *op = frame_get(frame, WIRE_OP), *fault;
    char shown[ESCAPE_MAX];
    size_t i;

    memset(request, 0, sizeof *request);
    set_reference(frame, request->reference);
    if (uid != 0) {
        snprintf(why, why_size, "uid %u asked for what root alone may ask for", (unsigned)uid);
        return STATUS_DENIED;
    }
    for (i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (op != NULL && strcmp(operations[i].name, op) == 0)
            break;
    if (i == sizeof operations / sizeof operations[0]) {
        snprintf(why, why_size, "this helper does not know the operation \"%s\"",
                 escape(shown, sizeof shown, op));
        return STATUS_UNSUPPORTED;
    }
    request->operation = operations[i].operation;
    fault = take_fields(frame, request);
    if (fault != NULL) {
        snprintf(why, why_size,
                 "the request's \"%s\" is missing or malformed: do pam_xacct.so and xacct-helper "
                 "belong together?",
                 fault);
        return STATUS_MISCONFIGURED;
    }
    return STATUS_PERMITTED;
}
