/*
 * Joining events to hand-outs: by keys, along chains of AssumeRole, and, where no key of ours can
 * be in an event, by names.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "xacct_admin/trace.h"

/* That a key was issued, or a shared event id told, by an event that is joined. */
struct link {
    const char *text;
    size_t event;
};

struct joining {
    struct trace *trace;
    struct index keys;   /* of struct link: keys that were issued onward */
    struct index shared; /* of struct link: ids that two accounts' events of one call share */
};

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/*
 * Adds a hand-out to the logins of an event, of each session the last one that was before it.
 * Hand-outs come in the order of the audit file.
 */
static void add_login(struct trace *trace, struct trace_event *event, size_t place)
{
    const struct handout *handout = &trace->handouts[place];
    size_t *logins, i;

    if (trace->handouts == NULL)
        return;
    for (i = 0; i < event->login_count; i++)
        if (same(trace->handouts[event->logins[i]].session, handout->session)) {
            if (event->at == 0 || handout->at <= event->at)
                event->logins[i] = place;
            return;
        }
    logins = arena_grow(&trace->memory, event->logins, event->login_count, sizeof *logins);
    if (logins == NULL)
        return;
    event->logins = logins;
    logins[event->login_count++] = place;
}

/* Joins the event to the hand-outs that were found by something that tells them from all others:
 * those who had the key by then; all where nobody had, as of clocks that are apart. */
static void join_surely(struct trace *trace, struct trace_event *event,
                        const struct trace_found *found, enum join join)
{
    size_t i;

    event->join = join;
    for (i = 0; i < found->count; i++)
        if (event->at == 0 || trace->handouts[found->items[i]].at <= event->at)
            add_login(trace, event, found->items[i]);
    for (i = 0; event->login_count == 0 && i < found->count; i++)
        add_login(trace, event, found->items[i]);
}

/*
 * Whether a hand-out is of the role that the event's session is of. An event of another account
 * tells of the session's account alone.
 */
static bool is_same_role(const struct trace_event *event, const struct handout *handout)
{
    const char *name, *of_session;
    size_t length;

    if (event->role_arn != NULL)
        return same(event->role_arn, handout->role_arn);
    if (!same(event->caller_id, handout->account_id) || handout->role_arn == NULL)
        return false;
    of_session = event->arn != NULL ? strstr(event->arn, ":assumed-role/") : NULL;
    if (of_session == NULL)
        return true;
    of_session += strlen(":assumed-role/");
    name = strrchr(handout->role_arn, '/');
    length = strcspn(of_session, "/");
    return name != NULL && strlen(name + 1) == length && strncmp(name + 1, of_session, length) == 0;
}

/* Joins by the key that was handed out, or that was issued by this very request. */
static bool join_by_key(struct trace *trace, struct trace_event *event)
{
    const struct trace_found *found = trace_find(trace, BY_KEY, event->key);

    if (found != NULL && found->count > 0) {
        join_surely(trace, event, found, JOIN_KEY);
        return true;
    }
    found = trace_find(trace, BY_KEY, event->issued_key);
    if (found == NULL || found->count == 0)
        found = trace_find(trace, BY_REQUEST, event->request_id);
    if (found == NULL || found->count == 0)
        return false;
    /* The hand-out follows its request. */
    event->join = JOIN_ISSUE;
    add_login(trace, event, found->items[0]);
    return true;
}

static void add_link(struct joining *joining, struct index *index, const char *text, size_t event)
{
    struct link *link;

    if (text == NULL || index_find(index, text) != NULL)
        return;
    link = arena_alloc(&joining->trace->memory, 1, sizeof *link);
    if (link == NULL)
        return;
    *link = (struct link){text, event};
    if (index_add(index, link) == NULL)
        joining->trace->memory.exhausted = true;
}

/* Notes what a joined event leads on to. */
static void note_links(struct joining *joining, size_t place)
{
    const struct trace_event *event = &joining->trace->events[place];

    add_link(joining, &joining->shared, event->shared_id, place);
    if (event->join == JOIN_KEY || event->join == JOIN_ONWARD)
        add_link(joining, &joining->keys, event->issued_key, place);
}

/* Joins an event to what another one that is joined leads on to. */
static bool join_onward(struct joining *joining, struct trace_event *event)
{
    const struct trace *trace = joining->trace;
    const struct link *link = event->key != NULL ? index_find(&joining->keys, event->key) : NULL;
    bool is_next = link != NULL;

    if (link == NULL && event->key == NULL && event->shared_id != NULL)
        link = index_find(&joining->shared, event->shared_id);
    if (link == NULL)
        return false;
    event->join = is_next ? JOIN_ONWARD : trace->events[link->event].join;
    event->parent = is_next ? link->event : trace->events[link->event].parent;
    event->logins = trace->events[link->event].logins;
    event->login_count = trace->events[link->event].login_count;
    return true;
}

/* Whether the key of an event, if it has one, need not be the one that was handed out: a console's
 * is its own, and a service's that acts on behalf of a session. */
static bool may_have_other_key(const struct trace_event *event)
{
    return event->key == NULL || event->from_console || event->invoked_by != NULL;
}

/*
 * Joins by the session's name, its role and the time. A source identity that was not sent may still
 * be there: that of the [base], which then cannot be another.
 */
