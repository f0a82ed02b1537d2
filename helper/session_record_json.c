/*
 * The form of session records, and their texts.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_record_json.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/reference.h"
#include "helper/instant.h"
#include "helper/json.h"
#include "helper/text_list.h"

/* Of the form: raised when a member changes its meaning, not when one is added. */
#define RECORD_VERSION 1

/* The texts of a record. */
static const struct {
    const char *key;
    size_t offset;
    bool needed;
} texts[] = {
    {"user", offsetof(struct session_record, user), true},
    {"typed", offsetof(struct session_record, typed), false},
    {"human", offsetof(struct session_record, human), true},
    {"identity", offsetof(struct session_record, source), false},
    {"ca", offsetof(struct session_record, authority), false},
    {"ca_key", offsetof(struct session_record, authority_key), false},
    {"key_id", offsetof(struct session_record, key_id), false},
    {"opener", offsetof(struct session_record, opener), false},
    {"ruser", offsetof(struct session_record, ruser), false},
    {"service", offsetof(struct session_record, service), false},
    {"address", offsetof(struct session_record, address), false},
    {"tty", offsetof(struct session_record, tty), false},
    {"reference", offsetof(struct session_record, reference), false},
    {"host", offsetof(struct session_record, host), false},
    {"role", offsetof(struct session_record, started.name), false},
    {"account", offsetof(struct session_record, started.account), false},
    {"account_id", offsetof(struct session_record, started.account_id), false},
    {"revoked_by", offsetof(struct session_record, revoked_by), false},
};
#define TEXTS (sizeof texts / sizeof texts[0])

/* And its lists of texts. */
static const size_t lists[] = {
    offsetof(struct session_record, auth),
    offsetof(struct session_record, principals),
    offsetof(struct session_record, started.tags),
};
#define LISTS (sizeof lists / sizeof lists[0])

static char **text_of(struct session_record *record, size_t i)
{
    return (char **)(void *)((char *)record + texts[i].offset);
}

static const char *const_text_of(const struct session_record *record, size_t i)
{
    return *(char *const *)(const void *)((const char *)record + texts[i].offset);
}

static struct texts *list_of(struct session_record *record, size_t i)
{
    return (struct texts *)(void *)((char *)record + lists[i]);
}

static const struct texts *const_list_of(const struct session_record *record, size_t i)
{
    return (const struct texts *)(const void *)((const char *)record + lists[i]);
}

/* Sets what is said of how the session was authenticated. Returns 0, or -1 without memory. */
static int set_proof(json_t *object, const struct session_record *record)
{
    if (record->auth_known && json_set_exact_list(object, "auth", &record->auth) != 0)
        return -1;
    if (record->authority_key == NULL)
        return 0;
    if (json_set_exact_list(object, "principals", &record->principals) != 0)
        return -1;
    return json_object_set_new(object, "certificate_ends",
                               json_integer((json_int_t)record->certificate_ends));
}

char *session_record_to_json(const struct session_record *record)
{
    char opened[INSTANT_SIZE], ended[INSTANT_SIZE];
    json_t *object =
        json_pack("{si ss sI sI sI ss}", "version", RECORD_VERSION, "session", record->id, "uid",
                  (json_int_t)record->uid, "pid", (json_int_t)record->pid, "start_time",
                  (json_int_t)record->start_time, "opened", instant_text(opened, record->opened));
    char *text = NULL;
    size_t i;

    if (object == NULL || json_set_text(object, "boot_id", record->boot_id) != 0 ||
        (record->ended != 0 &&
         json_set_text(object, "ended", instant_text(ended, record->ended)) != 0))
        goto done;
    if (record->has_audit_session &&
        json_object_set_new(object, "audit_session", json_integer(record->audit_session)) != 0)
        goto done;
    for (i = 0; i < TEXTS; i++)
        if (json_set_exact(object, texts[i].key, const_text_of(record, i)) != 0)
            goto done;
    if (record->started.tags.count > 0 &&
        json_set_exact_list(object, "tags", &record->started.tags) != 0)
        goto done;
    if (set_proof(object, record) != 0)
        goto done;
    text = json_as_text(object, JSON_COMPACT | JSON_ENSURE_ASCII);

done:
    json_decref(object);
    return text;
}

