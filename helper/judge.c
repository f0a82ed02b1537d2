/*
 * Look-ups, decision, reason.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/judge.h"

#include <stdio.h>
#include <string.h>

#include "common/escape.h"

/* What follows "[grant NAME], which names user USER, " for each condition; its value goes behind.
 */
static const struct {
    const char *text;
    enum condition condition;
} unmets[] = {
    [UNMET_HOST] = {"is not for this host", CONDITION_HOSTS},
    [UNMET_FROM] = {"is not for logins from here", CONDITION_FROM},
    [UNMET_AUTH] = {"is not for logins that are authenticated like this", CONDITION_AUTH},
    [UNMET_ENDED] = {"ended with until = ", CONDITION_UNTIL},
    [UNMET_NOT_YET] = {"does not hold before since = ", CONDITION_SINCE},
    [UNMET_HOURS] = {"holds ", CONDITION_HOURS},
    [UNMET_DETACHED] = {"does not hold so long after the session's end; its detach is ",
                        CONDITION_DETACH},
};

/* Says why the grant that names the user does not hold. */
static void explain_unmet(const struct decision *decision, const struct login *login,
                          enum status status, struct outcome *outcome)
{
    const struct grant *grant = decision->unmet_grant;
    const struct position at = grant->condition_at[unmets[decision->unmet].condition];
    char user[ESCAPE_MAX], name[ESCAPE_MAX], value[ESCAPE_MAX], detach[32] = "not set";
    const char *shown = "";

    if (grant->detach > 0)
        snprintf(detach, sizeof detach, "%ds", grant->detach);
    if (decision->unmet == UNMET_ENDED)
        shown = grant->until.text;
    else if (decision->unmet == UNMET_NOT_YET)
        shown = grant->since.text;
    else if (decision->unmet == UNMET_HOURS)
        shown = grant->hours.text;
    else if (decision->unmet == UNMET_DETACHED)
        shown = detach;
    escape(user, sizeof user, login->user);
    escape(name, sizeof name, grant->title);
    escape(value, sizeof value, shown);
    outcome_set(outcome, status, "[%s] at %s:%u, which is for user %s, %s%s", name,
                at.line != 0 ? at.file : grant->at.file, at.line != 0 ? at.line : grant->at.line,
                user, unmets[decision->unmet].text, value);
}

static void explain_denied(const struct decision *decision, const struct login *login,
                           struct outcome *outcome)
{
    char user[ESCAPE_MAX], name[ESCAPE_MAX];
    const struct deny *deny = decision->denied_by;

    escape(user, sizeof user, login->user);
    if (decision->certificate_ended)
        outcome_set(outcome, STATUS_DENIED,
                    "the certificate that user %s logged in with is valid no more", user);
    else if (deny != NULL)
        outcome_set(outcome, STATUS_DENIED, "[deny %s] at %s:%u names the login of %s",
                    escape(name, sizeof name, deny->name), deny->at.file, deny->at.line, user);
    else
        explain_unmet(decision, login,
                      decision->unmet == UNMET_ENDED ? STATUS_EXPIRED : STATUS_DENIED, outcome);
}

static void explain_no_grant(const struct decision *decision, const struct login *login,
                             struct outcome *outcome)
{
    char user[ESCAPE_MAX], service[ESCAPE_MAX];

    if (decision->unmet != UNMET_NONE)
        explain_unmet(decision, login, STATUS_NO_GRANT, outcome);
    else
        outcome_set(outcome, STATUS_NO_GRANT, "no grant names user %s for service %s",
                    escape(user, sizeof user, login->user),
                    escape(service, sizeof service, login->service));
}

/* `why` says what the first unanswered look-up ran into. */
static void explain_unavailable(const struct decision *decision, const struct login *login,
                                const char *why, struct outcome *outcome)
{
    char user[ESCAPE_MAX], name[ESCAPE_MAX], group[ESCAPE_MAX];
    const struct deny *deny = decision->denied_by;

    escape(user, sizeof user, login->user);
    if (decision->unreadable_zone != NULL)
        outcome_set(outcome, STATUS_UNAVAILABLE,
                    "the hours of a grant for user %s cannot be told: the time zone in %s "
                    "cannot be read; is it there and open to all?",
                    user, decision->unreadable_zone);
    else if (decision->undecided)
        outcome_set(outcome, STATUS_UNAVAILABLE,
                    "how user %s was authenticated is not known, and the policy depends on it",
                    user);
    else if (decision->unanswered_group == NULL || decision->unanswered_group[0] == '\0')
        outcome_set(outcome, STATUS_UNAVAILABLE,
                    "which groups user %s is in, on which a pattern depends, cannot be told: %s",
                    user, why);
    else
        outcome_set(outcome, STATUS_UNAVAILABLE,
                    "whether user %s is in group %s, on which %s%s%s depends, cannot be told: %s",
                    user, escape(group, sizeof group, decision->unanswered_group),
                    deny != NULL ? "[deny " : "a grant",
                    deny != NULL ? escape(name, sizeof name, deny->name) : "",
                    deny != NULL ? "]" : "", why);
}

/* Puts the decision into words, and sets the status that they are of. */
static void explain(const struct decision *decision, const struct login *login, const char *why,
                    struct outcome *outcome)
{
    const struct grant *grant = decision->because;
    char name[ESCAPE_MAX];

