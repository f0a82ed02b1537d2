/*
 * Any bytes as CloudTrail events, beside an audit file of two people: xacct_admin/trace.h. Whatever
 * an event says, a key that was not handed out is nobody's by that key.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <jansson.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "xacct_admin/trace.h"

/* Of alice and bob, who have a key each. */
static const char audit[] =
    "{\"event\":\"opened\",\"time\":\"2026-11-27T10:00:00.000Z\",\"version\":1,\"session\":\"S1\","
    "\"human\":\"alice\",\"user\":\"alice\",\"session_name\":\"alice\",\"source_identity\":"
    "\"alice\",\"role_arn\":\"arn:aws:iam::111122223333:role/Auditor\",\"account_id\":"
    "\"111122223333\",\"access_key_id\":\"ASIA1\",\"request_id\":\"R1\",\"expiry\":"
    "\"2026-11-27T11:00:00Z\"}\n"
    "{\"event\":\"used\",\"time\":\"2026-11-27T10:05:00.000Z\",\"version\":1,\"session\":\"S2\","
    "\"human\":\"bob\",\"user\":\"bob\",\"session_name\":\"bob\",\"role_arn\":"
    "\"arn:aws:iam::111122223333:role/Auditor\",\"account_id\":\"111122223333\","
    "\"access_key_id\":\"ASIA2\",\"expiry\":\"2026-11-27T11:05:00Z\"}\n";

static const char *audit_path;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    audit_path = strdup(fuzz_file("audit.jsonl", (const uint8_t *)audit, sizeof audit - 1));
    fuzz_need(audit_path != NULL, "memory");
    return 0;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void check(const struct trace *trace, const struct trace_event *event)
{
    const struct trace_event *origin = event;
    size_t steps = 0, i;

    PROMISE((event->join == JOIN_NONE) == (event->login_count == 0));
    PROMISE(event->join != JOIN_NONE || event->reason != NULL);
    PROMISE(event->login_count > 0 || trace_human(trace, event) == NULL);
    while (origin->join == JOIN_ONWARD) {
        PROMISE(++steps <= trace->count && origin->parent < trace->count);
        origin = &trace->events[origin->parent];
    }
    for (i = 0; i < event->login_count; i++) {
        const struct handout *login = &trace->handouts[event->logins[i]];

        PROMISE(event->join != JOIN_NAME || same(event->session_name, login->session_name));
        PROMISE(event->join != JOIN_SOURCE_IDENTITY ||
                same(event->source_identity, login->source_identity));
        /* By a shared id the other account's event of one call is joined, which has no key. */
        if (event->join == JOIN_KEY && event->key != NULL)
            PROMISE(same(event->key, login->key));
        if (steps > 0 && origin->key != NULL)
            PROMISE(same(origin->key, login->key));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text people = TEXT_EMPTY, programs = TEXT_EMPTY;
    struct trace trace = {.events = NULL};
    json_t *read = NULL;
    size_t i;

    if (trace_read(&trace, fuzz_file("events", bytes, length))) {
        fuzz_accept();
        PROMISE(trace.count > 0 && trace_look_up(&trace, audit_path));
        trace_join(&trace);
        for (i = 0; i < trace.count; i++)
            check(&trace, &trace.events[i]);
        trace_add_text(&trace, &people);
        trace_add_json(&trace, &programs);
        for (i = 0; i < people.length; i++)
            PROMISE(people.bytes[i] == '\n' || (people.bytes[i] >= ' ' && people.bytes[i] <= '~'));
        read = json_loadb(programs.bytes, programs.length, JSON_REJECT_DUPLICATES, NULL);
        PROMISE(json_array_size(json_object_get(read, "events")) == trace.count);
    }
    json_decref(read);
    text_free(&people);
    text_free(&programs);
    trace_free(&trace);
    return 0;
}
