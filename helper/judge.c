/*
 * Look-ups, decision, reason.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/judge.h"

#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/log.h"
#include "helper/login_groups.h"
#include "helper/own_address.h"
#include "policy/unmet.h"

/* Says why the grant that names the user does not hold. */
static void explain_unmet(const struct decision *decision, const struct login *login,
                          enum status status, struct outcome *outcome)
{
    char user[ESCAPE_MAX], name[ESCAPE_MAX], value[ESCAPE_MAX];
    struct unmet_words words;

    unmet_words(decision, &words);
    outcome_set(outcome, status, "[%s] at %s:%u, which is for user %s, %s%s",
                escape(name, sizeof name, decision->unmet_grant->title), words.at.file,
                words.at.line, escape(user, sizeof user, login->user), words.text,
                escape(value, sizeof value, words.value));
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
    } else if (!checks && decision->undecided && identity->unsaid != NULL) {
        outcome_set(outcome, STATUS_UNAVAILABLE, "%s", identity->unsaid);
    } else if (decision->status != STATUS_PERMITTED) {
        return;
    } else if (!checks && identity->nameless) {
        outcome_set(outcome, STATUS_UNAVAILABLE, "%s", identity->unsaid);
    } else if (identity->is_nobody && checks && identity->certificate_unknown) {
        outcome_set(outcome, STATUS_UNDECIDED, "who the human is shows when the session opens");
    } else if (identity->is_nobody) {
        outcome_set(outcome, STATUS_NO_GRANT,
                    "none of the sources in identity = says who the human behind user %s is",
                    identity->user.name);
    }
}

/*
 * How long look-ups may take: half of what is left, as there may be STS to ask; of what asks nobody
 * else, all but what it takes to say so.
 */
static struct deadline time_for_look_ups(const struct request *request)
{
    int left = deadline_left_ms(request->deadline);
    bool asks_nobody_else =
        request->operation == OPERATION_CHECK || request->operation == OPERATION_GROUPS;

    return deadline_in_ms(asks_nobody_else ? left - left / 10 : left / 2);
}

enum status judge(struct host *host, const struct request *request, struct identity *identity,
                  const char *chosen, struct decision *decision, struct outcome *outcome)
{
    struct login login = {
        .user = identity->user.name,
        .human = identity->human,
        .typed = identity->typed,
        .opener = identity->opener.name[0] != '\0' ? identity->opener.name : NULL,
        .ruser = request->ruser,
        .service = request->service,
        .host = host->name,
        .address = identity_address(identity, request),
        .address_is_own =
            host->policy->asks_from && own_address_is(identity_address(identity, request)),
        .auth = identity->auth,
        .certificate = identity->has_certificate ? &identity->proof : NULL,
        .certificate_unknown = identity->certificate_unknown,
        .now = time(NULL),
        .ended = request->ended,
        .ended_for = request->ended_for,
    };
    char why[1024];

    memset(decision, 0, sizeof *decision);
    if (!login_groups_look_up(host, time_for_look_ups(request), identity, &login, why,
                              sizeof why) ||
        decide(host->policy, &login, chosen, decision) != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory deciding on the login");
    explain(decision, &login, why, outcome);
    weigh(request, identity, decision, outcome);
    return outcome->status;
}

enum status judge_groups(struct host *host, const struct request *request,
                         struct identity *identity, bool *member, struct outcome *outcome)
{
    struct login login = {
        .user = identity->user.name,
        .human = identity->human,
        .typed = identity->typed,
        .host = host->name,
        .now = time(NULL),
        .of_user = true,
    };
    char why[1024] = "", shown[ESCAPE_MAX];

    /* Whoever has no name for the policy has no role by it. */
    if (identity->is_nobody)
        return outcome_set(outcome, STATUS_PERMITTED, "the user is nobody whom the policy knows");
    if (!login_groups_look_up(host, time_for_look_ups(request), identity, &login, why,
                              sizeof why) ||
        decide_unix_groups(host->policy, &login, member) != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory looking up groups");
    if (why[0] == '\0')
        return outcome_set(outcome, STATUS_PERMITTED, "what the policy gives the user");
    log_warning_seldom("of the policy's Unix groups user %s is told to be in those alone that "
                       "depend on no other: %s",
                       escape(shown, sizeof shown, login.user), why);
    return outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
}
