/*
 * Asking the helper to end sessions.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "helper/instant.h"
#include "pam_xacct/internal.h"
#include "xacct_admin/helper_talk.h"
#include "xacct_admin/local_names.h"
#include "xacct_admin/revoke.h"

/* For thousands of sessions on a busy disk. */
#define REVOKE_MS INT64_C(30000)

static const char *keep(struct revoke_run *run, const struct client *client, const char *key)
{
    const char *text = frame_get(&client->reply, key);

    return text != NULL ? arena_text(&run->memory, text, strlen(text)) : NULL;
}

static void add_session(struct revoke_run *run, const struct client *client)
{
    struct revoked_session *items =
        arena_grow(&run->memory, run->sessions, run->session_count, sizeof *items);

    if (items == NULL)
        return;
    run->sessions = items;
    items[run->session_count++] = (struct revoked_session){
        .id = keep(run, client, WIRE_SESSION),
        .user = keep(run, client, WIRE_USER),
        .opened = keep(run, client, WIRE_OPENED),
        .service = keep(run, client, WIRE_SERVICE),
        .address = keep(run, client, WIRE_RHOST),
        .role = keep(run, client, WIRE_ROLE),
        .account = keep(run, client, WIRE_ACCOUNT),
        .pid = keep(run, client, WIRE_PID),
    };
}

/* Takes over the frames of a reply, of which the first has been received. Returns whether it was
 * one of a helper that knows what was asked. */
static bool take_reply(void *argument, struct client *client, enum answer outcome)
{
    struct revoke_run *run = argument;
    const char *at;

    run->failed = NULL;
    while (outcome != ANSWER_NONE && client->status != STATUS_UNSUPPORTED &&
           frame_get(&client->reply, WIRE_LAST) == NULL) {
        add_session(run, client);
        outcome = client_next(client);
    }
    if (outcome != ANSWER_PERMITTED) {
        run->failed = keep(run, client, WIRE_REASON);
        if (run->failed == NULL)
            run->failed = arena_text(&run->memory, client->failure, strlen(client->failure));
    }
    if (outcome == ANSWER_NONE || client->status == STATUS_UNSUPPORTED)
        return false;
    at = frame_get(&client->reply, WIRE_REVOKED);
    if (at != NULL)
        (void)instant_read(at, &run->at);
    run->by = keep(run, client, WIRE_REVOKED_BY);
    return true;
}

void revoke_ask(struct revoke_run *run, const char *socket)
{
    char name[LOCAL_NAME_SIZE] = "";
    struct helper_asker asker;
    int64_t loginuid = -1, audit_session = -1;
    struct question question = {
        .op = WIRE_OP_REVOKE,
        .human = run->human,
        .dry_run = run->dry_run,
        .ruser = name,
        .timeout_ms = REVOKE_MS,
    };

    if (loginuid_of_self(&loginuid) == 0)
        local_user_name((uid_t)loginuid, name);
    question.has_loginuid = name[0] != '\0';
    question.loginuid = loginuid;
    question.has_audit_session = audit_session_of_self(&audit_session) == 0;
    question.audit_session = audit_session;
    helper_asker_begin(&asker, socket, &run->memory);
    if (!helper_ask_frames(&asker, &question, take_reply, run) &&
        (asker.no_helper != NULL || run->failed == NULL))
        run->failed = asker.no_helper != NULL ? asker.no_helper : asker.no_service;
    /* Without a helper nobody has said until when. */
    if (run->at == 0)
        run->at = time(NULL) + 1;
}
