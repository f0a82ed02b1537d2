/*
 * CloudTrail events from files: one by itself, a log file with Records, what lookup-events prints,
 * what EventBridge delivers, and any number of these one after the other.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "common/escape.h"
#include "helper/instant.h"
#include "xacct/complain.h"
#include "xacct_admin/trace.h"

#define FILE_LARGEST ((size_t)512 * 1024 * 1024) /* bytes, unpacked */

/* A file on its way. */
struct source {
    struct trace *trace;
    const char *name; /* escaped */
};

/* A copy of a text member that is there and not empty, or NULL. */
static const char *copy(struct trace *trace, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    size_t length = json_string_length(value);

    /* With a NUL in it, it is no name of anything. */
    if (length == 0 || memchr(json_string_value(value), '\0', length) != NULL)
        return NULL;
    return arena_text(&trace->memory, json_string_value(value), length);
}

static time_t moment_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    time_t at;

    return text != NULL && instant_read(text, &at) == 0 ? at : 0;
}

/* Takes from the ARN of a session, arn:…:assumed-role/ROLE/NAME, the name; or from its id, whose
 * second part it is. */
static void take_session(struct trace *trace, const json_t *identity, struct trace_event *event)
{
    const char *id = copy(trace, identity, "principalId");

    if (event->arn != NULL && strstr(event->arn, ":assumed-role/") != NULL)
        event->session_name = strrchr(event->arn, '/') + 1;
    else if (id != NULL && strncmp(id, "AROA", 4) == 0 && strchr(id, ':') != NULL)
        event->session_name = strchr(id, ':') + 1;
}

static void take_identity(struct trace *trace, const json_t *identity, struct trace_event *event)
{
    const json_t *context = json_object_get(identity, "sessionContext");

    event->key = copy(trace, identity, "accessKeyId");
    event->invoked_by = copy(trace, identity, "invokedBy");
    event->arn = copy(trace, identity, "arn");
    event->caller_id = copy(trace, identity, "accountId");
    event->source_identity = copy(trace, context, "sourceIdentity");
    event->role_arn = copy(trace, json_object_get(context, "sessionIssuer"), "arn");
    event->created = moment_of(json_object_get(context, "attributes"), "creationDate");
    take_session(trace, identity, event);
}

/* Whether a member says true, which CloudTrail writes as a text too. */
static bool is_true(const json_t *value)
{
    const char *text = json_string_value(value);

    return json_is_true(value) || (text != NULL && strcmp(text, "true") == 0);
}

static void take_event(struct trace *trace, const json_t *object)
{
    struct trace_event *events =
        arena_grow(&trace->memory, trace->events, trace->count, sizeof *events);
    const json_t *response = json_object_get(object, "responseElements");
    struct trace_event *event;

    if (events == NULL)
        return;
    trace->events = events;
    event = &events[trace->count++];
    event->id = copy(trace, object, "eventID");
    event->time_text = copy(trace, object, "eventTime");
    event->at = moment_of(object, "eventTime");
    event->name = copy(trace, object, "eventName");
    event->source = copy(trace, object, "eventSource");
    event->account_id = copy(trace, object, "recipientAccountId");
    event->request_id = copy(trace, object, "requestID");
    event->shared_id = copy(trace, object, "sharedEventID");
    event->ip = copy(trace, object, "sourceIPAddress");
    event->agent = copy(trace, object, "userAgent");
    event->from_console = is_true(json_object_get(object, "sessionCredentialFromConsole"));
    event->issued_key = copy(trace, json_object_get(response, "credentials"), "accessKeyId");
    take_identity(trace, json_object_get(object, "userIdentity"), event);
}

static bool take(const struct source *source, const json_t *value);

/* An event that lookup-events has as a text. */
static bool take_text(const struct source *source, const json_t *text)
{
    json_error_t error;
    json_t *value =
        json_loadb(json_string_value(text), json_string_length(text), JSON_ALLOW_NUL, &error);
    bool fine = json_is_object(value) && take(source, value);

    json_decref(value);
    return fine;
}