    switch (decision->status) {
    case STATUS_PERMITTED:
        outcome_set(outcome, STATUS_PERMITTED, "[%s] at %s:%u",
                    escape(name, sizeof name, grant->title), grant->at.file, grant->at.line);
        break;
    case STATUS_DENIED:
        explain_denied(decision, login, outcome);
        break;
    case STATUS_NO_GRANT:
        explain_no_grant(decision, login, outcome);
        break;
    default:
        explain_unavailable(decision, login, why, outcome);
        break;
    }
}

/*
 * What is not known before the session opens is no refusal of a check. Once it opens, nobody gets a
 * role in a name that is not known to be the human's.
 */
static void weigh(const struct request *request, const struct identity *identity,
                  const struct decision *decision, struct outcome *outcome)
{
    const bool checks = request->operation == OPERATION_CHECK;

    if (checks && decision->status == STATUS_UNAVAILABLE && decision->undecided) {
        outcome_set(outcome, STATUS_UNDECIDED,
                    "how the login was authenticated shows when its session opens");
    } else if (decision->status != STATUS_PERMITTED) {
        return;
    } else if (identity->certificate_unknown && request->operation == OPERATION_OPEN) {
        outcome_set(outcome, STATUS_UNAVAILABLE,
                    "the policy has a [ca], and sshd did not say how the login was authenticated "
                    "(SSH_AUTH_INFO_0 is missing or longer than %d bytes): is sshd older than 7.8, "
                    "or was pam_xacct.so updated under it? Then restart it",
                    WIRE_AUTH_INFO_MAX);
    } else if (identity->is_nobody && checks && identity->certificate_unknown) {
        outcome_set(outcome, STATUS_UNDECIDED, "who the human is shows when the session opens");
    } else if (identity->is_nobody) {
        outcome_set(outcome, STATUS_NO_GRANT,
                    "none of the sources in identity = says who the human behind user %s is",
                    identity->user.name);
    }
}

/*
 * How long look-ups may take: half of what is left, as there may be STS to ask; of a check, which
 * asks nobody else, all but what it takes to say so.
 */
static struct deadline time_for_look_ups(const struct request *request)
{
    int left = deadline_left_ms(request->deadline);

    return deadline_in_ms(request->operation == OPERATION_CHECK ? left - left / 10 : left / 2);
}

/* Asks which groups of denies the user is in who is behind the login, if that is another one. */
static bool look_up_opener(struct host *host, struct deadline by, struct identity *identity,
                           bool *matters, struct login *login, char *why, size_t why_size)
{
    const struct policy *policy = host->policy;
    char why_opener[1024];
    enum answer *answers;
    size_t i;

    if (identity->opener.name[0] == '\0')
        return true;
    answers = arena_alloc(&identity->memory, policy->groups.count + 1, sizeof *answers);
    if (answers == NULL)
        return false;
    for (i = policy->deny_group_count; i < policy->groups.count; i++)
        matters[i] = false;
    lookup_groups(host->lookup, policy, &identity->opener, matters, by, answers, why_opener,
                  sizeof why_opener);
    login->opener_in_group = answers;
    if (why[0] == '\0')
        snprintf(why, why_size, "%s", why_opener);
    return true;
}

/* Asks for what the decision depends on. */
static bool look_up(struct host *host, const struct request *request, struct identity *identity,
                    struct login *login, struct texts *names, char *why, size_t why_size)
{
    const struct policy *policy = host->policy;
    const struct deadline by = time_for_look_ups(request);
    bool *matters = arena_alloc(&identity->memory, policy->groups.count + 1, sizeof *matters);
    enum answer *answers =
        arena_alloc(&identity->memory, policy->groups.count + 1, sizeof *answers);
    char why_names[1024];

    if (matters == NULL || answers == NULL)
        return false;
    if (decide_groups_that_matter(policy, login, matters) > 0)
        lookup_groups(host->lookup, policy, &identity->user, matters, by, answers, why, why_size);
    login->in_group = answers;
    if (!look_up_opener(host, by, identity, matters, login, why, why_size))
        return false;
    if (!decide_needs_group_names(policy, login))
        return true;
    if (lookup_group_names(host->lookup, policy, &identity->user, by, &identity->memory, names,
                           why_names, sizeof why_names)) {
        login->group_names = names;
        return true;
    }
    login->groups_unknown = true;
    if (why[0] == '\0')
        snprintf(why, why_size, "%s", why_names);
    return true;
}

enum status judge(struct host *host, const struct request *request, struct identity *identity,
                  const char *chosen, struct decision *decision, struct outcome *outcome)
{
    struct login login = {
        .user = identity->user.name,
        .human = identity->human,
        .typed = identity->typed,
        .service = request->service,
        .host = host->name,
        .address = request->address,
        .auth = identity->auth,
        .certificate = identity->has_certificate ? &identity->proof : NULL,
        .certificate_unknown = identity->certificate_unknown,
        .now = time(NULL),
        .ended = request->ended,
        .ended_for = request->ended_for,
    };
    struct texts names = {NULL, 0};
    char why[1024] = "";

    memset(decision, 0, sizeof *decision);
    if (!look_up(host, request, identity, &login, &names, why, sizeof why) ||
        decide(host->policy, &login, chosen, decision) != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory deciding on the login");
    explain(decision, &login, why, outcome);
    weigh(request, identity, decision, outcome);
    return outcome->status;
}
