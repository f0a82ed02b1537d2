/*
 * The line at login.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/message.h"

#include <stdio.h>
#include <time.h>

#include "common/escape.h"

#define NAMES_SHOWN 8 /* roles by name; the rest is counted, as a line has an end */

/* Writes the names of the permitted roles but `except` to `names`. Returns how many there are. */
static size_t list_roles(const struct decision *decision, const struct role *except, char *names,
                         size_t size)
{
    size_t i, count = 0, used = 0;

    names[0] = '\0';
    for (i = 0; i < decision->role_count; i++) {
        char shown[ESCAPE_MAX];

        if (decision->roles[i].role == except)
            continue;
        if (count++ < NAMES_SHOWN && used < size)
            used += (size_t)snprintf(names + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     escape(shown, sizeof shown, decision->roles[i].role->name));
    }
    if (count > NAMES_SHOWN && used < size)
        snprintf(names + used, size - used, " and %zu more", count - NAMES_SHOWN);
    return count;
}

/* Nothing here can look into the user's files: this names what xacct status looks for. */
static const char in_the_way[] =
    "; xacct status says whether anything of yours goes before it (AWS_PROFILE, keys in the "
    "environment, [default] in ~/.aws/config, a profile in ~/.kube/config or in a codecommit "
    "remote); ~/.aws/credentials is read where xacct init is loaded";

/* Writes which role it is, where, and how long its credentials live. */
static int describe_role(const struct outcome *outcome, char *text, size_t size)
{
    const struct role *role = outcome->role;
    char name[256], account[256], until[48] = "";
    struct tm utc;

    escape(name, sizeof name, role->name);
    escape(account, sizeof account, role->account->name);
    if (role->settings.deliver == DELIVER_PROCESS)
        snprintf(until, sizeof until, ", renewed by itself");
    else if (gmtime_r(&outcome->credentials.expiration, &utc) != NULL)
        strftime(until, sizeof until, " until %Y-%m-%d %H:%M UTC", &utc);
    return snprintf(text, size, "xacct: role %s in account %s (%s)%s", name, account,
                    role->account->id, until);
}

void message_opened(const struct decision *decision, struct outcome *outcome)
{
    const struct role *role = outcome->role;
    char names[512];
    size_t others = list_roles(decision, role, names, sizeof names);
    int used;

    if (role == NULL) {
        snprintf(outcome->message, sizeof outcome->message,
                 "xacct: no role was chosen for this session; permitted: %s", names);
        return;
    }
    used = describe_role(outcome, outcome->message, sizeof outcome->message);
    snprintf(outcome->message + used, sizeof outcome->message - (size_t)used, "%s%s%s",
             others > 0 ? "; also permitted: " : "", names,
             role->settings.deliver == DELIVER_PROCESS ? in_the_way : "");
}

void message_switched(struct outcome *outcome)
{
    describe_role(outcome, outcome->message, sizeof outcome->message);
}

/* What may be said of a request that came to nothing; of DENIED, by what stands against it. Only
 * time does: where the login came from and how shows in NO_GRANT. */
static const char *const refusals[STATUS_COUNT] = {
    [STATUS_UNMANAGED] = "this account is a system user and gets no roles: log in as yourself",
    [STATUS_EXPIRED] = "your access has ended: ask the admin of this host",
    [STATUS_NO_GRANT] = "no role is granted to you (any more): ask the admin of this host",
    [STATUS_UNAVAILABLE] = "AWS, or what decides on roles here, does not answer at the moment: try "
                           "again, or ask the admin of this host",
    [STATUS_MISCONFIGURED] = "the set-up of this host or of the role in its account is wrong: tell "
                             "the admin of this host",
    [STATUS_UNSUPPORTED] = "this host's service does not know this request: xacct and xacct-helper "
                           "must be of one release",
};

static const char *const unmets[] = {
    [UNMET_NONE] = "access is denied to you: ask the admin of this host",
    [UNMET_NOT_YET] = "your access has not begun yet: ask the admin of this host",
    [UNMET_HOURS] = "your access does not hold at this hour: try again when it does, or ask the "
                    "admin of this host",
    [UNMET_DETACHED] =
        "the session of this shell has ended, and nothing is served after it: log in "
        "again",
};

static const char certificate_ended[] =
    "the certificate that you logged in with is valid no more: log in again with a new one";

void message_refused(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    const char *text = refusals[outcome->status];

    if (outcome->status == STATUS_DENIED)
        text = progress->decision.certificate_ended ? certificate_ended
                                                    : unmets[progress->decision.unmet];
    if (text == NULL)
        text = unmets[UNMET_NONE];
    if (outcome->status != STATUS_PERMITTED && outcome->message[0] == '\0')
        snprintf(outcome->message, sizeof outcome->message, "%s", text);
}