static bool join_by_name(struct trace *trace, struct trace_event *event)
{
    const struct trace_found *found = trace_find(trace, BY_NAME, event->session_name);
    size_t i;

    if (found == NULL || !may_have_other_key(event))
        return false;
    for (i = 0; i < found->count; i++) {
        const struct handout *handout = &trace->handouts[found->items[i]];
        struct handout signed_in = *handout;

        /* A console that was signed in with them outlives them, by half a day at most. */
        if (event->from_console)
            signed_in.expiry = handout->at + 12L * 60 * 60;
        if (is_same_role(event, handout) && trace_covers(&signed_in, event->at) &&
            (event->source_identity == NULL || handout->source_identity == NULL ||
             same(event->source_identity, handout->source_identity)))
            add_login(trace, event, found->items[i]);
    }
    if (event->login_count > 0)
        event->join = JOIN_NAME;
    return event->login_count > 0;
}

/* Whether a hand-out among these is of the event's role. */
static const struct handout *find_alike(const struct trace *trace, const struct trace_event *event,
                                        const struct trace_found *found)
{
    size_t i;

    for (i = 0; found != NULL && i < found->count; i++)
        if (is_same_role(event, &trace->handouts[found->items[i]]))
            return &trace->handouts[found->items[i]];
    return NULL;
}

/*
 * Joins a session of another role by its source identity, which is carried along and cannot be
 * changed; its login is one whose credentials lived when the session was made.
 */
static bool join_by_source_identity(struct trace *trace, struct trace_event *event)
{
    const struct trace_found *found = trace_find(trace, BY_SOURCE_IDENTITY, event->source_identity);
    size_t i;

    if (found == NULL || find_alike(trace, event, found) != NULL)
        return false;
    for (i = 0; i < found->count; i++)
        if (trace_covers(&trace->handouts[found->items[i]],
                         event->created != 0 ? event->created : event->at))
            add_login(trace, event, found->items[i]);
    if (event->login_count > 0)
        event->join = JOIN_SOURCE_IDENTITY;
    return event->login_count > 0;
}

/* Says why an event names nobody. */
static void give_reason(struct trace *trace, struct trace_event *event)
{
    const struct trace_found *request = trace_find(trace, BY_REQUEST, event->request_id);
    const struct handout *alike =
        find_alike(trace, event, trace_find(trace, BY_NAME, event->session_name));

    if (alike == NULL)
        alike =
            find_alike(trace, event, trace_find(trace, BY_SOURCE_IDENTITY, event->source_identity));
    if (event->at != 0 && trace->audit_from != 0 && event->at < trace->audit_from)
        event->reason = "it is from before the audit file begins";
    else if (request != NULL && request->is_doctors)
        event->reason = "xacct doctor tried the role, and nobody got the keys";
    else if (event->session_name == NULL && event->role_arn == NULL)
        event->reason = "it is of no session of a role, so of none that this host hands out";
    else if (alike != NULL && event->key != NULL)
        event->reason =
            arena_format(&trace->memory,
                         "its key %s was not issued by this host, although its session is called "
                         "as one of %s: it may be of another host that issues such sessions, or of "
                         "whoever else may assume the role and call a session so",
                         event->key, alike->human != NULL ? alike->human : "somebody here");
    else if (alike != NULL)
        event->reason = "its session is called as one of this host's, but none of these had "
                        "credentials at that time";
    else
        event->reason =
            "neither its key nor its session stands in the audit file: it is of another "
            "host, or not of pam_xacct";
}

void trace_join(struct trace *trace)
{
    struct joining joining = {.trace = trace};
    bool any = true;
    size_t i;

    for (i = 0; i < trace->count; i++)
        if (join_by_key(trace, &trace->events[i]))
            note_links(&joining, i);
    /* Each round takes chains one role further. */
    while (any) {
        any = false;
        for (i = 0; i < trace->count; i++)
            if (trace->events[i].join == JOIN_NONE && join_onward(&joining, &trace->events[i])) {
                note_links(&joining, i);
                any = true;
            }
    }
    for (i = 0; i < trace->count; i++)
        if (trace->events[i].join == JOIN_NONE && !join_by_name(trace, &trace->events[i]) &&
            !join_by_source_identity(trace, &trace->events[i]))
            give_reason(trace, &trace->events[i]);
    index_free(&joining.keys);
    index_free(&joining.shared);
}

static bool is_certified(const struct handout *handout)
{
    return same(handout->identity, "certificate");
}

const char *trace_human(const struct trace *trace, const struct trace_event *event)
{
    const struct handout *first =
        event->login_count > 0 ? &trace->handouts[event->logins[0]] : NULL;
    size_t i;

    /* Of one name, a human from a certificate and a Unix user are two. */
    for (i = 1; i < event->login_count; i++)
        if (!same(first->human, trace->handouts[event->logins[i]].human) ||
            is_certified(first) != is_certified(&trace->handouts[event->logins[i]]))
            return NULL;
    return first != NULL ? first->human : NULL;
}

size_t trace_steps(const struct trace *trace, const struct trace_event *event, const char **key)
{
    size_t steps = 0;

    *key = NULL;
    while (event->join == JOIN_ONWARD) {
        event = &trace->events[event->parent];
        steps++;
    }
    if (steps > 0)
        *key = event->key;
    return steps;
}
