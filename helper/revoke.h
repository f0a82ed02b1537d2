/*
 * What xacct revoke asks for: that a human has no live session here any more, from now on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_REVOKE_H
#define XACCT_HELPER_REVOKE_H

#include <stddef.h>
#include <time.h>

#include "helper/progress.h"

/* What was ended, or with `dry_run` would be. */
struct revoked {
    struct session_record *records; /* of the sessions */
    size_t count;
    size_t room;
    time_t at; /* what AWS has issued was issued before it, by AWS's clock */
    char *by;  /* who asked: the human whose login it comes from, or a Unix user's name */
};

/*
 * Ends all live sessions of the human that the request names, byte for byte as the audit file has
 * it, each with its line there, and then writes one for the whole; marks what has ended before, so
 * that `detach` serves it no more; and wipes what the service has in memory of credentials in the
 * human's name. A login that is under way at that moment gets nothing, nor does any other request.
 * What fails is told in the outcome, which is UNAVAILABLE then, and stops nothing else.
 */
void revoke_human(struct progress *progress);

void revoked_free(struct revoked *revoked);

#endif
