/*
 * What the audit file says was issued.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <string.h>

#include "common/escape.h"
#include "helper/instant.h"
#include "policy/load.h"
#include "xacct_admin/audit_log.h"
#include "xacct_admin/revoke.h"

/* STS API reference, AssumeRole, DurationSeconds: 43200 at the most. */
#define LONGEST_LIFE 43200
/* By which AWS's clock and this host's may differ without a login failing. */
#define CLOCKS_APART 900

static const char *keep(struct revoke_run *run, const char *text)
{
    return text != NULL ? arena_text(&run->memory, text, strlen(text)) : NULL;
}

/* Whether the line is about the human; a name that is no UTF-8 stands there escaped. */
static bool is_theirs(const struct revoke_run *run, const struct audit_log_line *line)
{
    const char *human = audit_log_text(line, "human");
    char shown[ESCAPE_MAX];

    return human != NULL && (strcmp(human, run->human) == 0 ||
                             strcmp(human, escape(shown, sizeof shown, run->human)) == 0);
}

/* The session's name, as CloudTrail has it. */
static const char *name_of(const struct audit_log_line *line)
{
    const char *arn = audit_log_text(line, "assumed_role");
    const char *slash = arn != NULL ? strrchr(arn, '/') : NULL;

    return slash != NULL ? slash + 1 : audit_log_text(line, "session_name");
}

/* Takes up credentials that have not expired. */
static bool take(void *argument, const struct audit_log_line *line)
{
    struct revoke_run *run = argument;
    const char *expiry = audit_log_text(line, "expiry"), *arn = audit_log_text(line, "role_arn");
    const char *identity = audit_log_text(line, "source_identity");
    struct revoked_role *role;
    time_t ends;

    if (arn == NULL || expiry == NULL || !is_theirs(run, line) ||
        audit_log_text(line, "access_key_id") == NULL || instant_read(expiry, &ends) != 0 ||
        ends <= run->at - CLOCKS_APART)
        return true;
    role = revoke_role(run, arn);
    if (role != NULL) {
        role->account = keep(run, audit_log_text(line, "account"));
        role->account_id = keep(run, audit_log_text(line, "account_id"));
        if (role->expiry == NULL || strcmp(role->expiry, expiry) < 0)
            role->expiry = keep(run, expiry);
    }
    if (identity != NULL)
        revoke_add(run, &run->identities, identity);
    else if (name_of(line) != NULL)
        revoke_add(run, &run->names, name_of(line));
    return true;
}

static void tell(void *argument, const struct audit_log_note *note)
{
    struct revoke_run *run = argument;
    char place[AUDIT_LOG_PLACE_SIZE];

    run->incomplete = true;
    revoke_note(run, "%s: %s", audit_log_place(note, place), note->text);
}

void revoke_read_audit(struct revoke_run *run)
{
    const struct policy *policy = run->reading.policy;
    const struct audit_log log = {
        .path = policy != NULL ? policy->audit : POLICY_DEFAULT_AUDIT,
        .since = run->at - LONGEST_LIFE - CLOCKS_APART,
        .take = take,
        .tell = tell,
        .argument = run,
    };
    struct audit_log_counts counts;
    char why[AUDIT_LOG_WHY_SIZE];
    int error = audit_log_read(&log, &counts, why);

    if (error == 0)
        return;
    run->incomplete = true;
    revoke_note(run, "what was issued here is not known: %s", why);
}
