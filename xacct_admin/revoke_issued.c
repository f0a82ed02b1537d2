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

static const char *text_of(const json_t *line, const char *key)
{
    return json_string_value(json_object_get(line, key));
}

static const char *keep(struct revoke_run *run, const char *text)
{
    return text != NULL ? arena_text(&run->memory, text, strlen(text)) : NULL;
}

/* Whether the line is about the human; a name that is no UTF-8 stands there escaped. */
static bool is_theirs(const struct revoke_run *run, const json_t *line)
{
    const char *human = text_of(line, "human");
    char shown[ESCAPE_MAX];

    return human != NULL && (strcmp(human, run->human) == 0 ||
                             strcmp(human, escape(shown, sizeof shown, run->human)) == 0);
}

/* The session's name, as CloudTrail has it. */
static const char *name_of(const json_t *line)
{
    const char *arn = text_of(line, "assumed_role");
    const char *slash = arn != NULL ? strrchr(arn, '/') : NULL;

    return slash != NULL ? slash + 1 : text_of(line, "session_name");
}

/* Takes up credentials that have not expired. */
static bool take(void *argument, const struct audit_log_line *line)
{
    struct revoke_run *run = argument;
    const char *expiry = text_of(line->object, "expiry"), *arn = text_of(line->object, "role_arn");
    const char *identity = text_of(line->object, "source_identity");
    struct revoked_role *role;
    time_t ends;

    if (arn == NULL || expiry == NULL || !is_theirs(run, line->object) ||
        text_of(line->object, "access_key_id") == NULL || instant_read(expiry, &ends) != 0 ||
        ends <= run->at - CLOCKS_APART)
        return true;
    role = revoke_role(run, arn);
    if (role != NULL) {
        role->account = keep(run, text_of(line->object, "account"));
        role->account_id = keep(run, text_of(line->object, "account_id"));
        if (role->expiry == NULL || strcmp(role->expiry, expiry) < 0)
            role->expiry = keep(run, expiry);
    }
    if (identity != NULL)
        revoke_add(run, &run->identities, identity);
    else if (name_of(line->object) != NULL)
        revoke_add(run, &run->names, name_of(line->object));
    return true;
}

static void tell(void *argument, const struct audit_log_note *note)
{
    struct revoke_run *run = argument;
    char shown[ESCAPE_MAX];

    run->incomplete = true;
    if (note->line > 0)
        revoke_note(run, "%s:%lu: %s", escape(shown, sizeof shown, note->file), note->line,
                    note->text);
    else
        revoke_note(run, "%s: %s", escape(shown, sizeof shown, note->file), note->text);
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
