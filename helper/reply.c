/*
 * Replies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/reply.h"

#include "helper/instant.h"

/* The environment of a session that starts with a role. */
static int add_credentials(const struct outcome *outcome, struct frame *frame)
{
    const struct role *role = outcome->role;
    const struct credentials *credentials = &outcome->credentials;
    char expiration[INSTANT_SIZE];
    const struct {
        const char *name;
        const char *value;
    } variables[] = {
        {"AWS_ACCESS_KEY_ID", credentials->access_key_id},
        {"AWS_SECRET_ACCESS_KEY", credentials->secret_access_key.bytes},
        {"AWS_SESSION_TOKEN", credentials->session_token.bytes},
        {"AWS_REGION", role->settings.region},
        {"AWS_DEFAULT_REGION", role->settings.region},
        {"AWS_CREDENTIAL_EXPIRATION", instant_text(expiration, credentials->expiration)},
        {"XACCT_ROLE", role->name},
        {"XACCT_ROLE_ARN", outcome->role_arn},
        {"XACCT_ACCOUNT", role->account->name},
    };
    size_t i;
    int error = 0;

    for (i = 0; i < sizeof variables / sizeof variables[0] && error == 0; i++)
        error = frame_add(frame, variables[i].name, variables[i].value);
    return error;
}

int reply_make(const struct outcome *outcome, const struct request *request, uid_t uid,
               struct frame *frame)
{
    int error = frame_add(frame, FRAME_KEY_VERSION, FRAME_VERSION);

    if (error == 0)
        error = frame_add(frame, WIRE_STATUS, status_name(outcome->status));
    if (error == 0)
        error = frame_add(frame, WIRE_REFERENCE, request->reference);
    if (error == 0 && uid == 0)
        error = frame_add(frame, WIRE_REASON, outcome->reason);
    if (error == 0 && outcome->message[0] != '\0')
        error = frame_add(frame, WIRE_MESSAGE, outcome->message);
    if (error == 0 && outcome->session[0] != '\0') {
        error = frame_add(frame, WIRE_SESSION, outcome->session);
        if (error == 0)
            error = frame_add(frame, "XACCT_SESSION", outcome->session);
        if (error == 0 && outcome->role != NULL)
            error = add_credentials(outcome, frame);
    }
    return error;
}
