/*
 * The line at login.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/message.h"

#include <stdio.h>
#include <time.h>

#include "common/escape.h"

#define WARNED_FOR  900 /* seconds before an end in which it is said */
#define NAMES_SHOWN 8   /* roles by name; the rest is counted, as a line has an end */

/* Writes the names of the permitted roles that last, but for `except`, to `names`. Returns how many
 * there are. */
static size_t list_roles(const struct decision *decision, const struct role *except, char *names,
                         size_t size)
{
    const time_t now = time(NULL);
    size_t i, count = 0, used = 0;

    names[0] = '\0';
    for (i = 0; i < decision->role_count; i++) {
        char shown[ESCAPE_MAX];

        if (decision->roles[i].role == except || permitted_role_is_ending(&decision->roles[i], now))
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

#define INSTANT_ROOM sizeof "2026-11-25 18:04 UTC"

/* Writes an instant for a person, or nothing where it is none that a calendar has. */
static char *show_instant(char text[INSTANT_ROOM], time_t instant)
{
    struct tm utc;

    if (gmtime_r(&instant, &utc) == NULL ||
        strftime(text, INSTANT_ROOM, "%Y-%m-%d %H:%M UTC", &utc) == 0)
        text[0] = '\0';
    return text;
}

/* Writes how long the credentials live, or that there will be none. */
static void describe_life(const struct progress *progress, time_t now, char *text, size_t size)
{
    char instant[INSTANT_ROOM];

    if (progress->outcome.role->settings.deliver != DELIVER_PROCESS)
        snprintf(text, size, " until %s",
                 show_instant(instant, progress->outcome.credentials.expiration));
    else if (permitted_role_is_ending(progress->role, now))
        snprintf(text, size, ", for which AWS issues nothing in its last %d minutes",
                 SHORTEST_LIFE / 60);
    else
        snprintf(text, size, ", renewed by itself");
}

/* Writes that it is over soon, and when; or nothing where it is not. */
static void warn(time_t ends, time_t now, char *text, size_t size)
{
    const long long left = ends > now ? (long long)(ends - now) : 0;
    char instant[INSTANT_ROOM];

    text[0] = '\0';
    if (ends != 0 && left <= WARNED_FOR)
        snprintf(text, size, "; it ends at %s, in %lld %s: save your work",
                 show_instant(instant, ends), left < 60 ? left : left / 60,
                 left < 60 ? "s" : "min");
}

/* Writes which role it is, where, and for how long. Returns the length. */
static int describe_role(const struct progress *progress, char *text, size_t size)
{
    const struct role *role = progress->outcome.role;
    const time_t now = time(NULL);
    char name[256], account[256], life[64], end[80];

    escape(name, sizeof name, role->name);
    escape(account, sizeof account, role->account->name);
    describe_life(progress, now, life, sizeof life);
    warn(progress_ends(progress), now, end, sizeof end);
    return snprintf(text, size, "xacct: role %s in account %s (%s)%s%s", name, account,
                    role->account->id, life, end);
}

/* Writes that the session has no role, why, and what may be chosen. */
static void describe_none(struct progress *progress, size_t others, const char *names)
{
    const struct decision *decision = &progress->decision;
    struct outcome *outcome = &progress->outcome;
    char name[256], instant[INSTANT_ROOM];

    if (decision->login_role == NULL && others > 0) {
        snprintf(outcome->message, sizeof outcome->message,
                 "xacct: no role was chosen for this session; permitted: %s", names);
        return;
    }
    if (decision->login_role == NULL) {
        snprintf(outcome->message, sizeof outcome->message,
                 "xacct: no role in this session: all of yours are in their last %d minutes, for "
                 "which AWS issues nothing",
                 SHORTEST_LIFE / 60);
        return;
    }
    escape(name, sizeof name, decision->login_role->name);
    snprintf(outcome->message, sizeof outcome->message,
             "xacct: no role in this session: %s, which it would start with, ends at %s, and AWS "
             "issues nothing in the last %d minutes; xacct switch takes another: %s",
             name,
             show_instant(instant, decision_find_role(decision, decision->login_role->name)->ends),
             SHORTEST_LIFE / 60, names);
}

void message_opened(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    const struct role *role = outcome->role;
    char names[512];
    const size_t others = list_roles(&progress->decision, role, names, sizeof names);
    int used;

    if (role == NULL) {
        describe_none(progress, others, names);
        return;
    }
    used = describe_role(progress, outcome->message, sizeof outcome->message);
    snprintf(outcome->message + used, sizeof outcome->message - (size_t)used, "%s%s%s",
             others > 0 ? "; also permitted: " : "", names,
             role->settings.deliver == DELIVER_PROCESS &&
                     !permitted_role_is_ending(progress->role, time(NULL))
                 ? in_the_way
                 : "");
}

void message_switched(struct progress *progress)
{
    describe_role(progress, progress->outcome.message, sizeof progress->outcome.message);
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
