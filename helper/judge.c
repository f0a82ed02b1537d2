/*
 * Look-ups, decision, reason.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"

/* Says why the grant that names the user does not hold. */
static void explain_unmet(const struct decision *decision, const char *user,
                          struct outcome *outcome)
{
    static const char *const reasons[] = {
        [UNMET_ENDED] = "ended with until = ",
        [UNMET_NOT_YET] = "does not hold before since = ",
        [UNMET_HOURS] = "holds ",
        [UNMET_DETACHED] = "does not hold so long after the session's end; its detach is ",
    };
    const struct grant *grant = decision->unmet_grant;
    char name[ESCAPE_MAX], value[ESCAPE_MAX], detach[32] = "not set";
    const char *const values[] = {
        [UNMET_ENDED] = grant->until.text,
        [UNMET_NOT_YET] = grant->since.text,
        [UNMET_HOURS] = grant->hours.text,
        [UNMET_DETACHED] = detach,
    };

    if (grant->detach > 0)
        snprintf(detach, sizeof detach, "%ds", grant->detach);
    escape(name, sizeof name, grant->name);
    escape(value, sizeof value, values[decision->unmet]);
    outcome_set(outcome, STATUS_DENIED, "[grant %s] at %s:%u, which is for user %s, %s%s", name,
                grant->at.file, grant->at.line, user, reasons[decision->unmet], value);
}

/* Puts the decision into words. `why` says what the first unanswered look-up ran into. */
static void explain(const struct decision *decision, const struct login *login, const char *why,
                    struct outcome *outcome)
{
    char user[ESCAPE_MAX], service[ESCAPE_MAX], name[ESCAPE_MAX], group[ESCAPE_MAX];
    const struct grant *grant = decision->because;
    const struct deny *deny = decision->denied_by;
    struct position rule = {"", 0};

    escape(user, sizeof user, login->user);
    escape(service, sizeof service, login->service);
    if (deny != NULL)
        rule = deny->at;
    else if (grant != NULL)
        rule = grant->at;
    escape(name, sizeof name, deny != NULL ? deny->name : grant != NULL ? grant->name : "");
    escape(group, sizeof group, decision->unanswered_group);

    switch (decision->status) {
    case STATUS_PERMITTED:
        outcome_set(outcome, STATUS_PERMITTED, "[grant %s] at %s:%u", name, rule.file, rule.line);
        break;
    case STATUS_DENIED:
        if (decision->unmet != UNMET_NONE)
            explain_unmet(decision, user, outcome);
        else
            outcome_set(outcome, STATUS_DENIED, "[deny %s] at %s:%u names the login of %s", name,
                        rule.file, rule.line, user);
        break;
    case STATUS_NO_GRANT:
        outcome_set(outcome, STATUS_NO_GRANT, "no grant names user %s for service %s", user,
                    service);
        break;
    default:
        if (decision->unreadable_zone != NULL)
            outcome_set(outcome, STATUS_UNAVAILABLE,
                        "the hours of a grant for user %s cannot be told: the time zone in %s "
                        "cannot be read; is it there and open to all?",
                        user, decision->unreadable_zone);
        else
            outcome_set(
                outcome, STATUS_UNAVAILABLE,
                "whether user %s is in group %s, on which %s%s%s depends, cannot be told: %s", user,
                group, deny != NULL ? "[deny " : "a grant", deny != NULL ? name : "",
                deny != NULL ? "]" : "", why);
        break;
    }
}

enum status judge(struct host *host, const struct request *request, const struct identity *identity,
                  const char *chosen, struct decision *decision, struct outcome *outcome)
{
    const struct policy *policy = host->policy;
    struct login login = {
        .user = identity->user.name,
        .human = identity->human,
        .typed = request->typed,
        .service = request->service,
        .now = time(NULL),
        .ended = request->ended,
        .ended_for = request->ended_for,
    };
    bool *matters = calloc(policy->groups.count + 1, sizeof *matters);
    enum answer *answers = calloc(policy->groups.count + 1, sizeof *answers);
    char why[1024] = "";
    int error = -1;

    memset(decision, 0, sizeof *decision);
    if (matters == NULL || answers == NULL)
        goto done;
    if (decide_groups_that_matter(policy, &login, matters) > 0) {
        struct deadline half = deadline_in_ms(deadline_left_ms(request->deadline) / 2);

        lookup_groups(host->lookup, policy, &identity->user, matters, half, answers, why,
                      sizeof why);
    }
    login.in_group = answers;
    error = decide(policy, &login, chosen, decision);
    if (error == 0)
        explain(decision, &login, why, outcome);

done:
    free(matters);
    free(answers);
    if (error != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory deciding on the login");
    return decision->status;
}
