/*
 * Session records on disk.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/reference.h"
#include "helper/hex.h"
#include "helper/log.h"
#include "helper/session_record_json.h"
#include "policy/load.h"

#define LIVE             ".json"
#define ENDED            ".ended"
#define RECORD_NAME_SIZE (SESSION_ID_SIZE + sizeof ENDED)

int session_record_id(char id[SESSION_ID_SIZE])
{
    unsigned char random[(SESSION_ID_SIZE - 1) / 2];

    if (getrandom(random, sizeof random, 0) != sizeof random)
        return errno != 0 ? errno : EIO;
    hex_encode(id, random, sizeof random);
    return 0;
}

static const char *folder_name(const struct host *host)
{
    return host->policy != NULL ? host->policy->sessions : POLICY_DEFAULT_SESSIONS;
}

/* Says that `call` failed with `error` for a file of the folder; returns `error`. */
static int explain(const struct host *host, const char *call, const char *name, int error,
                   char *why, size_t why_size)
{
    snprintf(why, why_size,
             "cannot %s the session record %s/%s: %s (the folder must belong to the helper's user, "
             "mode 0700; tmpfiles makes it)",
             call, folder_name(host), name, strerror(error));
    return error;
}

static void name_record(char name[RECORD_NAME_SIZE], const char *id, const char *end)
{
    snprintf(name, RECORD_NAME_SIZE, "%s%s", id, end);
}

/* Whether `name` is an id and `end`. */
static bool is_record(const char *name, const char *end)
{
    char id[SESSION_ID_SIZE];

    if (strlen(name) != SESSION_ID_SIZE - 1 + strlen(end) ||
        strcmp(name + SESSION_ID_SIZE - 1, end) != 0)
        return false;
    memcpy(id, name, SESSION_ID_SIZE - 1);
    id[SESSION_ID_SIZE - 1] = '\0';
    return session_id_is_valid(id);
}

/* The record of a session that `request` opens, but for its id. Only to be read: the texts stay
 * where they are. */
static void describe(const struct host *host, const struct request *request,
                     const struct identity *identity, struct session_record *record)
{
    const struct certificate *proof = &identity->proof;
    bool renamed = identity->typed != NULL && strcmp(identity->typed, identity->user.name) != 0;

    *record = (struct session_record){
        .uid = identity->user.uid,
        .user = (char *)identity->user.name,
        .typed = renamed ? (char *)identity->typed : NULL,
        .human = (char *)identity->human,
        .source = (char *)identity_source_name(identity->source),
        .service = (char *)request->service,
        .address = (char *)request->address,
        .tty = (char *)request->tty,
        .reference = (char *)request->reference,
        .host = (char *)host->name,
        .pid = request->pid,
        .start_time = request->start_time,
        .auth_known = identity->auth != NULL,
    };
    memcpy(record->boot_id, host->boot_id, sizeof record->boot_id);
    if (identity->auth != NULL)
        record->auth = *identity->auth;
    if (!identity->has_certificate)
        return;
    record->authority = proof->ca->name;
    record->authority_key = (char *)identity->authority_key;
    record->key_id = (char *)proof->key_id;
    record->principals = proof->principals;
    record->certificate_ends = proof->ends;
}

int session_record_open(const struct host *host, const struct request *request,
                        const struct identity *identity, const char *id, time_t now, char *why,
                        size_t why_size)
{
    struct session_record record;
    char name[RECORD_NAME_SIZE];
    int folder = own_folder_open(folder_name(host));
    int error = folder < 0 ? errno : 0;
    char *text;

    describe(host, request, identity, &record);
    snprintf(record.id, sizeof record.id, "%s", id);
    record.opened = now;
    name_record(name, id, LIVE);
    text = session_record_to_json(&record);
    if (error == 0 && text == NULL)
        error = ENOMEM;
    /* What is larger would count as damaged when it is read. */
    if (error == 0 && strlen(text) > OWN_FILE_MAX)
        error = EFBIG;
    if (error == 0)
        error = own_folder_write(folder, name, text, false);
    if (error != 0)
        explain(host, "write", name, error, why, why_size);
    if (folder >= 0)
        close(folder);
    free(text);
    return error;
}

/*
 * Reads the record called ID`end`. Returns as session_record_read, but that a damaged one stays
 * where it is, with what is wrong in *wrong.
 */
