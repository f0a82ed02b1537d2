/*
 * Replies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/frame.h"
#include "helper/examine.h"
#include "helper/frames_out.h"
#include "helper/instant.h"
#include "helper/metrics_operation.h"
#include "helper/revoke.h"
#include "helper/task.h"
#include "policy/template.h"

/* Room in a frame beside the texts whose length has no bound of our own. */
#define FRAME_ROOM ((size_t)8 * 1024)
/* Room for what is said of one thing of several: a role's ARN and description are the longest. */
#define TOLD_ROOM  ((size_t)8 * 1024)
#define LABEL_ROOM ((size_t)16) /* for the name of a label */

/* Adds what is there; a text that is NULL or empty is left out. Returns 0 or ENOBUFS. */
static int add(struct frame *frame, const char *key, const char *text)
{
    return text != NULL && text[0] != '\0' ? frame_add(frame, key, text) : 0;
}

static int add_flag(struct frame *frame, const char *key, bool is_set)
{
    return is_set ? frame_add(frame, key, "1") : 0;
}

/* What every reply begins with. */
static int add_heading(const struct progress *progress, struct frame *frame)
{
    int error = frame_add(frame, FRAME_KEY_VERSION, FRAME_VERSION);

    if (error == 0)
        error = frame_add(frame, WIRE_STATUS, status_name(progress->outcome.status));
    if (error == 0)
        error = frame_add(frame, WIRE_REFERENCE, progress->request->reference);
    return error;
}

/* The environment of a session with a role. */
static int add_environment(const struct progress *progress, struct frame *frame)
{
    const struct outcome *outcome = &progress->outcome;
    const struct role *role = outcome->role;
    const time_t ends = progress_ends(progress);
    const struct credentials *credentials = &outcome->credentials;
    bool has_keys = credentials->secret_access_key.bytes != NULL;
    char expiration[INSTANT_SIZE], until[INSTANT_SIZE];
    const struct {
        const char *name;
        const char *value;
    } variables[] = {
        {"AWS_ACCESS_KEY_ID", credentials->access_key_id},
        {"AWS_SECRET_ACCESS_KEY", credentials->secret_access_key.bytes},
        {"AWS_SESSION_TOKEN", credentials->session_token.bytes},
        {"AWS_CREDENTIAL_EXPIRATION",
         has_keys ? instant_text(expiration, credentials->expiration) : NULL},
        /* Keys in the environment would come before it, and switch every SDK's renewing off. */
        {"AWS_SHARED_CREDENTIALS_FILE", has_keys ? NULL : XACCT_DATADIR "/xacct/credentials"},
        {"AWS_REGION", role->settings.region},
        {"AWS_DEFAULT_REGION", role->settings.region},
        {"XACCT_ROLE", role->name},
        {"XACCT_ROLE_ARN", outcome->role_arn},
        {"XACCT_ACCOUNT", role->account->name},
        {WIRE_UNTIL, ends != 0 ? instant_text(until, ends) : NULL},
    };
    size_t i;
    int error = 0;

    for (i = 0; i < sizeof variables / sizeof variables[0] && error == 0; i++)
        error = add(frame, variables[i].name, variables[i].value);
    return error;
}

/* The role's ARN for this login, which the caller frees; NULL when it cannot be said. */
static char *arn_of(const struct progress *progress, const struct role *role)
{
    const struct template_values values = {.of = {
                                               [TEMPLATE_USER] = progress->identity.user.name,
                                               [TEMPLATE_HUMAN] = progress->identity.human,
                                               [TEMPLATE_ACCOUNT] = role->account->name,
                                               [TEMPLATE_ROLE] = role->name,
                                               [TEMPLATE_HOST] = progress->host->name,
                                               [TEMPLATE_SERVICE] = progress->request->service,
                                           }};
    char *arn = NULL, why[512];

    return template_expand(role->arn, &values, &arn, why, sizeof why) == 0 ? arn : NULL;
}

