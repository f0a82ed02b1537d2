/*
 * Writing the audit file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/close_quietly.h"
#include "common/escape.h"
#include "helper/audit_copy.h"
#include "helper/audit_folder.h"
#include "helper/instant.h"
#include "helper/json.h"
#include "helper/metrics.h"
#include "policy/load.h"

/* Of the form of a line: raised when a member changes its meaning, not when one is added. */
#define AUDIT_VERSION 1

/* How often a line is written where the file is moved away each time: what moves it more often than
 * that is no rotation. */
#define ATTEMPTS 3

/* Sets the members that are plain texts. Returns 0, or -1 without memory. */
static int set_texts(json_t *line, const struct host *host, const struct audit_event *event)
{
    const struct {
        const char *key;
        const char *text;
    } members[] = {
        {"operation", event->operation},
        {"purpose", event->purpose},
        {"status", event->status != STATUS_PERMITTED ? status_name(event->status) : NULL},
        {"reason", event->reason},
        {"notice", event->notice},
        {"session", event->session},
        {"adopted_from", event->adopted_from},
        {"service", event->service},
        {"address", event->address},
        {"host", host->name},
        {"user", event->user},
        {"typed", event->typed},
        {"ruser", event->ruser},
        {"human", event->human},
        {"identity", event->identity},
        {"ca", event->certificate != NULL ? event->certificate->ca->name : NULL},
        {"key_id", event->certificate != NULL ? event->certificate->key_id : NULL},
        {"group", event->group},
        {"wanted", event->wanted},
        {"role_arn", event->role_arn},
        {"via", event->via},
        {"assumed_role", event->assumed_role},
        {"session_name", event->session_name},
        {"source_identity", event->source_identity},
        {"access_key_id", event->access_key_id},
        {"request_id", event->request_id},
        {"policy_hash", host->policy_hash},
        {"reference", event->reference},
        {"revoked_by", event->revoked_by},
    };
    size_t i;

    for (i = 0; i < sizeof members / sizeof members[0]; i++)
        if (json_set_text(line, members[i].key, members[i].text) != 0)
            return -1;
    return 0;
}

/* Sets the members that are no texts. Returns 0, or -1 without memory. */
static int set_numbers(json_t *line, const struct audit_event *event)
{
    if (event->uid != 0 &&
        json_object_set_new(line, "uid", json_integer((json_int_t)event->uid)) != 0)
        return -1;
    if (event->counts_sessions &&
        json_object_set_new(line, "sessions", json_integer((json_int_t)event->sessions)) != 0)
        return -1;
    return event->cached ? json_object_set_new(line, "cached", json_true()) : 0;
}

/* Sets a list of untrusted texts. Returns 0, or -1 without memory. */
static int set_list(json_t *line, const char *key, const struct texts *list)
{
    char shown[ESCAPE_MAX];
    json_t *array = json_array();
    size_t i;

    for (i = 0; array != NULL && i < list->count; i++) {
        json_t *text = json_string(list->items[i]);

        if (text == NULL)
            text = json_string(escape(shown, sizeof shown, list->items[i]));
        if (json_array_append_new(array, text) != 0) {
            json_decref(array);
            return -1;
        }
    }
    return json_object_set_new(line, key, array);
}

/* Sets what is said of how the login was authenticated. Returns 0, or -1 without memory. */
static int set_proof(json_t *line, const struct audit_event *event)
{
    if (event->auth != NULL && event->auth->count > 0 && set_list(line, "auth", event->auth) != 0)
        return -1;
    return event->certificate != NULL
               ? set_list(line, "principals", &event->certificate->principals)
               : 0;
}

/* Sets the tags of a call. Returns 0, or -1 without memory. */
static int set_tags(json_t *line, const struct audit_event *event)
{
    json_t *tags = json_object();
    size_t i;

    for (i = 0; i < event->tag_count; i++)
        if (json_object_set_new(tags, event->tags[i].key, json_string(event->tags[i].value)) != 0)
            break;
    if (i < event->tag_count) {
        json_decref(tags);
        return -1;
    }
    return json_object_set_new(line, "tags", tags);
}

/* Sets the names of a role. Returns 0, or -1 without memory. */
static int set_names(json_t *line, const char *role, const char *account, const char *account_id)
{
    const bool whole = json_set_text(line, "role", role) == 0 &&
                       json_set_text(line, "account", account) == 0 &&
                       json_set_text(line, "account_id", account_id) == 0;

    return whole ? 0 : -1;
}

/* Sets the role that a session began with. Returns 0, or -1 without memory. */
static int set_started(json_t *line, const struct session_role *started)
{
    json_t *tags;
    size_t i;

    if (started == NULL || started->name == NULL)
        return 0;
    if (set_names(line, started->name, started->account, started->account_id) != 0)
        return -1;
    tags = json_object();
    for (i = 0; tags != NULL && i < started->tags.count; i++) {
        const char *tag = started->tags.items[i];
        const char *value = strchr(tag, '=');

        if (value == NULL ||
            json_object_setn_new(tags, tag, (size_t)(value - tag), json_string(value + 1)) != 0) {
            json_decref(tags);
            return -1;
        }
    }
    return json_object_set_new(line, "tags", tags);
}

/* Sets what is said of the role. Returns 0, or -1 without memory. */
static int set_role(json_t *line, const struct audit_event *event)
{
    const struct role *role = event->role;

    if (role == NULL)
        return set_started(line, event->started);
    if (set_names(line, role->name, role->account->name, role->account->id) != 0)
        return -1;
    return set_tags(line, event);
}