static int read_record(int folder, const char *id, const char *end, struct session_record *record,
                       const char **wrong)
{
    char name[RECORD_NAME_SIZE], text[OWN_FILE_MAX];
    size_t length = 0;
    int error;

    name_record(name, id, end);
    *wrong = "it is empty, too large or no regular file";
    error = own_folder_read(folder, name, text, &length);
    if (error == 0)
        error = session_record_from_json(text, length, record, wrong);
    /* A file that was given another's name says nothing about either. */
    if (error == 0 &&
        (strcmp(record->id, id) != 0 || (record->ended == 0) != (strcmp(end, LIVE) == 0))) {
        session_record_free(record);
        *wrong = "its name is not what its content says";
        error = EBADMSG;
    }
    return error;
}

/* Removes a damaged record. Returns EBADMSG, or ENOENT where another was faster. */
static int remove_damaged(const struct host *host, int folder, const char *id, const char *end,
                          const char *wrong)
{
    char name[RECORD_NAME_SIZE];
    int error;

    name_record(name, id, end);
    error = unlinkat(folder, name, 0) != 0 ? errno : 0;
    if (error == ENOENT)
        return error;
    log_warning(
        "the session record %s/%s is damaged (%s): the session counts as ended, and the "
        "file %s%s",
        folder_name(host), name, wrong,
        error == 0 ? "has been removed" : "cannot be removed: ", error == 0 ? "" : strerror(error));
    return EBADMSG;
}

int session_record_read(const struct host *host, const char *id, struct session_record *record,
                        char *why, size_t why_size)
{
    int folder, error;
    const char *end = LIVE, *wrong;

    memset(record, 0, sizeof *record);
    if (!session_id_is_valid(id))
        return ENOENT;
    folder = own_folder_open(folder_name(host));
    if (folder < 0)
        return explain(host, "read", id, errno, why, why_size);
    error = read_record(folder, id, LIVE, record, &wrong);
    /* In this order, as a session that ends meanwhile gets the one name before it loses the other.
     */
    if (error == ENOENT) {
        end = ENDED;
        error = read_record(folder, id, ENDED, record, &wrong);
    }
    if (error == EBADMSG)
        error = remove_damaged(host, folder, id, end, wrong);
    else if (error != 0 && error != ENOENT)
        explain(host, "read", id, error, why, why_size);
    close(folder);
    return error;
}

/* Whether an ended session may still be asked about. A policy that is broken may say so again. */
static bool is_needed(const struct host *host, const struct session_record *record)
{
    return host->policy == NULL || host->policy->longest_detach > 0 ||
           strcmp(record->human, record->user) != 0;
}

/* Keeps the record as that of an ended session; without room for it the session ends all the same.
 */
static void keep(const struct host *host, int folder, const struct session_record *record)
{
    char name[RECORD_NAME_SIZE];
    char *text = session_record_to_json(record);
    int error;

    name_record(name, record->id, ENDED);
    error = text != NULL ? own_folder_write(folder, name, text, false) : ENOMEM;
    if (error != 0 && error != EEXIST)
        log_warning("cannot keep the session record %s/%s: %s; session %s has ended for good",
                    folder_name(host), name, strerror(error), record->id);
    free(text);
}

int session_record_close(const struct host *host, const char *id, struct session_record *record,
                         char *why, size_t why_size)
{
    char name[RECORD_NAME_SIZE];
    const char *wrong = NULL;
    bool kept = false;
    int folder, error;

    memset(record, 0, sizeof *record);
    if (!session_id_is_valid(id))
        return explain(host, "remove", "(no session id)", ENOENT, why, why_size);
    name_record(name, id, LIVE);
    folder = own_folder_open(folder_name(host));
    error = folder < 0 ? errno : read_record(folder, id, LIVE, record, &wrong);
    if (error == EBADMSG && wrong != NULL) {
        error = remove_damaged(host, folder, id, LIVE, wrong);
        error = error == EBADMSG ? 0 : error;
    } else if (error == 0) {
        record->ended = time(NULL);
        kept = is_needed(host, record);
        if (kept)
            keep(host, folder, record);
        if (unlinkat(folder, name, 0) != 0)
            error = errno;
    }
    if (error != 0) {
        session_record_free(record);
        explain(host, "remove", name, error, why, why_size);
    }
    if (folder >= 0)
        close(folder);
    /* Ids are random: one session in 256 clears up, for hosts where the service never runs. */
    if (error == 0 && kept && strncmp(id, "00", 2) == 0)
        session_record_tidy(host, time(NULL));
    return error;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, SESSION_ID_SIZE);
}

