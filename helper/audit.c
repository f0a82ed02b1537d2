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

#include "common/escape.h"
#include "helper/audit_folder.h"
#include "helper/instant.h"
#include "helper/json.h"
#include "policy/load.h"

/* Of the form of a line: raised when a member changes its meaning, not when one is added. */
#define AUDIT_VERSION 1

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

/* Sets what is said of the role. Returns 0, or -1 without memory. */
static int set_role(json_t *line, const struct audit_event *event)
{
    const struct role *role = event->role;

    if (role == NULL)
        return 0;
    if (json_set_text(line, "role", role->name) != 0 ||
        json_set_text(line, "account", role->account->name) != 0 ||
        json_set_text(line, "account_id", role->account->id) != 0)
        return -1;
    return set_tags(line, event);
}

/* The line with its newline, which the caller frees; NULL without memory. */
static char *compose(const struct host *host, const struct audit_event *event)
{
    char time_text[INSTANT_SIZE], expiry[INSTANT_SIZE] = "", since[INSTANT_SIZE] = "";
    char rule[4200] = "";
    struct timespec now;
    json_t *line;
    char *object = NULL, *text = NULL;

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
        object = json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (object != NULL && asprintf(&text, "%s\n", object) < 0)
        text = NULL;
    free(object);
    json_decref(line);
    return text;
}

/* Opens the file of this name in its folder. Returns the descriptor, or -1 with errno. */
static int open_in(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                    0640);
    struct stat file;

    if (fd < 0)
        return -1;
    /* In a file that others may write, anybody's word would pass for ours. */
    if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && (file.st_mode & 022) == 0 &&
        (file.st_uid == geteuid() || file.st_uid == 0))
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/*
 * Opens the file for appending and looks at its last byte: a line that a full disk cut short gets
 * its end before ours begins, which would be lost with it else. Returns the descriptor, or -1 with
 * errno, and in `folder_why` the reason where it is a folder's.
 */
static int open_file(const char *path, bool *cut_short, char *folder_why, size_t why_size)
{
    const char *name = NULL;
    int folder = audit_folder_open(path, &name, folder_why, why_size), fd, error;
    char last = '\n';
    off_t size;

    *cut_short = false;
    if (folder < 0)
        return -1;
    fd = open_in(folder, name);
    error = errno;
    close(folder);
    errno = error;
    if (fd < 0)
        return -1;
    size = lseek(fd, 0, SEEK_END);
    if (size < 0 || (size > 0 && pread(fd, &last, 1, size - 1) < 0)) {
        error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    *cut_short = last != '\n';
    return fd;
}

int audit_write(const struct host *host, const struct audit_event *event, char *why,
                size_t why_size)
{
    const char *path = host->policy != NULL ? host->policy->audit : POLICY_DEFAULT_AUDIT;
    char *text = compose(host, event), *ended = NULL;
    const char *bytes = text;
    char folder_why[2 * ESCAPE_MAX] = "";
    bool cut_short = false;
    int fd = -1, error = ENOMEM;
    ssize_t written;

    if (text == NULL)
        goto done;
    fd = open_file(path, &cut_short, folder_why, sizeof folder_why);
    if (fd < 0) {
        error = errno;
        goto done;
    }
    if (cut_short) {
        if (asprintf(&ended, "\n%s", text) < 0) {
            ended = NULL;
            goto done;
        }
        bytes = ended;
    }
    do
        written = write(fd, bytes, strlen(bytes));
    while (written < 0 && errno == EINTR);
    if (written < 0)
        error = errno;
    else
        error = (size_t)written == strlen(bytes) ? 0 : ENOSPC;

done:
    if (error != 0)
        snprintf(why, why_size,
                 "the audit file %s cannot be written (%s), and nothing is issued without its line "
                 "there: there must be room, and the helper's user alone may write file and folder",
                 path, folder_why[0] != '\0' ? folder_why : strerror(error));
    if (fd >= 0)
        close(fd);
    free(ended);
    free(text);
    return error;
}
