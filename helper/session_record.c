/*
 * Session records on disk.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/reference.h"
#include "helper/certified_users.h"
#include "helper/hex.h"
#include "helper/log.h"
#include "helper/session_files.h"
#include "helper/session_logins.h"
#include "helper/session_record_json.h"

int session_record_id(char id[SESSION_ID_SIZE])
{
    unsigned char random[(SESSION_ID_SIZE - 1) / 2];

    if (getrandom(random, sizeof random, 0) != sizeof random)
        return errno != 0 ? errno : EIO;
    hex_encode(id, random, sizeof random);
    return 0;
}

/*
 * Whether a human logs in here, and the audit session is that login's: pam_loginuid may come after
 * us in the stack, and then it is unset or the daemon's own. su, sudo and cron go on in what was
 * there before, or begin one that nobody logged in to.
 */
static bool is_login(const struct request *request, const struct identity *identity)
{
    static const char *const services[] = {"sshd", "login"};
    size_t i;

    for (i = 0; i < sizeof services / sizeof services[0]; i++)
        if (strcmp(request->service, services[i]) == 0)
            return request->has_audit_session && request->loginuid == identity->user.uid;
    return false;
}

/* Adds the certificate that the session is opened with. */
static void describe_certificate(const struct identity *identity, struct session_record *record)
{
    const struct certificate *proof = &identity->proof;

    record->authority = proof->ca->name;
    record->authority_key = (char *)identity->authority_key;
    record->key_id = (char *)proof->key_id;
    record->principals = proof->principals;
    record->certificate_ends = proof->ends;
}

/* The record of a session that `request` opens at `now`. Only to be read: the texts stay where they
 * are. */
static void describe(const struct host *host, const struct request *request,
                     const struct identity *identity, const char *id, time_t now,
                     struct session_record *record)
{
    bool renamed = identity->typed != NULL && strcmp(identity->typed, identity->user.name) != 0;

    *record = (struct session_record){
        .uid = identity->user.uid,
        .user = (char *)identity->user.name,
        .typed = renamed ? (char *)identity->typed : NULL,
        .human = (char *)(identity->human != NULL ? identity->human : identity->user.name),
        .source = (char *)identity_source_name(identity->source),
        .opener = identity->opener.name[0] != '\0' ? (char *)identity->opener.name : NULL,
        .ruser = (char *)request->ruser,
        .service = (char *)request->service,
        .address = (char *)identity_address(identity, request),
        .tty = (char *)request->tty,
        .reference = (char *)request->reference,
        .host = (char *)host->name,
        .opened = now,
        .pid = request->pid,
        .start_time = request->start_time,
        .has_audit_session = is_login(request, identity),
        .audit_session = request->audit_session,
        /* Of who was refused it is not known whether that was the certificate shown. */
        .auth_known = identity->auth != NULL && identity->human != NULL,
    };
    snprintf(record->id, sizeof record->id, "%s", id);
    memcpy(record->boot_id, host->boot_id, sizeof record->boot_id);
    if (record->auth_known)
        record->auth = *identity->auth;
    if (identity->has_certificate)
        describe_certificate(identity, record);
}

/* Writes the record under its id and `end`, and its mark if it is a login's. Returns 0 or an errno.
 */
static int write_record(int folder, const struct session_record *record, const char *end)
{
    char name[SESSION_FILE_NAME_SIZE];
    char *text = session_record_to_json(record);
    int error = text != NULL ? 0 : ENOMEM;

    session_file_name(name, record->id, end);
    /* What is larger would count as damaged when it is read. */
    if (error == 0 && strlen(text) > OWN_FILE_MAX)
        error = EFBIG;
    /* In this order: to what has no mark, nothing leads. */
    if (error == 0)
        error = session_login_mark(folder, record);
    if (error == 0) {
        error = own_folder_write(folder, name, text, false);
        if (error != 0 && error != EEXIST)
            session_login_unmark(folder, record);
    }
    free(text);
    return error;
}

/*
 * Keeps it that people come to this user with certificates, where `identity` is somebody's who
 * does, or whose certificate was refused. Returns 0, or an errno with a sentence in `why`.
 */