/* What list and status say of a permitted role. */
static int add_role(const struct progress *progress, const struct permitted_role *permitted,
                    struct frame *frame)
{
    const struct role *role = permitted->role;
    const struct role_settings *settings = &role->settings;
    const char *chosen = progress->chosen;
    char *arn = arn_of(progress, role);
    char ends[INSTANT_SIZE] = "", duration[16];
    const struct {
        const char *key;
        const char *text;
    } texts[] = {
        {WIRE_ROLE, role->name},
        {WIRE_ACCOUNT, role->account->name},
        {WIRE_ACCOUNT_ID, role->account->id},
        {WIRE_ARN, arn},
        {WIRE_DESCRIPTION, settings->description},
        {WIRE_REGION, settings->region},
        {WIRE_DELIVER, settings->deliver == DELIVER_PROCESS ? "process" : "env"},
        {WIRE_ENDS, ends},
        {WIRE_DURATION, duration},
    };
    const struct {
        const char *key;
        bool is_set;
    } flags[] = {
        {WIRE_DEFAULT, role == progress->decision.login_role},
        {WIRE_CHOSEN, chosen != NULL && strcmp(chosen, role->name) == 0},
        {WIRE_EXTERNAL_ID, settings->external_id != NULL},
        {WIRE_SOURCE_IDENTITY, settings->source_identity == YES},
        {WIRE_TAGS, settings->tags.count > 0 || role_call_has_target(progress->request, role)},
    };
    size_t i;
    int error = 0;

    if (permitted->ends != 0)
        instant_text(ends, permitted->ends);
    snprintf(duration, sizeof duration, "%d",
             settings->duration != 0 ? settings->duration : DURATION_DEFAULT);
    for (i = 0; i < sizeof texts / sizeof texts[0] && error == 0; i++)
        error = add(frame, texts[i].key, texts[i].text);
    for (i = 0; i < sizeof flags / sizeof flags[0] && error == 0; i++)
        error = add_flag(frame, flags[i].key, flags[i].is_set);
    free(arn);
    return error;
}

/* Which session served a user, and who that is. */
static int add_serving(const struct progress *progress, struct frame *frame)
{
    int error = 0;

    if (!progress->is_served || progress->outcome.status != STATUS_PERMITTED)
        return 0;
    error = add(frame, WIRE_HUMAN, progress->identity.human);
    if (error == 0)
        error = add(frame, WIRE_USER, progress->identity.user.name);
    if (error == 0)
        error = add_flag(frame, WIRE_ADOPTED, progress->serving.adopted);
    return error;
}

static int add_status(const struct progress *progress, struct frame *frame)
{
    const struct session_record *record = &progress->serving.record;
    int session_max = progress->host->policy->session_max;
    char instant[INSTANT_SIZE];
    int error = frame_add(frame, WIRE_OPENED, instant_text(instant, record->opened));

    if (error == 0 && session_max > 0)
        error = frame_add(frame, WIRE_SESSION_ENDS,
                          instant_text(instant, record->opened + session_max));
    if (error != 0 || progress->request->role == NULL)
        return error;
    if (progress->role == NULL)
        return frame_add(frame, WIRE_PERMITTED, "0");
    error = frame_add(frame, WIRE_PERMITTED, "1");
    return error == 0 ? add_role(progress, progress->role, frame) : error;
}

static int add_console(const struct progress *progress, struct frame *frame)
{
    const struct role *role = progress->role->role;
    int error = add(frame, WIRE_URL, progress->outcome.url.bytes);

    if (error == 0)
        error = add(frame, WIRE_ROLE, role->name);
    if (error == 0)
        error = add(frame, WIRE_ACCOUNT, role->account->name);
    if (error == 0)
        error = add(frame, WIRE_ACCOUNT_ID, role->account->id);
    return error;
}

/* What the operation brings, once it has come to something. */
static int add_result(const struct progress *progress, struct frame *frame)
{
    switch (progress->request->operation) {
    case OPERATION_STATUS:
        return add_status(progress, frame);
    case OPERATION_CONSOLE:
        return add_console(progress, frame);
    case OPERATION_DEFAULT:
        return add(frame, WIRE_ROLE, progress->request->role);
    default:
        return progress->outcome.role != NULL ? add_environment(progress, frame) : 0;
    }
}

