/*
 * What the helper makes of a request: helper/request.h.
 *
 * The first line names who asks: root, user or overflow. The others are the frame's strings.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/reference.h"
#include "helper/request.h"
#include "tests/fuzz/lines.h"

#define USER 1001

static uid_t uid_of(const char *name)
{
    return strcmp(name, "root") == 0 ? 0 : strcmp(name, "overflow") == 0 ? UID_OVERFLOW : USER;
}

/* Of root's alone those that are about a login. */
static bool is_of_logins(enum operation operation)
{
    return operation == OPERATION_OPEN || operation == OPERATION_CLOSE ||
           operation == OPERATION_CHECK;
}

static bool is_of_root(enum operation operation)
{
    return is_of_logins(operation) || operation == OPERATION_EXAMINE ||
           operation == OPERATION_REVOKE;
}

/* What whoever goes on with a good request relies on. */
static void look_at(const struct request *request, uid_t uid)
{
    PROMISE(request->operation < OPERATION_COUNT);
    if (request->operation == OPERATION_METRICS)
        PROMISE(uid == 0 || uid == geteuid());
    else if (request->operation != OPERATION_GROUPS)
        PROMISE(is_of_root(request->operation) == (uid == 0));
    PROMISE(uid != UID_OVERFLOW);
    /* Nobody but root gets to be somebody else. */
    PROMISE(uid == 0 || request->peer.uid == uid);
    PROMISE(request->user != NULL && strlen(request->user) <= REQUEST_TEXT_MAX);
    PROMISE(strlen(request->service) <= REQUEST_TEXT_MAX);
    PROMISE(strlen(request->address) <= REQUEST_TEXT_MAX);
    PROMISE(strlen(request->tty) <= REQUEST_TEXT_MAX);
    PROMISE(strlen(request->ruser) <= REQUEST_TEXT_MAX);
    PROMISE(request->role == NULL || strlen(request->role) <= REQUEST_TEXT_MAX);
    PROMISE(request->session == NULL || session_id_is_valid(request->session));
    PROMISE(request->has_loginuid || !request->has_audit_session);
    PROMISE(request->min_life >= 0 && request->min_life <= 43200);
    PROMISE(deadline_left_ms(request->deadline) <= 60000);
    /* Session, service and address of a user's request are the record's to say. */
    if (uid != 0 && request->operation != OPERATION_GROUPS)
        PROMISE(request->user[0] == '\0' && request->service[0] == '\0' &&
                request->address[0] == '\0' && request->auth_info == NULL && request->pid == 0);
    if (is_of_logins(request->operation))
        PROMISE(request->user[0] != '\0');
    if (request->operation == OPERATION_REVOKE)
        PROMISE(request->human != NULL && request->human[0] != '\0');
    if (request->operation == OPERATION_OPEN)
        PROMISE(request->pid > 0 && request->start_time >= 0);
    if (request->operation == OPERATION_CLOSE)
        PROMISE(request->session != NULL);
    PROMISE(request->group == NULL || !request->has_gid);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned char memory[LINES_MOST];
    struct fuzz_input input = {bytes, length};
    char *asker = fuzz_take_text(&input, "\n");
    struct peer peer = {.uid = uid_of(asker), .pid = 4711};
    struct request request;
    struct frame frame;
    char why[512] = "";
    enum status status;

    free(asker);
    if (!frame_of_lines(&frame, memory, input))
        return 0;
    status = request_parse(&frame, peer, deadline_in_ms(0), &request, why, sizeof why);
    PROMISE(reference_is_valid(request.reference));
    PROMISE(status == STATUS_PERMITTED || (why[0] != '\0' && fuzz_is_printable(why)));
    if (status == STATUS_PERMITTED) {
        look_at(&request, peer.uid);
        fuzz_accept();
    }
    return 0;
}