static int keep_certified(const struct host *host, const struct request *request,
                          const struct identity *identity, char *why, size_t why_size)
{
    const bool is_refused = identity->auth != NULL && identity->human == NULL;

    if (strcmp(request->service, "sshd") != 0 || (!identity->has_certificate && !is_refused))
        return 0;
    return certified_user_keep(host, identity->user.uid, why, why_size);
}

int session_record_open(const struct host *host, const struct request *request,
                        const struct identity *identity, const struct session_role *started,
                        const char *id, time_t now, struct session_record *record, char *why,
                        size_t why_size)
{
    struct session_record opened;
    char name[SESSION_FILE_NAME_SIZE];
    int error = keep_certified(host, request, identity, why, why_size);
    int folder;

    if (error != 0)
        return error;
    folder = own_folder_open(session_folder(host));
    error = folder < 0 ? errno : 0;
    describe(host, request, identity, id, now, &opened);
    if (started != NULL)
        opened.started = *started;
    if (error == 0 && record != NULL)
        error = session_record_copy(record, &opened);
    if (error == 0) {
        error = write_record(folder, &opened, SESSION_LIVE);
        /* They are for the line of its end alone, and in the one of its beginning as well. */
        if (error == EFBIG && opened.started.tags.count > 0) {
            opened.started.tags.count = 0;
            error = write_record(folder, &opened, SESSION_LIVE);
        }
        if (error != 0 && record != NULL)
            session_record_free(record);
    }
    if (error != 0) {
        session_file_name(name, id, SESSION_LIVE);
        session_file_explain(host, "write", name, error, why, why_size);
    }
    if (folder >= 0)
        close(folder);
    return error;
}

/* One ended session in 256 clears up, as ids are random: for hosts where the service never runs. */
static void tidy_at_times(const struct host *host, const char *id)
{
    if (host->sessions == NULL && strncmp(id, "00", 2) == 0)
        session_record_tidy(host, time(NULL));
}

void session_record_note(const struct host *host, const struct request *request,
                         const struct identity *identity, time_t now)
{
    struct session_record record;
    char id[SESSION_ID_SIZE], why[1024];
    int folder, error;

    if (identity->user.name[0] == '\0' ||
        (identity->human != NULL && !identity->has_certificate && !identity->certificate_unknown))
        return;
    /* Also where there is no number yet that would lead here: pam_loginuid may come after us. */
    if (keep_certified(host, request, identity, why, sizeof why) != 0)
        log_warning("reference %s: %s", request->reference, why);
    if (!is_login(request, identity))
        return;
    error = session_record_id(id);
    folder = error == 0 ? own_folder_open(session_folder(host)) : -1;
    if (error == 0 && folder < 0)
        error = errno;
    if (error == 0) {
        describe(host, request, identity, id, now, &record);
        record.ended = now;
        error = write_record(folder, &record, SESSION_ENDED);
    }
    if (error != 0)
        log_warning("reference %s: who was refused cannot be kept in %s: %s", request->reference,
                    session_folder(host), strerror(error));
    else
        tidy_at_times(host, id);
    if (folder >= 0)
        close(folder);
}

/* Removes a damaged record. Returns EBADMSG, or ENOENT where another was faster. */
static int remove_damaged(const struct host *host, int folder, const char *id, const char *end,
                          const char *wrong)
{
    char name[SESSION_FILE_NAME_SIZE];
    int error;

    session_file_name(name, id, end);
    error = unlinkat(folder, name, 0) != 0 ? errno : 0;
    if (error == ENOENT)
        return error;
    log_warning(
        "the session record %s/%s is damaged (%s): the session counts as ended, and the "
        "file %s%s",
        session_folder(host), name, wrong,
        error == 0 ? "has been removed" : "cannot be removed: ", error == 0 ? "" : strerror(error));
    return EBADMSG;
}

