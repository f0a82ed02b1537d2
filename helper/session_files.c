/*
 * Files of session records.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/reference.h"
#include "helper/session_record_json.h"
#include "policy/load.h"

const char *session_folder(const struct host *host)
{
    return host->policy != NULL ? host->policy->sessions : POLICY_DEFAULT_SESSIONS;
}

int session_file_explain(const struct host *host, const char *call, const char *name, int error,
                         char *why, size_t why_size)
{
    snprintf(why, why_size,
             "cannot %s the session record %s/%s: %s (the folder must belong to the helper's user, "
             "mode 0700; tmpfiles makes it)",
             call, session_folder(host), name, strerror(error));
    return error;
}

void session_file_name(char name[SESSION_FILE_NAME_SIZE], const char *id, const char *end)
{
    snprintf(name, SESSION_FILE_NAME_SIZE, "%s%s", id, end);
}

bool session_file_is(const char *name, const char *end, char id[SESSION_ID_SIZE])
{
    if (strlen(name) != SESSION_ID_SIZE - 1 + strlen(end) ||
        strcmp(name + SESSION_ID_SIZE - 1, end) != 0)
        return false;
    memcpy(id, name, SESSION_ID_SIZE - 1);
    id[SESSION_ID_SIZE - 1] = '\0';
    return session_id_is_valid(id);
}

int session_file_read(int folder, const char *id, const char *end, struct session_record *record,
                      const char **wrong)
{
    char name[SESSION_FILE_NAME_SIZE], *text = NULL;
    size_t length = 0;
    int error;

    session_file_name(name, id, end);
    *wrong = "it is empty, too large or no regular file";
    error = own_folder_read(folder, name, OWN_FILE_MAX, &text, &length);
    if (error == 0)
        error = session_record_from_json(text, length, record, wrong);
    /* A file that was given another's name says nothing about either. */
    if (error == 0 &&
        (strcmp(record->id, id) != 0 || (record->ended == 0) != (strcmp(end, SESSION_LIVE) == 0))) {
        session_record_free(record);
        *wrong = "its name is not what its content says";
        error = EBADMSG;
    }
    free(text);
    return error;
}

int session_file_read_any(int folder, const char *id, const char **end,
                          struct session_record *record, const char **wrong)
{
    int error;

    *end = SESSION_LIVE;
    error = session_file_read(folder, id, *end, record, wrong);
    /* In this order: a session that ends meanwhile gets the one name before it loses the other. */
    if (error != ENOENT)
        return error;
    *end = SESSION_ENDED;
    return session_file_read(folder, id, *end, record, wrong);
}