/* What was found out of this host, whether it is as it should be or not. */
static int add_examined(const struct progress *progress, struct frame *frame)
{
    const struct examined *examined = progress->examined;
    const time_t since = examined->broken_since;
    char ends[INSTANT_SIZE], broken[INSTANT_SIZE], ahead[24], took[24];
    const struct {
        const char *key;
        const char *text;
    } texts[] = {
        {WIRE_ACCOUNT_ID, examined->account},
        {WIRE_ARN, examined->arn},
        {WIRE_REGION, examined->region},
        {WIRE_ENDS, examined->ends != 0 ? instant_text(ends, examined->ends) : NULL},
        {WIRE_AHEAD, examined->clock_known ? ahead : NULL},
        {WIRE_TOOK, examined->took_ms > 0 ? took : NULL},
        {WIRE_CODE, examined->code},
        {WIRE_POLICY_HASH, examined->policy_hash},
        {WIRE_BROKEN_SINCE, since != 0 ? instant_text(broken, since) : NULL},
        {WIRE_NOTICE, progress->outcome.notice},
    };
    size_t i;
    int error = 0;

    snprintf(ahead, sizeof ahead, "%ld", examined->clock_ahead);
    snprintf(took, sizeof took, "%lld", (long long)examined->took_ms);
    for (i = 0; i < sizeof texts / sizeof texts[0] && error == 0; i++)
        error = add(frame, texts[i].key, texts[i].text);
    return error;
}

/* What was revoked as a whole. */
static int add_revoked(const struct progress *progress, struct frame *frame)
{
    char at[INSTANT_SIZE];
    int error = add(frame, WIRE_HUMAN, progress->request->human);

    if (error == 0 && progress->revoked->at != 0)
        error = add(frame, WIRE_REVOKED, instant_text(at, progress->revoked->at));
    return error == 0 ? add(frame, WIRE_REVOKED_BY, progress->revoked->by) : error;
}

/* Whether what is asked for is told one by one. */
static bool is_of_frames(const struct request *request)
{
    return request->operation == OPERATION_LIST || request->operation == OPERATION_GROUPS ||
           request->operation == OPERATION_METRICS || request->operation == OPERATION_REVOKE;
}

/* The one frame of a reply, or the last of several. Returns 0 or an errno. */
static int make_frame(const struct progress *progress, struct frame *frame)
{
    const struct outcome *outcome = &progress->outcome;
    int error = add_heading(progress, frame);

    if (error == 0 && progress->request->peer.uid == 0)
        error = frame_add(frame, WIRE_REASON, outcome->reason);
    if (error == 0)
        error = add(frame, WIRE_MESSAGE, outcome->message);
    if (error == 0 && is_of_frames(progress->request))
        error = frame_add(frame, WIRE_LAST, "1");
    if (error == 0)
        error = add_serving(progress, frame);
    if (error == 0 && progress->examined != NULL)
        error = add_examined(progress, frame);
    if (error == 0 && progress->revoked != NULL)
        error = add_revoked(progress, frame);
    if (error != 0 || outcome->status != STATUS_PERMITTED)
        return error;
    if (outcome->session[0] != '\0') {
        error = frame_add(frame, WIRE_SESSION, outcome->session);
        if (error == 0 && (outcome->role != NULL || progress->request->operation == OPERATION_OPEN))
            error = frame_add(frame, "XACCT_SESSION", outcome->session);
    }
    return error == 0 ? add_result(progress, frame) : error;
}

/* What is said of a Unix group. */
static int add_group(const struct unix_group *group, struct frame *frame)
{
    const int error = frame_add(frame, WIRE_GROUP, group->name);

    return error == 0 ? frame_add_number(frame, WIRE_GID, group->gid) : error;
}

/* Adds a number with its name and labels. */
static int add_sample(const struct metric_sample *sample, struct frame *frame)
{
    char key[sizeof WIRE_LABEL + LABEL_ROOM];
    size_t i;
    int error = frame_add(frame, WIRE_METRIC, sample->metric);

    if (error == 0)
        error = frame_add(frame, WIRE_VALUE, sample->value);
    for (i = 0; i < METRIC_LABELS && error == 0; i++) {
        if (sample->labels[i].name == NULL)
            continue;
        snprintf(key, sizeof key, WIRE_LABEL "%s", sample->labels[i].name);
        error = frame_add(frame, key, sample->labels[i].value);
    }
    return error;
}

