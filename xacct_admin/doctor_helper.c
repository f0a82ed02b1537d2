/*
 * Asking the helper.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/doctor_helper.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_xacct/spawn.h"
#include "xacct/client.h"

#define HELPER    XACCT_LIBEXECDIR "/xacct-helper"
#define ENDING_MS INT64_C(1000) /* for a started helper to end once it has replied */

struct one_answer {
    struct helper_question question;
    struct helper_answer answer;
};

struct helper_asked {
    struct one_answer **items;
    size_t count;
    const char *no_service; /* why the service does not answer, or NULL */
};

static const char *keep(struct doctor *doctor, const char *text)
{
    return text != NULL ? arena_text(&doctor->memory, text, strlen(text)) : NULL;
}

/* Takes over a reply, of which the helper said yes or no. */
static void take_reply(struct doctor *doctor, const struct client *client,
                       struct helper_answer *answer)
{
    const struct frame *reply = &client->reply;
    const char *ahead = frame_get(reply, WIRE_AHEAD), *reason = frame_get(reply, WIRE_REASON);

    answer->is_answered = true;
    answer->reason = keep(doctor, reason != NULL ? reason : client->failure);
    answer->code = keep(doctor, frame_get(reply, WIRE_CODE));
    answer->account_id = keep(doctor, frame_get(reply, WIRE_ACCOUNT_ID));
    answer->arn = keep(doctor, frame_get(reply, WIRE_ARN));
    answer->region = keep(doctor, frame_get(reply, WIRE_REGION));
    answer->ends = keep(doctor, frame_get(reply, WIRE_ENDS));
    answer->took_ms = keep(doctor, frame_get(reply, WIRE_TOOK));
    answer->notice = keep(doctor, frame_get(reply, WIRE_NOTICE));
    answer->policy_hash = keep(doctor, frame_get(reply, WIRE_POLICY_HASH));
    answer->broken_since = keep(doctor, frame_get(reply, WIRE_BROKEN_SINCE));
    answer->is_ahead_known = ahead != NULL;
    answer->ahead = ahead != NULL ? strtol(ahead, NULL, 10) : 0;
}

/* Takes over how a talk came out. Returns whether there was a reply of a helper that knows us. */
static bool take(struct doctor *doctor, const struct client *client, enum answer outcome,
                 struct helper_answer *answer)
{
    if (outcome == ANSWER_NONE) {
        answer->reason = keep(doctor, client->failure);
        return false;
    }
    take_reply(doctor, client, answer);
    answer->is_fine = outcome == ANSWER_PERMITTED;
    answer->is_unavailable = outcome == ANSWER_REFUSED && client->status == STATUS_UNAVAILABLE;
    if (outcome == ANSWER_REFUSED && client->status == STATUS_UNSUPPORTED)
        answer->is_answered = false;
    return true;
}

/* Starts a helper for the one question, and asks that. */
static void ask_once(struct doctor *doctor, const struct question *question,
                     struct helper_answer *answer)
{
    static const char *const arguments[] = {"xacct-helper", "--once", NULL};
    struct launch launch = {.program = HELPER,
                            .arguments = arguments,
                            .uid = doctor->helper_uid,
                            .gid = doctor->helper_gid};
    struct client client;
    struct helper helper;
    struct ending ending;
    int error = helper_start(&launch, &helper);

    if (error != 0) {
        answer->reason =
            arena_format(&doctor->memory, "%s cannot be started: %s", HELPER, strerror(error));
        return;
    }
    client_init(&client, HELPER);
    take(doctor, &client, client_ask_on(&client, helper.talk, question), answer);
    /* The descriptor is closed with the helper. */
    client.fd = -1;
    client_close(&client);
    helper_end(&helper, deadline_in_ms(ENDING_MS), deadline_in_ms(2 * ENDING_MS), &ending);
    if (!answer->is_answered && ending.failed != STAGE_NONE)
        answer->reason = arena_format(&doctor->memory, "could not %s to start %s: %s",
                                      stage_text(ending.failed), HELPER, strerror(ending.error));
}

static void ask(struct doctor *doctor, const struct helper_question *asked,
                struct helper_answer *answer)
{
    const struct question question = {
        .op = WIRE_OP_EXAMINE,
        .role = asked->role,
        .base = asked->base,
        .region = asked->region,
        .wrong_external_id = asked->wrong_external_id,
        .timeout_ms = DOCTOR_MS,
    };
    struct client client;
    bool is_taken;

    if (doctor->asked->no_service == NULL) {
        client_init(&client, doctor->invocation->socket);
        is_taken = take(doctor, &client, client_ask(&client, &question), answer);
        client_close(&client);
        if (is_taken)
            return;
        doctor->asked->no_service = answer->reason;
    }
    if (doctor->helper_known)
        ask_once(doctor, &question, answer);
}

static bool is_same(const struct helper_question *a, const struct helper_question *b)
{
    return text_same(a->base, b->base) && text_same(a->region, b->region) &&
           text_same(a->role, b->role) && a->wrong_external_id == b->wrong_external_id;
}

const struct helper_answer *doctor_helper_ask(struct doctor *doctor,
                                              const struct helper_question *question)
{
    static const struct helper_answer none = {.reason = "out of memory"};
    struct one_answer **items, *one;
    size_t i;

    if (doctor->asked == NULL)
        doctor->asked = arena_alloc(&doctor->memory, 1, sizeof *doctor->asked);
    if (doctor->asked == NULL)
        return &none;
    for (i = 0; i < doctor->asked->count; i++)
        if (is_same(&doctor->asked->items[i]->question, question))
            return &doctor->asked->items[i]->answer;
    items = arena_grow(&doctor->memory, doctor->asked->items, doctor->asked->count, sizeof *items);
    one = arena_alloc(&doctor->memory, 1, sizeof *one);
    if (items == NULL || one == NULL)
        return &none;
    doctor->asked->items = items;
    items[doctor->asked->count++] = one;
    one->question = *question;
    ask(doctor, question, &one->answer);
    return &one->answer;
}

const char *doctor_helper_no_service(const struct doctor *doctor)
{
    return doctor->asked != NULL ? doctor->asked->no_service : NULL;
}
