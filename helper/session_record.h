/*
 * The records of live sessions, one file each in a folder that only the helper's user can enter:
 * who opened what, from where, in which process. No secret is in them. Both ways of reaching the
 * helper write and read the same records.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_RECORD_H
#define XACCT_HELPER_SESSION_RECORD_H

#include <time.h>

#include "common/wire.h"
#include "helper/host.h"
#include "helper/identity.h"
#include "helper/request.h"

/* Writes a fresh session id, 128 random bits, to `id`. Returns 0 or an errno. */
int session_record_id(char id[SESSION_ID_SIZE]);

/*
 * Records the session `id` that `request` opens for `identity` at `now` (seconds since 1970): whole
 * or not at all. Returns 0, or an errno with a sentence in `why` that names the file.
 */
int session_record_open(const struct host *host, const struct request *request,
                        const struct identity *identity, const char *id, time_t now, char *why,
                        size_t why_size);

/* What is told of a session when it ends. The texts are owned. */
struct session_record {
    char *user;
    char *human;
    char *service;
    char *address;
};

/*
 * Ends the session `id`: removes its record and, when that was there, fills *record, which the
 * caller frees. Returns 0; ENOENT when there is no such session; or an errno with a sentence in
 * `why`.
 */
int session_record_close(const struct host *host, const char *id, struct session_record *record,
                         char *why, size_t why_size);

void session_record_free(struct session_record *record);

#endif
