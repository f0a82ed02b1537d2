/*
 * Asking the helper.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/helper_ask.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "xacct_admin/helper_once.h"
#include "xacct_admin/helper_talk.h"
#include "xacct_admin/local_names.h"
#include "xacct_admin/permissions.h"

struct helper_asked {
    struct helper_question question;
    struct helper_answer answer;
};

void helper_asker_begin(struct helper_asker *asker, const char *socket, struct arena *memory)
{
    *asker = (struct helper_asker){.socket = socket, .memory = memory};
    asker->is_known = local_user_find(HELPER_NAME, &asker->uid, &asker->gid);
}

static const char *keep(struct helper_asker *asker, const char *text)
{
    return text != NULL ? arena_text(asker->memory, text, strlen(text)) : NULL;
}

/* Takes over a reply, of which the helper said yes or no. */
static void take_reply(struct helper_asker *asker, const struct client *client,
                       struct helper_answer *answer)
{
    const struct frame *reply = &client->reply;
    const char *ahead = frame_get(reply, WIRE_AHEAD), *reason = frame_get(reply, WIRE_REASON);

    answer->is_answered = true;
    answer->reason = keep(asker, reason != NULL ? reason : client->failure);
    answer->code = keep(asker, frame_get(reply, WIRE_CODE));
    answer->account_id = keep(asker, frame_get(reply, WIRE_ACCOUNT_ID));
    answer->arn = keep(asker, frame_get(reply, WIRE_ARN));
    answer->ends = keep(asker, frame_get(reply, WIRE_ENDS));
    answer->took_ms = keep(asker, frame_get(reply, WIRE_TOOK));
    answer->notice = keep(asker, frame_get(reply, WIRE_NOTICE));
    answer->policy_hash = keep(asker, frame_get(reply, WIRE_POLICY_HASH));
    answer->broken_since = keep(asker, frame_get(reply, WIRE_BROKEN_SINCE));
    answer->is_ahead_known = ahead != NULL;
    answer->ahead = ahead != NULL ? strtol(ahead, NULL, 10) : 0;
}

/* What an examination asks for, and where its answer goes. */
struct examining {
    struct helper_asker *asker;
    struct helper_answer *answer;
};

/* Takes over how a talk came out. Returns whether there was a reply of a helper that knows us. */
static bool take(void *argument, struct client *client, enum answer outcome)
{
    const struct examining *examining = argument;
    struct helper_answer *answer = examining->answer;

    if (outcome == ANSWER_NONE) {
        answer->reason = keep(examining->asker, client->failure);
        return false;
    }
    take_reply(examining->asker, client, answer);
    answer->is_fine = outcome == ANSWER_PERMITTED;
    answer->is_unavailable = outcome == ANSWER_REFUSED && client->status == STATUS_UNAVAILABLE;
    if (outcome == ANSWER_REFUSED && client->status == STATUS_UNSUPPORTED)
        answer->is_answered = false;
    return true;
}

/* Starts a helper for the one question, and asks that. Returns what `listen` does, or false with
 * asker->no_helper. */
static bool ask_once(struct helper_asker *asker, const struct question *question,
                     bool (*listen)(void *argument, struct client *client, enum answer outcome),
                     void *argument)
{
    struct helper_once once;
    struct ending ending;
    int error = helper_once_start(&once, asker->uid, asker->gid);
    bool is_taken;

    asker->no_helper = NULL;
    if (error != 0) {
        asker->no_helper = arena_format(asker->memory, "%s cannot be started: %s", HELPER_PROGRAM,
                                        strerror(error));
        return false;
    }
    is_taken = listen(argument, &once.client, helper_once_ask(&once, question));
    helper_once_end(&once, &ending);
    if (!is_taken && ending.failed != STAGE_NONE)
        asker->no_helper =
            arena_format(asker->memory, "could not %s to start %s: %s", stage_text(ending.failed),
                         HELPER_PROGRAM, strerror(ending.error));
    return is_taken;
}

bool helper_ask_frames(struct helper_asker *asker, const struct question *question,
                       bool (*listen)(void *argument, struct client *client, enum answer outcome),
                       void *argument)
{
    struct client client;
    bool is_taken;

    if (asker->no_service == NULL) {
        client_init(&client, asker->socket);
        is_taken = listen(argument, &client, client_ask(&client, question));
        if (!is_taken)
            asker->no_service = keep(asker, client.failure);
        client_close(&client);
        if (is_taken)
            return true;
    }
    return asker->is_known && ask_once(asker, question, listen, argument);
}

static void ask(struct helper_asker *asker, const struct helper_question *asked,
                struct helper_answer *answer)
{
    const struct question question = {
        .op = WIRE_OP_EXAMINE,
        .role = asked->role,
        .base = asked->base,
        .region = asked->region,
        .wrong_external_id = asked->wrong_external_id,
        .timeout_ms = HELPER_ASK_MS,
    };
    struct examining examining = {asker, answer};

    if (!helper_ask_frames(asker, &question, take, &examining) && asker->no_helper != NULL)
        answer->reason = asker->no_helper;
}

static bool is_same(const struct helper_question *a, const struct helper_question *b)
{
    return text_same(a->base, b->base) && text_same(a->region, b->region) &&
           text_same(a->role, b->role) && a->wrong_external_id == b->wrong_external_id;
}

const struct helper_answer *helper_ask(struct helper_asker *asker,
                                       const struct helper_question *question)
{
    static const struct helper_answer none = {.reason = "out of memory"};
    struct helper_asked **items, *one;
    size_t i;

    for (i = 0; i < asker->count; i++)
        if (is_same(&asker->items[i]->question, question))
            return &asker->items[i]->answer;
    items = arena_grow(asker->memory, asker->items, asker->count, sizeof *items);
    one = arena_alloc(asker->memory, 1, sizeof *one);
    if (items == NULL || one == NULL)
        return &none;
    asker->items = items;
    items[asker->count++] = one;
    one->question = *question;
    ask(asker, question, &one->answer);
    return &one->answer;
}
