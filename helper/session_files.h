/*
 * The files of session records, by name: ID.json and ID.ended. For the parts of session_record.h
 * alone.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_FILES_H
#define XACCT_HELPER_SESSION_FILES_H

#include <stdbool.h>

#include "helper/session_record.h"

#define SESSION_LIVE           ".json"
#define SESSION_ENDED          ".ended"
#define SESSION_FILE_NAME_SIZE (SESSION_ID_SIZE + sizeof SESSION_ENDED)

/* The folder's name: the policy's, or without one the default. */
const char *session_folder(const struct host *host);

/* The name of the file of `id` with this end, SESSION_LIVE or SESSION_ENDED. */
void session_file_name(char name[SESSION_FILE_NAME_SIZE], const char *id, const char *end);

/* Whether `name` is an id with this end, which is then written to `id`. */
bool session_file_is(const char *name, const char *end, char id[SESSION_ID_SIZE]);

/*
 * Reads the record of `id` with this end. Returns 0 with *record, which the caller frees; ENOENT
 * when there is none; EBADMSG when it is damaged, with what is wrong in *wrong, a constant; or an
 * errno.
 */
int session_file_read(int folder, const char *id, const char *end, struct session_record *record,
                      const char **wrong);

/* The same for whichever there is of a live session and an ended one; *end says which it was. */
int session_file_read_any(int folder, const char *id, const char **end,
                          struct session_record *record, const char **wrong);

/* Says in `why` that `call` failed with `error` for the file `name`; returns `error`. */
int session_file_explain(const struct host *host, const char *call, const char *name, int error,
                         char *why, size_t why_size);

#endif
