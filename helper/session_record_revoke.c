/*
 * Revoking what has ended already.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/session_files.h"
#include "helper/session_record_json.h"
#include "helper/task.h"

/* Writes the record anew with who has revoked it. Returns 0 or an errno. */
static int mark(int folder, const char *name, struct session_record *record, const char *by)
{
    char *text;
    int error;

    record->revoked_by = strdup(by);
    text = record->revoked_by != NULL ? session_record_to_json(record) : NULL;
    error = text != NULL ? own_folder_write(folder, name, text, true) : ENOMEM;
    free(text);
    return error;
}

/* Marks the record of the ended session `id` where it is the human's. Returns 0 or an errno. */
static int mark_if_of(int folder, const char *id, const char *human, const char *by)
{
    char name[SESSION_FILE_NAME_SIZE];
    struct session_record record;
    const char *wrong;
    int error = session_file_read(folder, id, SESSION_ENDED, &record, &wrong);

    /* What is damaged serves nobody. */
    if (error != 0)
        return error == ENOENT || error == EBADMSG ? 0 : error;
    session_file_name(name, id, SESSION_ENDED);
    if (strcmp(record.human, human) == 0 && record.revoked_by == NULL)
        error = mark(folder, name, &record, by);
    session_record_free(&record);
    return error;
}

int session_record_revoke_ended(const struct host *host, const char *human, const char *by,
                                char *why, size_t why_size)
{
    int folder = own_folder_open(session_folder(host)), error = folder < 0 ? errno : 0, one;
    DIR *names = error == 0 ? own_folder_names(folder) : NULL;
    const struct dirent *entry;
    char id[SESSION_ID_SIZE];
    size_t read = 0;

    if (error == 0 && names == NULL)
        error = errno;
    while (names != NULL && (entry = readdir(names)) != NULL) {
        if (!session_file_is(entry->d_name, SESSION_ENDED, id))
            continue;
        if (++read % SESSION_RECORDS_AT_ONCE == 0)
            task_pause(0);
        one = mark_if_of(folder, id, human, by);
        if (one != 0)
            error = one;
    }
    if (error != 0)
        session_file_explain(host, "mark", "*" SESSION_ENDED, error, why, why_size);
    if (names != NULL)
        closedir(names);
    if (folder >= 0)
        close(folder);
    return error;
}