int session_record_read(const struct host *host, const char *id, struct session_record *record,
                        char *why, size_t why_size)
{
    int folder, error;
    const char *end, *wrong;

    memset(record, 0, sizeof *record);
    if (!session_id_is_valid(id))
        return ENOENT;
    folder = own_folder_open(session_folder(host));
    if (folder < 0)
        return session_file_explain(host, "read", id, errno, why, why_size);
    error = session_file_read_any(folder, id, &end, record, &wrong);
    if (error == EBADMSG)
        error = remove_damaged(host, folder, id, end, wrong);
    else if (error != 0 && error != ENOENT)
        session_file_explain(host, "read", id, error, why, why_size);
    close(folder);
    return error;
}

/* Whether an ended session may still be asked about. A policy that is broken may say so again. What
 * a login left running is traced to it by its audit session, and who is revoked later gets no role
 * by sudo there. */
static bool is_needed(const struct host *host, const struct session_record *record)
{
    return record->revoked_by != NULL || host->policy == NULL || host->policy->longest_detach > 0 ||
           record->has_audit_session || record->authority_key != NULL ||
           strcmp(record->human, record->user) != 0;
}

/* Keeps the record as that of an ended session; without room for it the session ends all the same.
 */
static void keep(const struct host *host, int folder, const struct session_record *record)
{
    int error = write_record(folder, record, SESSION_ENDED);

    if (error != 0 && error != EEXIST)
        log_warning("cannot keep the session record %s/%s" SESSION_ENDED
                    ": %s; session %s has ended for good",
                    session_folder(host), record->id, strerror(error), record->id);
}

/* Ends the session; `by` is who has revoked it, or NULL. */
static int end_record(const struct host *host, const char *id, const char *by,
                      struct session_record *record, char *why, size_t why_size)
{
    char name[SESSION_FILE_NAME_SIZE];
    const char *wrong = NULL;
    bool kept = false;
    int folder, error;

    memset(record, 0, sizeof *record);
    if (!session_id_is_valid(id))
        return session_file_explain(host, "remove", "(no session id)", ENOENT, why, why_size);
    session_file_name(name, id, SESSION_LIVE);
    folder = own_folder_open(session_folder(host));
    error = folder < 0 ? errno : session_file_read(folder, id, SESSION_LIVE, record, &wrong);
    if (error == EBADMSG && wrong != NULL) {
        error = remove_damaged(host, folder, id, SESSION_LIVE, wrong);
        error = error == EBADMSG ? 0 : error;
    } else if (error == 0) {
        record->ended = time(NULL);
        /* Without memory it ends all the same, and nobody is told by whom. */
        if (by != NULL)
            record->revoked_by = strdup(by);
        kept = is_needed(host, record);
        if (kept)
            keep(host, folder, record);
        if (unlinkat(folder, name, 0) != 0)
            error = errno;
        else if (!kept)
            session_login_unmark(folder, record);
    }
    if (error != 0) {
        session_record_free(record);
        session_file_explain(host, "remove", name, error, why, why_size);
    }
    if (folder >= 0)
        close(folder);
    if (error == 0 && kept)
        tidy_at_times(host, id);
    return error;
}

int session_record_close(const struct host *host, const char *id, struct session_record *record,
                         char *why, size_t why_size)
{
    return end_record(host, id, NULL, record, why, why_size);
}

int session_record_revoke(const struct host *host, const char *id, const char *by,
                          struct session_record *record, char *why, size_t why_size)
{
    return end_record(host, id, by, record, why, why_size);
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
    char id[SESSION_ID_SIZE];
    size_t room = 0;
    int error;

    if (names == NULL)
        return errno;
    while ((errno = 0, entry = readdir(names)) != NULL) {
        if (!session_file_is(entry->d_name, SESSION_LIVE, id))
            continue;
        if (ids->count == room) {
            size_t larger = room > 0 ? 2 * room : 64;
            char(*items)[SESSION_ID_SIZE] = realloc(ids->items, larger * sizeof *items);

            if (items == NULL)
                break;
            ids->items = items;
            room = larger;
        }
        memcpy(ids->items[ids->count++], id, sizeof id);
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
    int folder = own_folder_open(session_folder(host));
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
        session_file_explain(host, "list", "*" SESSION_LIVE, error, why, why_size);
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