/* What is said of a session that was ended. */
static int add_ended(const struct session_record *record, struct frame *frame)
{
    char opened[INSTANT_SIZE];
    const struct {
        const char *key;
        const char *text;
    } texts[] = {
        {WIRE_SESSION, record->id},
        {WIRE_USER, record->user},
        {WIRE_OPENED, instant_text(opened, record->opened)},
        {WIRE_SERVICE, record->service},
        {WIRE_RHOST, record->address},
        {WIRE_ROLE, record->started.name},
        {WIRE_ACCOUNT, record->started.account},
    };
    size_t i;
    int error = 0;

    for (i = 0; i < sizeof texts / sizeof texts[0] && error == 0; i++)
        error = add(frame, texts[i].key, texts[i].text);
    if (error == 0 && record->pid != 0)
        error = frame_add_number(frame, WIRE_PID, record->pid);
    return error;
}

/* How many things are told one by one. */
static size_t count_told(const struct progress *progress)
{
    const bool is_permitted = progress->outcome.status == STATUS_PERMITTED;

    switch (progress->request->operation) {
    case OPERATION_LIST:
        return is_permitted ? progress->decision.role_count : 0;
    case OPERATION_GROUPS:
        return progress->groups != NULL ? progress->host->policy->unix_group_count : 0;
    case OPERATION_METRICS:
        return is_permitted ? progress->samples->count : 0;
    case OPERATION_REVOKE:
        return progress->revoked != NULL ? progress->revoked->count : 0;
    default:
        return 0;
    }
}

/* What is said of one of them. */
static int add_told(const struct progress *progress, size_t i, struct frame *frame)
{
    switch (progress->request->operation) {
    case OPERATION_LIST:
        return add_role(progress, &progress->decision.roles[i], frame);
    case OPERATION_GROUPS:
        return add_group(progress->host->policy->unix_groups[i], frame);
    case OPERATION_METRICS:
        return add_sample(&progress->samples->items[i], frame);
    default:
        return add_ended(&progress->revoked->records[i], frame);
    }
}

/* Adds a frame for each thing that is told one by one. */
static int add_all_told(const struct progress *progress, struct frames_out *out)
{
    const size_t count = count_told(progress);
    unsigned char memory[TOLD_ROOM];
    struct frame frame;
    size_t i;
    int error = 0;

    for (i = 0; i < count && error == 0; i++) {
        /* A group that is none of the user's. */
        if (progress->groups != NULL && !progress->groups[i])
            continue;
        frame_init(&frame, memory, sizeof memory);
        error = add_heading(progress, &frame);
        if (error == 0)
            error = add_told(progress, i, &frame);
        if (error == 0)
            error = frames_out_add(out, &frame);
    }
    return error;
}

int reply_greeting(struct frame *greeting, unsigned char memory[REPLY_GREETING])
{
    frame_init(greeting, memory, REPLY_GREETING);
    return frame_add(greeting, FRAME_KEY_VERSION, FRAME_VERSION);
}

/* Adds all frames but the last one, the greeting if there was none. */
static int add_first(const struct progress *progress, bool greets, struct frames_out *out)
{
    unsigned char memory[REPLY_GREETING];
    struct frame greeting;
    int error = 0;

    if (greets)
        error = reply_greeting(&greeting, memory);
    if (greets && error == 0)
        error = frames_out_add(out, &greeting);
    return error == 0 && is_of_frames(progress->request) ? add_all_told(progress, out) : error;
}

/* Sends the last one, behind those that are still to be sent. */
static int send_last(const struct progress *progress, struct frames_out *out, struct frame *last)
{
    int error;

    if (is_of_frames(progress->request)) {
        error = frames_out_add(out, last);
        return error == 0 ? frames_out_send(out) : error;
    }
    error = frames_out_send(out);
    return error == 0 ? task_send(last, out->fd, out->deadline) : error;
}

int reply_send(const struct progress *progress, int fd, bool greets, struct deadline deadline)
{
    const struct outcome *outcome = &progress->outcome;
    struct secret memory = {NULL, 0};
    struct frames_out out;
    struct frame frame;
    size_t size = FRAME_ROOM + strlen(outcome->reason) + strlen(outcome->message) +
                  outcome->credentials.session_token.length +
                  outcome->credentials.secret_access_key.length + outcome->url.length;
    int error = secret_new(&memory, size);

    if (error != 0)
        return error;
    frame_init(&frame, memory.bytes, memory.length);
    frames_out_begin(&out, fd, deadline);
    error = add_first(progress, greets, &out);
    if (error == 0)
        error = make_frame(progress, &frame);
    if (error == 0)
        error = send_last(progress, &out, &frame);
    secret_free(&memory);
    return error;
}
