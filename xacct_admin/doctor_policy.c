/*
 * The policy: whether it is sound, which one is in force, and since when that is another.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <unistd.h>

#include "xacct_admin/doctor.h"

/* The first error of the policy on disk. */
static void tell_first_error(struct doctor *doctor)
{
    const struct policy_errors *errors = &doctor->reading.errors;

    if (errors->count > 0)
        doctor_add(
            doctor, DOCTOR_FAULT, (struct position){errors->items[0].file, errors->items[0].line},
            "xacct check tells all errors, and how they are mended", "%s", errors->items[0].text);
}

void doctor_policy(struct doctor *doctor)
{
    const struct position at = {doctor->reading.path, 0};
    const struct helper_answer *answer =
        helper_ask(&doctor->helper, &(struct helper_question){.base = NULL});
    const char *no_service = doctor->helper.no_service;
    const struct policy *policy = doctor->reading.policy;
    const bool has_groups = policy != NULL && policy->unix_group_count > 0;

    if (no_service != NULL)
        doctor_add(doctor, DOCTOR_WARNING, doctor_nowhere,
                   access(doctor->invocation->socket, F_OK) == 0
                       ? "systemctl restart xacct.service, and look at journalctl -u xacct"
                   : has_groups
                       ? "systemctl enable --now xacct.socket xacct.service, and look at "
                         "journalctl -u xacct"
                       : "systemctl enable --now xacct.socket, and look at journalctl -u xacct",
                   "the service does not answer, so each login starts a helper, the command xacct "
                   "has nobody to ask%s: %s",
                   has_groups ? ", and nobody is in a Unix group of the policy" : "", no_service);
    if (policy == NULL)
        tell_first_error(doctor);
    if (!answer->is_answered)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere, NULL,
                   "which policy is in force is the helper's to know: %s", answer->reason);
    else if (!answer->is_fine && answer->policy_hash == NULL)
        doctor_add(doctor, DOCTOR_FAULT, at,
                   "mend it (xacct check): until then no login gets a role",
                   "no policy is in force: %s", answer->reason);
    else if (!answer->is_fine)
        doctor_add(doctor, DOCTOR_FAULT, at, "mend it (xacct check); the last good one serves",
                   "the policy on disk is passed over since %s: %s",
                   answer->broken_since != NULL ? answer->broken_since : "now", answer->reason);
    else if (!doctor_found(doctor))
        doctor_add(doctor, DOCTOR_OK, at, NULL, "it is in force, with the hash %s",
                   answer->policy_hash != NULL ? answer->policy_hash : "(not told)");
}
