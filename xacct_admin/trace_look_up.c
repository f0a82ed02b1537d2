/*
 * Hand-outs in the audit file. It is read twice: for the hand-outs that may be behind the events,
 * and for when their sessions were opened. Memory grows with what is found, not with the file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "helper/instant.h"
#include "xacct/complain.h"
#include "xacct_admin/audit_log.h"
#include "xacct_admin/trace.h"

/* Credentials live for half a day at most, and so does a console that was signed in with them: STS
 * API reference, AssumeRole; IAM User Guide, "Enabling custom identity broker access". */
#define LONGEST_LIFE (25L * 60 * 60)

#define SKEW 300 /* seconds that clocks may be apart: AWS takes no request beyond that */

/* A session of a hand-out, and when it was opened. */
struct opening {
    const char *session;
    const char *at, *service, *address;
};

struct looking {
    struct trace *trace;
    struct index sessions; /* of struct opening */
};

static void want(struct trace *trace, enum trace_by by, const char *text)
{
    struct trace_found *found;

    if (text == NULL || trace_find(trace, by, text) != NULL)
        return;
    found = arena_alloc(&trace->memory, 1, sizeof *found);
    if (found == NULL)
        return;
    found->text = text;
    if (index_add(&trace->found[by], found) == NULL)
        trace->memory.exhausted = true;
}

struct trace_found *trace_find(const struct trace *trace, enum trace_by by, const char *text)
{
    return text != NULL ? index_find(&trace->found[by], text) : NULL;
}

void trace_free(struct trace *trace)
{
    size_t by;

    for (by = 0; by < BY_COUNT; by++)
        index_free(&trace->found[by]);
    arena_free(&trace->memory);
}

bool trace_covers(const struct handout *handout, time_t at)
{
    return handout->at <= at + SKEW && (handout->expiry == 0 || at <= handout->expiry + SKEW);
}

static const char *copy(struct trace *trace, const struct audit_log_line *line, const char *name)
{
    const char *text = audit_log_text(line, name);

    return text != NULL ? arena_text(&trace->memory, text, strlen(text)) : NULL;
}

/* Adds a hand-out. Returns its place, which is none without memory. */
static size_t add_handout(struct trace *trace, const struct audit_log_line *line)
{
    struct handout *handouts =
        arena_grow(&trace->memory, trace->handouts, trace->handout_count, sizeof *handouts);
    struct handout *handout;
    const char *expiry;
    const struct {
        const char *member;
        size_t offset;
    } texts[] = {
        {"access_key_id", offsetof(struct handout, key)},
        {"request_id", offsetof(struct handout, request_id)},
        {"human", offsetof(struct handout, human)},
        {"identity", offsetof(struct handout, identity)},
        {"user", offsetof(struct handout, user)},
        {"key_id", offsetof(struct handout, key_id)},
        {"session", offsetof(struct handout, session)},
        {"service", offsetof(struct handout, service)},
        {"address", offsetof(struct handout, address)},
        {"host", offsetof(struct handout, host)},
        {"role", offsetof(struct handout, role)},
        {"role_arn", offsetof(struct handout, role_arn)},
        {"account_id", offsetof(struct handout, account_id)},
        {"session_name", offsetof(struct handout, session_name)},
        {"source_identity", offsetof(struct handout, source_identity)},
        {"purpose", offsetof(struct handout, purpose)},
        {"operation", offsetof(struct handout, operation)},
        {"rule", offsetof(struct handout, rule)},
        {"policy_hash", offsetof(struct handout, policy_hash)},
    };
    size_t i;

    if (handouts == NULL)
        return 0;
    trace->handouts = handouts;
    handout = &handouts[trace->handout_count];
    for (i = 0; i < sizeof texts / sizeof *texts; i++)
        *(const char **)((char *)handout + texts[i].offset) = copy(trace, line, texts[i].member);
    handout->at = line->time;
    expiry = audit_log_text(line, "expiry");
    if (expiry == NULL || instant_read(expiry, &handout->expiry) != 0)
        handout->expiry = 0;
    return trace->handout_count++;
}

/* Notes that a request was xacct doctor's. */
static void note_try(struct trace *trace, const char *request_id)
{
    struct trace_found *found = trace_find(trace, BY_REQUEST, request_id);

    if (found != NULL)
        found->is_doctors = true;
}