/* Takes the events that a value is or holds. Returns false where it is none of the forms. */
static bool take(const struct source *source, const json_t *value)
{
    static const char *const lists[] = {"Records", "Events"};
    const json_t *item;
    size_t i;

    if (json_is_array(value)) {
        json_array_foreach(value, i, item) if (!take(source, item)) return false;
        return true;
    }
    for (i = 0; i < sizeof lists / sizeof *lists; i++)
        if (json_is_array(json_object_get(value, lists[i])))
            return take(source, json_object_get(value, lists[i]));
    if (json_is_string(json_object_get(value, "CloudTrailEvent")))
        return take_text(source, json_object_get(value, "CloudTrailEvent"));
    if (json_is_object(json_object_get(value, "detail")))
        return take(source, json_object_get(value, "detail"));
    if (!json_is_string(json_object_get(value, "eventName")))
        return false;
    take_event(source->trace, value);
    return true;
}

/* Takes the values in the bytes, one after the other. Returns false after a complaint. */
static bool take_all(const struct source *source, const char *bytes, size_t length)
{
    const int flags = JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL;
    const size_t before = source->trace->count;
    json_error_t error;
    size_t at = 0;

    while (at + strspn(bytes + at, " \t\r\n") < length) {
        json_t *value = json_loadb(bytes + at, length - at, flags, &error);
        bool fine = value != NULL && take(source, value);

        if (value == NULL)
            complain("trace: %s is no JSON (byte %zu: %s): give CloudTrail events as they are",
                     source->name, at + (size_t)error.position, error.text);
        else if (!fine)
            complain("trace: %s holds no CloudTrail event (byte %zu): it is none with an "
                     "eventName, and has neither Records nor Events",
                     source->name, at);
        json_decref(value);
        if (!fine)
            return false;
        at += (size_t)error.position;
    }
    if (source->trace->count == before)
        complain("trace: %s holds no event", source->name);
    return source->trace->count > before;
}

/* Reads the whole stream. Returns the bytes, with a NUL behind them, which the caller frees; or
 * NULL after a complaint. */
static char *read_stream(gzFile stream, const char *name, size_t *length)
{
    size_t capacity = 65536;
    char *bytes = malloc(capacity), *grown;
    int got = bytes != NULL ? 1 : 0, error = Z_OK;
    const char *why;

    *length = 0;
    while (got > 0) {
        if (capacity - *length < 65536) {
            grown = capacity < FILE_LARGEST ? realloc(bytes, 2 * capacity) : NULL;
            if (grown == NULL)
                break;
            bytes = grown;
            capacity *= 2;
        }
        got = gzread(stream, bytes + *length, 32768);
        if (got > 0)
            *length += (size_t)got;
    }
    why = gzerror(stream, &error);
    if (bytes != NULL && got == 0 && (error == Z_OK || error == Z_STREAM_END)) {
        bytes[*length] = '\0';
        return bytes;
    }
    if (got > 0 || bytes == NULL)
        complain("trace: %s is too large: give it in parts", name);
    else
        complain("trace: %s cannot be read: %s", name,
                 error == Z_ERRNO       ? strerror(errno)
                 : error == Z_BUF_ERROR ? "it is cut off"
                                        : why);
    free(bytes);
    return NULL;
}

/* Opens a file. Another's pipe or device could make us wait for ever, so it is none of these.
 * Returns -1 after a complaint. */
static int open_file(const char *path, const char *name)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0)
        complain("trace: %s cannot be read: %s", name, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        complain("trace: %s is no regular file: give a pipe as standard input", name);
    else
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Opens a path, or standard input for NULL. Returns NULL after a complaint. */
static gzFile open_stream(const char *path, const char *name)
{
    int fd = path != NULL ? open_file(path, name) : dup(STDIN_FILENO);
    gzFile stream = fd >= 0 ? gzdopen(fd, "r") : NULL;

    if (stream == NULL && (fd >= 0 || path == NULL))
        complain("trace: %s cannot be read: %s", name, strerror(errno));
    if (stream == NULL && fd >= 0)
        close(fd);
    return stream;
}

bool trace_read(struct trace *trace, const char *path)
{
    char shown[ESCAPE_MAX];
    const struct source source = {trace, path != NULL ? escape(shown, sizeof shown, path)
                                                      : "standard input"};
    gzFile stream = open_stream(path, source.name);
    size_t length = 0;
    char *bytes = NULL;
    bool fine;

    if (stream == NULL)
        return false;
    bytes = read_stream(stream, source.name, &length);
    fine = bytes != NULL && take_all(&source, bytes, length);
    free(bytes);
    gzclose(stream);
    return fine;
}
