/*
 * Writing that sessions have ended.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_end.h"

#include "helper/audit.h"

int session_end_audit(const struct host *host, const struct session_record *record,
                      const char *reason, const char *reference, char *why, size_t why_size)
{
    const struct audit_event event = {
        .event = AUDIT_ENDED,
        .reason = reason,
        .session = record->id,
        .service = record->service,
        .address = record->address,
        .user = record->user,
        .human = record->human,
        .reference = reference,
        .started = &record->started,
        .revoked_by = record->revoked_by,
    };

    return audit_write(host, &event, why, why_size);
}