static bool take_handout(void *argument, const struct audit_log_line *line)
{
    struct looking *looking = argument;
    struct trace *trace = looking->trace;
    static const char *const members[] = {[BY_KEY] = "access_key_id",
                                          [BY_REQUEST] = "request_id",
                                          [BY_NAME] = "session_name",
                                          [BY_SOURCE_IDENTITY] = "source_identity"};
    size_t place = 0, by;
    bool added = false;

    if (strcmp(line->event, "tried") == 0)
        note_try(trace, audit_log_text(line, "request_id"));
    if (audit_log_text(line, "access_key_id") == NULL || audit_log_text(line, "session") == NULL)
        return true;
    for (by = 0; by < BY_COUNT && !trace->memory.exhausted; by++) {
        struct trace_found *found =
            trace_find(trace, (enum trace_by)by, audit_log_text(line, members[by]));
        size_t *items = found != NULL
                            ? arena_grow(&trace->memory, found->items, found->count, sizeof *items)
                            : NULL;

        if (items == NULL)
            continue;
        if (!added)
            place = add_handout(trace, line);
        added = true;
        if (trace->memory.exhausted)
            break;
        found->items = items;
        items[found->count++] = place;
    }
    return !trace->memory.exhausted;
}

static bool take_opening(void *argument, const struct audit_log_line *line)
{
    struct looking *looking = argument;
    struct trace *trace = looking->trace;
    const char *session = audit_log_text(line, "session");
    struct opening *opening;

    if (trace->audit_from == 0 || line->time < trace->audit_from)
        trace->audit_from = line->time;
    if (line->time > trace->audit_to)
        trace->audit_to = line->time;
    if (strcmp(line->event, "opened") != 0 || session == NULL)
        return true;
    opening = index_find(&looking->sessions, session);
    if (opening != NULL && opening->at == NULL) {
        opening->at = copy(trace, line, "time");
        opening->service = copy(trace, line, "service");
        opening->address = copy(trace, line, "address");
    }
    return !trace->memory.exhausted;
}

static void tell(void *argument, const struct audit_log_note *note)
{
    char place[AUDIT_LOG_PLACE_SIZE];

    (void)argument;
    complain("%s: %s", audit_log_place(note, place), note->text);
}

/* Reads the audit file. Returns false after a complaint. */
static bool read_log(struct looking *looking, const char *path, time_t since,
                     bool (*take)(void *, const struct audit_log_line *), bool is_told)
{
    const struct audit_log log = {.path = path,
                                  .since = since,
                                  .take = take,
                                  .tell = is_told ? tell : NULL,
                                  .argument = looking};
    char why[AUDIT_LOG_WHY_SIZE];
    struct audit_log_counts counts;

    if (audit_log_read(&log, &counts, why) != 0) {
        complain("trace: %s", why);
        return false;
    }
    looking->trace->files = counts.files;
    looking->trace->lines = counts.lines;
    return true;
}

/* Hand-outs before this moment are behind none of the events; 0: any may be. */
static time_t earliest(const struct trace *trace)
{
    time_t first = 0;
    size_t i;

    for (i = 0; i < trace->count; i++) {
        if (trace->events[i].at == 0)
            return 0;
        if (first == 0 || trace->events[i].at < first)
            first = trace->events[i].at;
    }
    return first > LONGEST_LIFE ? first - LONGEST_LIFE : 0;
}

/* Notes the sessions whose openings are to be found. */
static void want_sessions(struct looking *looking)
{
    struct trace *trace = looking->trace;
    struct opening *opening;
    size_t i;

    for (i = 0; i < trace->handout_count; i++) {
        if (index_find(&looking->sessions, trace->handouts[i].session) != NULL)
            continue;
        opening = arena_alloc(&trace->memory, 1, sizeof *opening);
        if (opening == NULL)
            return;
        opening->session = trace->handouts[i].session;
        if (index_add(&looking->sessions, opening) == NULL)
            trace->memory.exhausted = true;
    }
}

/* Takes over what the openings say. */
static void fill(struct looking *looking)
{
    struct trace *trace = looking->trace;
    size_t i;

    for (i = 0; i < trace->handout_count; i++) {
        struct handout *handout = &trace->handouts[i];
        const struct opening *opening = index_find(&looking->sessions, handout->session);

        if (opening == NULL)
            continue;
        handout->opened = opening->at;
        if (handout->service == NULL)
            handout->service = opening->service;
        if (handout->address == NULL)
            handout->address = opening->address;
    }
}

bool trace_look_up(struct trace *trace, const char *path)
{
    struct looking looking = {.trace = trace};
    bool fine;
    size_t i;

    for (i = 0; i < trace->count; i++) {
        const struct trace_event *event = &trace->events[i];

        want(trace, BY_KEY, event->key);
        want(trace, BY_KEY, event->issued_key);
        want(trace, BY_REQUEST, event->request_id);
        want(trace, BY_NAME, event->session_name);
        want(trace, BY_SOURCE_IDENTITY, event->source_identity);
    }
    fine = read_log(&looking, path, earliest(trace), take_handout, false);
    if (fine) {
        want_sessions(&looking);
        fine = read_log(&looking, path, 0, take_opening, true);
    }
    if (fine)
        fill(&looking);
    index_free(&looking.sessions);
    return fine;
}
