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
#include "helper/audit_file.h"
#include "helper/instant.h"
#include "helper/json.h"
#include "helper/metrics.h"
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

int audit_write(const struct host *host, const struct audit_event *event, char *why,
                size_t why_size)
{
    const char *path = host->policy != NULL ? host->policy->audit : POLICY_DEFAULT_AUDIT;
    json_t *line = compose(host, event);
    char *text = line != NULL ? json_as_text(line, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    char folder_why[2 * ESCAPE_MAX] = "";
    int error = ENOMEM;

    if (text != NULL)
        error = audit_file_append(path, text, folder_why, sizeof folder_why);
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