/* The line, which the caller gives back; NULL without memory. */
static json_t *compose(const struct host *host, const struct audit_event *event)
{
    char time_text[INSTANT_SIZE], expiry[INSTANT_SIZE] = "", since[INSTANT_SIZE] = "";
    char rule[4200] = "";
    struct timespec now;
    json_t *line;

    clock_gettime(CLOCK_REALTIME, &now);
    if (event->expiry != 0)
        instant_text(expiry, event->expiry);
    if (event->broken_since != 0)
        instant_text(since, event->broken_since);
    if (event->rule.line > 0)
        snprintf(rule, sizeof rule, "%s:%u", event->rule.file, event->rule.line);
    line = json_pack("{ss ss si}", "event", event->event, "time", instant_text_ms(time_text, &now),
                     "version", AUDIT_VERSION);
    if (line != NULL && set_numbers(line, event) == 0 && set_texts(line, host, event) == 0 &&
        set_proof(line, event) == 0 && set_role(line, event) == 0 &&
        json_set_text(line, "expiry", expiry) == 0 &&
        json_set_text(line, "broken_since", since) == 0 && json_set_text(line, "rule", rule) == 0)
        return line;
    json_decref(line);
    return NULL;
}

/* Opens the file of this name in its folder, of which *file tells then. Returns the descriptor, or
 * -1 with errno. */
static int open_in(int folder, const char *name, struct stat *file)
{
    int fd = openat(folder, name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                    0640);

    if (fd < 0)
        return -1;
    /* In a file that others may write, anybody's word would pass for ours. */
    if (fstat(fd, file) == 0 && S_ISREG(file->st_mode) && (file->st_mode & 022) == 0 &&
        (file->st_uid == geteuid() || file->st_uid == 0))
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/* The file while a line is written to it. */
struct opened {
    int folder; /* that it lies in */
    const char *name;
    int fd;
    struct stat status; /* as it was opened */
    bool cut_short;     /* its last line has no end */
};

/* Whether the file's last line has its end: a line that a full disk cut short has none. Returns 0
 * or an errno. */
static int look_at_end(struct opened *file)
{
    const off_t size = file->status.st_size;
    char last = '\n';

    if (size > 0 && pread(file->fd, &last, 1, size - 1) < 0)
        return errno;
    file->cut_short = last != '\n';
    return 0;
}

static void close_file(const struct opened *file)
{
    close_quietly(file->fd);
    close_quietly(file->folder);
}

/*
 * Opens the file for appending. Returns 0, or an errno, with the reason in `folder_why` where it is
 * a folder's.
 */
static int open_file(const char *path, struct opened *file, char *folder_why, size_t why_size)
{
    int error = 0;

    *file = (struct opened){.fd = -1};
    file->folder = audit_folder_open(path, &file->name, folder_why, why_size);
    if (file->folder < 0)
        return errno;
    file->fd = open_in(file->folder, file->name, &file->status);
    if (file->fd < 0)
        error = errno;
    else
        error = look_at_end(file);
    if (error != 0)
        close_file(file);
    return error;
}

/* Writes the line, after an end for one that was cut short and would spoil it. Returns 0 or an
 * errno. */
static int write_line(const struct opened *file, const char *line)
{
    const char *const end = file->cut_short ? "\n" : "";
    char *text = NULL;
    ssize_t written;
    int error = 0;

    if (asprintf(&text, "%s%s\n", end, line) < 0)
        return ENOMEM;
    do
        written = write(file->fd, text, strlen(text));
    while (written < 0 && errno == EINTR);
    if (written < 0)
        error = errno;
    else if ((size_t)written < strlen(text))
        error = ENOSPC;
    free(text);
    return error;
}

/* Whether the file has been moved away since it was opened. */
static bool is_moved(const struct opened *file)
{
    const struct stat *ours = &file->status;
    struct stat there;

    return fstatat(file->folder, file->name, &there, AT_SYMLINK_NOFOLLOW) != 0 ||
           ours->st_ino != there.st_ino || ours->st_dev != there.st_dev;
}

/* Appends the line to the file. Returns 0 or an errno, as open_file. */
static int append(const char *path, const char *line, char *folder_why, size_t why_size)
{
    struct opened file;
    bool moved = true;
    int error = 0, attempt;

    for (attempt = 0; error == 0 && moved && attempt < ATTEMPTS; attempt++) {
        error = open_file(path, &file, folder_why, why_size);
        if (error != 0)
            break;
        error = write_line(&file, line);
        moved = is_moved(&file);
        close_file(&file);
    }
    return error;
}

int audit_write(const struct host *host, const struct audit_event *event, char *why,
                size_t why_size)
{
    const char *path = host->policy != NULL ? host->policy->audit : POLICY_DEFAULT_AUDIT;
    json_t *line = compose(host, event);
    char *text = line != NULL ? json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    char folder_why[2 * ESCAPE_MAX] = "";
    int error = ENOMEM;

    if (text != NULL)
        error = append(path, text, folder_why, sizeof folder_why);
    if (error != 0) {
        metrics_count(METRICS_AUDIT_FAILURES);
        snprintf(why, why_size,
                 "the audit file %s cannot be written (%s), and nothing is issued without its line "
                 "there: there must be room, and the helper's user alone may write file and folder",
                 path, folder_why[0] != '\0' ? folder_why : strerror(error));
    } else if (host->policy == NULL || !host->policy->audit_file_alone) {
        audit_copy(line, text);
    }
    free(text);
    json_decref(line);
    return error;
}
