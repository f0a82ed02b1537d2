/*
 * Whether roles can be assumed, and by nobody who does not know their external id.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "xacct_admin/doctor.h"

/* Whether the role's ARN is one of each user's own. */
static bool is_of_users(const struct role *role)
{
    return strstr(role->arn, "%{user}") != NULL || strstr(role->arn, "%{human}") != NULL ||
           strstr(role->arn, "%{session_name}") != NULL;
}

/* Tries once more, by an external id of chance, which the trust policy must refuse. */
static void try_wrong_id(struct doctor *doctor, const struct role *role)
{
    const struct helper_answer *answer = helper_ask(
        &doctor->helper, &(struct helper_question){.role = role->name, .wrong_external_id = true});

    if (answer->is_answered && answer->is_fine)
        doctor_add(
            doctor, DOCTOR_FAULT, role->at,
            "its trust policy needs the condition StringEquals sts:ExternalId; until then "
            "whoever this host's AWS account serves can be sent to this role",
            "[role %s] can be assumed by a wrong external id: the trust policy doesn't check "
            "sts:ExternalId",
            role->name);
    else if (answer->is_answered && answer->code != NULL &&
             strncmp(answer->code, "AccessDenied", strlen("AccessDenied")) == 0)
        doctor_add(doctor, DOCTOR_OK, role->at, NULL,
                   "[role %s] is refused by a wrong external id, as it must be", role->name);
    else
        doctor_add(doctor, DOCTOR_CANNOT_TELL, role->at, "try again",
                   "whether [role %s] is refused by a wrong external id: %s", role->name,
                   answer->reason);
}

static void try_role(struct doctor *doctor, const struct role *role)
{
    const struct helper_answer *answer;

    if (role->settings.via != VIA_HOST) {
        doctor_add(doctor, DOCTOR_CANNOT_TELL, role->at, "log in, and see",
                   "[role %s] is assumed with a user's own word (via = %s), which nobody else has",
                   role->name, via_names[role->settings.via]);
        return;
    }
    if (is_of_users(role)) {
        doctor_add(doctor, DOCTOR_CANNOT_TELL, role->at, "log in, and see",
                   "[role %s] is another AWS role for each user: %s", role->name, role->arn);
        return;
    }
    answer = helper_ask(&doctor->helper, &(struct helper_question){.role = role->name});
    if (!answer->is_answered)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, role->at, NULL, "[role %s]: %s", role->name,
                   answer->reason);
    else if (!answer->is_fine)
        doctor_add(doctor, answer->code != NULL ? DOCTOR_FAULT : DOCTOR_WARNING, role->at, NULL,
                   "[role %s] cannot be assumed: %s", role->name, answer->reason);
    else
        doctor_add(doctor, DOCTOR_OK, role->at, NULL, "[role %s] can be assumed%s%s", role->name,
                   answer->notice != NULL ? ", though " : "",
                   answer->notice != NULL ? answer->notice : "");
    if (answer->is_answered && answer->is_fine && role->settings.external_id != NULL)
        try_wrong_id(doctor, role);
}

void doctor_roles(struct doctor *doctor)
{
    const struct policy *policy = doctor->reading.policy;
    const char *wanted = doctor->invocation->value[OPTION_TRY];
    const struct position at = {doctor->reading.path, 0};
    size_t i;

    if (wanted == NULL) {
        doctor_add(doctor, DOCTOR_NOTE, at, "xacct doctor --try ROLE, or --try all",
                   "no role is tried unless it is named, as that calls AWS for each");
        return;
    }
    if (policy == NULL) {
        doctor_add(doctor, DOCTOR_CANNOT_TELL, at, "xacct check says what is wrong with it",
                   "the policy has errors, so no role was tried");
        return;
    }
    for (i = 0; i < policy->role_count; i++)
        if (strcmp(wanted, "all") == 0 || strcmp(wanted, policy->roles[i].name) == 0)
            try_role(doctor, &policy->roles[i]);
    if (strcmp(wanted, "all") != 0 && policy_find_role(policy, wanted) == NULL)
        doctor_add(doctor, DOCTOR_WARNING, at, "name one of the policy's", "there is no [role %s]",
                   wanted);
    if (policy->pattern_count > 0)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, policy->patterns[0].rule.at, "log in, and see",
                   "roles of a [pattern] are those of a user's groups, and were not tried");
}
