/*
 * What was found behind events, for people and for programs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "helper/instant.h"
#include "xacct/json_text.h"
#include "xacct_admin/escaped.h"
#include "xacct_admin/trace.h"

/* How an event is joined, for programs and in words. */
static const struct {
    const char *name;
    const char *words;
} joins[] = {
    [JOIN_NONE] = {NULL, NULL},
    [JOIN_KEY] = {"access-key", "by access key"},
    [JOIN_ISSUE] = {"issue", "by the request that issued the key"},
    [JOIN_ONWARD] = {"onward", "by access key, onward"},
    [JOIN_NAME] = {"session-name", "by session name and time: may be several"},
    [JOIN_SOURCE_IDENTITY] = {"source-identity",
                              "by source identity: someone acting onward of them"},
};

/* Appends words before a text, where there is one. */
static void add(struct text *text, const char *words, const char *value)
{
    if (value == NULL)
        return;
    text_add(text, words);
    escaped_add(text, value);
}

static void add_instant(struct text *text, const char *words, time_t at)
{
    char out[INSTANT_SIZE];

    if (at != 0)
        text_addf(text, "%s%s", words, instant_text(out, at));
}

static void add_event(const struct trace_event *event, struct text *text)
{
    text_add(text, "event");
    add(text, " ", event->id);
    add(text, ": ", event->name);
    add(text, " of ", event->source);
    add(text, " at ", event->time_text);
    add(text, ", account ", event->account_id);
    text_add(text, "\n");
}

static void add_login(const struct handout *handout, struct text *text)
{
    const char *purpose = handout->purpose != NULL ? handout->purpose : handout->operation;

    /* As the report has it. */
    if (purpose != NULL && strcmp(purpose, "open") == 0)
        purpose = "login";
    text_add(text, "  login: ");
    add(text, "session ", handout->session);
    add(text, " of ", handout->human);
    add(text, ", Unix user ", handout->user);
    add(text, ", certificate ", handout->key_id);
    add(text, ", by ", handout->service);
    add(text, " from ", handout->address);
    add(text, ", opened ", handout->opened);
    add(text, ", on ", handout->host);
    text_add(text, "\n  role: ");
    add(text, "", handout->role);
    add(text, ", ", handout->role_arn);
    add_instant(text, ", handed out ", handout->at);
    add(text, " for ", purpose);
    text_add(text, "\n  rule: ");
    add(text, "", handout->rule);
    add(text, ", policy ", handout->policy_hash);
    text_add(text, "\n");
}

static void add_call(const struct trace_event *event, struct text *text)
{
    if (event->ip == NULL && event->agent == NULL)
        return;
    text_add(text, "  call:");
    add(text, " from ", event->ip);
    add(text, " with ", event->agent);
    add(text, ", on behalf by ", event->invoked_by);
    text_add(text, "\n");
}

/* Who it was, and how that is known. */
static void add_verdict(const struct trace *trace, const struct trace_event *event,
                        struct text *text)
{
    const char *human = trace_human(trace, event);
    const char *key;
    size_t steps = trace_steps(trace, event, &key);

    text_add(text, "  human: ");
    if (event->join == JOIN_NONE) {
        text_add(text, "nobody is named: ");
        escaped_add_sentence(text, event->reason != NULL ? event->reason : "");
        text_add(text, "\n");
        return;
    }
    if (human != NULL)
        escaped_add(text, human);
    else
        text_add(text, "one of several people");
    text_addf(text, ", %s", joins[event->join].words);
    if (event->join == JOIN_KEY)
        add(text, " ", event->key);
    if (event->join == JOIN_ISSUE)
        add(text, " ", trace->handouts[event->logins[0]].key);
    if (steps > 0) {
        text_addf(text, " %zu role%s from ", steps, steps > 1 ? "s" : "");
        escaped_add(text, key != NULL ? key : "");
    }
    text_add(text, "\n");
}

void trace_add_text(const struct trace *trace, struct text *text)
{
    bool is_any_missing = false;
    size_t i, j;

    for (i = 0; i < trace->count; i++) {
        const struct trace_event *event = &trace->events[i];

        add_event(event, text);
        add_verdict(trace, event, text);
        for (j = 0; j < event->login_count; j++)
            add_login(&trace->handouts[event->logins[j]], text);
        add_call(event, text);
        is_any_missing = is_any_missing || event->join == JOIN_NONE;
    }
    if (!is_any_missing)
        return;
    text_addf(text, "looked through: %lu lines of %lu file%s", trace->lines, trace->files,
              trace->files == 1 ? "" : "s");
    add_instant(text, ", from ", trace->audit_from);
    add_instant(text, " to ", trace->audit_to);
    text_add(text, "\n");
}

static void add_login_json(const struct handout *handout, struct text *text)
{
    char at[INSTANT_SIZE];

    text_add(text, "{");
    json_member(text, "human", handout->human);
    json_member(text, "identity", handout->identity);
    json_member(text, "user", handout->user);
    json_member(text, "key_id", handout->key_id);
    json_member(text, "session", handout->session);
    json_member(text, "service", handout->service);
    json_member(text, "address", handout->address);
    json_member(text, "opened", handout->opened);
    json_member(text, "host", handout->host);
    json_member(text, "role", handout->role);
    json_member(text, "role_arn", handout->role_arn);
    json_member(text, "access_key_id", handout->key);
    json_member(text, "request_id", handout->request_id);
    json_member(text, "handed_out", instant_text_or_null(at, handout->at));
    json_member(text, "expiry", instant_text_or_null(at, handout->expiry));
    json_member(text, "purpose", handout->purpose);
    json_member(text, "rule", handout->rule);
    json_member(text, "policy_hash", handout->policy_hash);
    text_add(text, "}");
}

static void add_event_json(const struct trace *trace, const struct trace_event *event,
                           struct text *text)
{
    const char *key;
    size_t steps = trace_steps(trace, event, &key), i;

    text_add(text, "{");
    json_member(text, "event_id", event->id);
    json_member(text, "event_time", event->time_text);
    json_member(text, "event_name", event->name);
    json_member(text, "event_source", event->source);
    json_member(text, "account_id", event->account_id);
    json_member(text, "access_key_id", event->key);
    json_member(text, "source_ip", event->ip);
    json_member(text, "user_agent", event->agent);
    json_member(text, "invoked_by", event->invoked_by);
    json_member(text, "human", trace_human(trace, event));
    json_member(text, "joined_by", joins[event->join].name);
    json_member(text, "onward_of", key);
    json_member_number(text, "onward_steps", (int64_t)steps);
    json_member(text, "reason", event->join == JOIN_NONE ? event->reason : NULL);
    json_name(text, "logins");
    text_add(text, "[");
    for (i = 0; i < event->login_count; i++) {
        text_add(text, i > 0 ? ",\n    " : "\n    ");
        add_login_json(&trace->handouts[event->logins[i]], text);
    }
    text_add(text, "]}");
}

void trace_add_json(const struct trace *trace, struct text *text)
{
    char at[INSTANT_SIZE];
    size_t i;

    text_add(text, "{");
    json_member(text, "audit_from", instant_text_or_null(at, trace->audit_from));
    json_member(text, "audit_to", instant_text_or_null(at, trace->audit_to));
    json_member_number(text, "files", (int64_t)trace->files);
    json_member_number(text, "lines", (int64_t)trace->lines);
    json_name(text, "events");
    text_add(text, "[");
    for (i = 0; i < trace->count; i++) {
        text_add(text, i > 0 ? ",\n  " : "\n  ");
        add_event_json(trace, &trace->events[i], text);
    }
    text_add(text, "]}\n");
}