/* Reads the names of the live sessions. Returns 0 or an errno. */
static int read_ids(int folder, struct session_ids *ids)
{
    DIR *names = own_folder_names(folder);
    const struct dirent *entry;
    size_t room = 0;
    int error;

    if (names == NULL)
        return errno;
    while ((errno = 0, entry = readdir(names)) != NULL) {
        if (!is_record(entry->d_name, LIVE))
            continue;
        if (ids->count == room) {
            size_t larger = room > 0 ? 2 * room : 64;
            char(*items)[SESSION_ID_SIZE] = realloc(ids->items, larger * sizeof *items);

            if (items == NULL)
                break;
            ids->items = items;
            room = larger;
        }
        memcpy(ids->items[ids->count], entry->d_name, SESSION_ID_SIZE - 1);
        ids->items[ids->count++][SESSION_ID_SIZE - 1] = '\0';
    }
    error = errno;
    closedir(names);
    if (error == 0 && ids->count > 1)
        qsort(ids->items, ids->count, sizeof *ids->items, compare_ids);
    return error;
}

int session_ids_update(const struct host *host, struct session_ids *ids, bool *changed, char *why,
                       size_t why_size)
{
    struct session_ids fresh = {.look = ids->look};
    int folder = own_folder_open(folder_name(host));
    int error = folder < 0 ? errno : 0;

    *changed = error == 0 && own_folder_changed(folder, &fresh.look);
    if (*changed) {
        error = read_ids(folder, &fresh);
        *changed = error == 0;
        if (error != 0) {
            session_ids_free(&fresh);
        } else {
            session_ids_free(ids);
            *ids = fresh;
        }
    }
    if (error != 0)
        explain(host, "list", "*" LIVE, error, why, why_size);
    if (folder >= 0)
        close(folder);
    return error;
}

bool session_ids_has(const struct session_ids *ids, const char id[SESSION_ID_SIZE])
{
    return ids->count > 0 &&
           bsearch(id, ids->items, ids->count, sizeof *ids->items, compare_ids) != NULL;
}

void session_ids_free(struct session_ids *ids)
{
    free(ids->items);
    memset(ids, 0, sizeof *ids);
}

/* An ended session's file, and when it was written. */
struct ended_file {
    time_t at;
    char id[SESSION_ID_SIZE];
};

static int newest_first(const void *a, const void *b)
{
    time_t first = ((const struct ended_file *)a)->at, second = ((const struct ended_file *)b)->at;

    return (first < second) - (first > second);
}

/* Removes what is too old, and gathers the others. Returns how many there are. */
static size_t sift_ended(int folder, DIR *names, time_t oldest, struct ended_file **files)
{
    const struct dirent *entry;
    size_t count = 0, room = 0;
    struct stat file;

    while ((entry = readdir(names)) != NULL) {
        if (!is_record(entry->d_name, ENDED) ||
            fstatat(folder, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (file.st_mtime < oldest) {
            unlinkat(folder, entry->d_name, 0);
            continue;
        }
        if (count == room) {
            size_t larger = room > 0 ? 2 * room : 64;
            struct ended_file *more = realloc(*files, larger * sizeof *more);

            if (more == NULL)
                break;
            *files = more;
            room = larger;
        }
        (*files)[count].at = file.st_mtime;
        memcpy((*files)[count].id, entry->d_name, SESSION_ID_SIZE - 1);
        (*files)[count++].id[SESSION_ID_SIZE - 1] = '\0';
    }
    return count;
}

void session_record_tidy(const struct host *host, time_t now)
{
    const int detach = host->policy != NULL ? host->policy->longest_detach : 0;
    const int longest = detach > SESSION_RECORDS_ENDED_FOR ? detach : SESSION_RECORDS_ENDED_FOR;
    int folder = own_folder_open(folder_name(host));
    DIR *names = folder >= 0 ? own_folder_names(folder) : NULL;
    struct ended_file *files = NULL;
    char name[RECORD_NAME_SIZE];
    size_t count = 0, i;

    if (names != NULL)
        count = sift_ended(folder, names, now - longest, &files);
    if (count > SESSION_RECORDS_ENDED_MOST)
        qsort(files, count, sizeof *files, newest_first);
    for (i = SESSION_RECORDS_ENDED_MOST; i < count; i++) {
        name_record(name, files[i].id, ENDED);
        unlinkat(folder, name, 0);
    }
    if (folder >= 0)
        own_folder_tidy(folder);
    if (names != NULL)
        closedir(names);
    if (folder >= 0)
        close(folder);
    free(files);
}