/* Reads the members that are no texts. Returns NULL, or what is wrong. */
static const char *read_numbers(json_t *object, struct session_record *record)
{
    const char *id = NULL, *opened = NULL, *ended = NULL, *boot_id = "";
    json_int_t uid = -1, pid = 0, start_time = 0, audit_session = -1;
    int version = 0;

    if (json_unpack(object, "{si}", "version", &version) != 0 || version != RECORD_VERSION)
        return "it is of no version that is known here";
    if (json_unpack(object, "{ss sI s?I s?I s?I ss s?s s?s}", "session", &id, "uid", &uid, "pid",
                    &pid, "start_time", &start_time, "audit_session", &audit_session, "opened",
                    &opened, "ended", &ended, "boot_id", &boot_id) != 0)
        return "a member is missing or of the wrong kind";
    if (!session_id_is_valid(id) || uid < 0 || uid >= UINT_MAX || pid < 0 || pid > INT_MAX ||
        start_time < 0 || audit_session < -1 || audit_session >= UINT_MAX ||
        strlen(boot_id) >= sizeof record->boot_id)
        return "a member is out of bounds";
    if (instant_read(opened, &record->opened) != 0 ||
        (ended != NULL && instant_read(ended, &record->ended) != 0))
        return "an instant cannot be read";
    strcpy(record->id, id);
    strcpy(record->boot_id, boot_id);
    record->uid = (uid_t)uid;
    record->pid = (pid_t)pid;
    record->start_time = start_time;
    record->has_audit_session = audit_session >= 0;
    record->audit_session = record->has_audit_session ? (uint32_t)audit_session : 0;
    return NULL;
}

/* Reads what set_proof wrote. Returns 0, EBADMSG or ENOMEM. */
static int read_proof(const json_t *object, struct session_record *record)
{
    const json_t *ends = json_object_get(object, "certificate_ends");
    int error = json_exact_list(object, "auth", &record->auth);

    record->auth_known = error == 0;
    if (error != 0 && error != ENOENT)
        return error;
    if (record->authority_key == NULL)
        return 0;
    /* Without any of these it would pass for a certificate that no deny names, or has no end. */
    error = json_exact_list(object, "principals", &record->principals);
    if (error == ENOMEM)
        return error;
    if (error != 0 || record->authority == NULL || !json_is_integer(ends) ||
        json_integer_value(ends) < 0)
        return EBADMSG;
    record->certificate_ends = (time_t)json_integer_value(ends);
    return 0;
}

int session_record_from_json(const char *text, size_t length, struct session_record *record,
                             const char **wrong)
{
    json_t *object = json_loadb(text, length, 0, NULL);
    int error = 0;
    size_t i;

    memset(record, 0, sizeof *record);
    *wrong = object != NULL ? read_numbers(object, record) : "it is no JSON";
    for (i = 0; *wrong == NULL && i < TEXTS; i++) {
        char **place = text_of(record, i);

        error = json_exact(object, texts[i].key, place);
        if (error == ENOMEM)
            break;
        if (error != 0 || (texts[i].needed && *place == NULL))
            *wrong = "a text is missing or none";
    }
    if (*wrong == NULL && error == 0) {
        error = read_proof(object, record);
        if (error == EBADMSG)
            *wrong = "what it says of how the login was authenticated cannot be read";
    }
    if (*wrong == NULL && error == 0) {
        error = json_exact_list(object, "tags", &record->started.tags);
        if (error == EBADMSG)
            *wrong = "the tags of its role cannot be read";
        error = error == ENOENT ? 0 : error;
    }
    json_decref(object);
    if (*wrong != NULL)
        error = EBADMSG;
    if (error != 0)
        session_record_free(record);
    return error;
}

/* Whether a text says something. */
static bool is_known(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* How many texts stand in the lists. */
static size_t count_listed(const struct session_record *record)
{
    size_t count = 0, i;

    for (i = 0; i < LISTS; i++)
        count += const_list_of(record, i)->count;
    return count;
}

/* The bytes of all texts, each with its end. */
static size_t count_bytes(const struct session_record *record)
{
    size_t bytes = 0, i, j;

    for (i = 0; i < LISTS; i++)
        for (j = 0; j < const_list_of(record, i)->count; j++)
            bytes += strlen(const_list_of(record, i)->items[j]) + 1;
    for (i = 0; i < TEXTS; i++)
        if (is_known(const_text_of(record, i)))
            bytes += strlen(const_text_of(record, i)) + 1;
    return bytes;
}

/* Copies a text to *at, and passes it. Returns the copy. */
static char *put(char **at, const char *text)
{
    char *copy = *at;

    *at = stpcpy(copy, text) + 1;
    return copy;
}

int session_record_copy(struct session_record *copy, const struct session_record *record)
{
    const size_t listed = count_listed(record);
    char **items = malloc(listed * sizeof *items + count_bytes(record) + 1), *at;
    size_t i, j;

    memset(copy, 0, sizeof *copy);
    if (items == NULL)
        return ENOMEM;
    *copy = *record;
    copy->piece = items;
    at = (char *)(items + listed);
    for (i = 0; i < LISTS; i++) {
        struct texts *list = list_of(copy, i);

        for (j = 0; j < list->count; j++)
            items[j] = put(&at, list->items[j]);
        list->items = items;
        items += list->count;
    }
    for (i = 0; i < TEXTS; i++) {
        char **text = text_of(copy, i);

        *text = is_known(*text) ? put(&at, *text) : NULL;
    }
    return 0;
}

void session_record_free(struct session_record *record)
{
    size_t i;

    for (i = 0; record->piece == NULL && i < TEXTS; i++)
        free(*text_of(record, i));
    for (i = 0; record->piece == NULL && i < LISTS; i++)
        text_list_free(list_of(record, i));
    free(record->piece);
    memset(record, 0, sizeof *record);
}
