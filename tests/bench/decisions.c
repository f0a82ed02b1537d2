/*
 * Reads a policy as the helper does, of whose group it must be, and decides on a login of USER by
 * sshd, whom it must permit. `decisions FILE USER` does it once, in a process of its own;
 * `decisions FILE USER again` reads once and decides for each line, which is measured: what the
 * service does for a request whose policy it has in memory.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "policy/decide.h"
#include "policy/load.h"
#include "tests/bench/meter.h"

static struct policy *policy;
static struct login login = {.service = "sshd", .host = "bastion-test", .address = "192.0.2.1"};

/* In the order in which the helper asks; no group is looked up, as none is named. */
static void decide_once(void)
{
    bool *matters = calloc(policy->groups.count + 1, sizeof *matters);
    struct decision decision;

    if (matters == NULL)
        meter_fail("no memory is left");
    login.now = time(NULL);
    if (decide_groups_that_matter(policy, &login, matters) != 0 ||
        decide_needs_group_names(policy, &login))
        meter_fail("the policy depends on groups");
    if (decide(policy, &login, NULL, &decision) != 0 || decision.status != STATUS_PERMITTED)
        meter_fail("%s is not permitted", login.user);
    decision_free(&decision);
    free(matters);
}

static long long measure(char *line)
{
    long long start = meter_now();

    (void)line;
    decide_once();
    return meter_now() - start;
}

int main(int argc, char **argv)
{
    const struct trust trust = {.group = getegid(), .largest = POLICY_FILE_MAX};
    struct policy_errors errors;
    int status = 0;

    if (argc < 3)
        return 2;
    login.user = login.human = argv[2];
    policy = policy_load(argv[1], &trust, &errors);
    if (policy == NULL)
        meter_fail("%s:%u: %s", argv[1], errors.count > 0 ? errors.items[0].line : 0,
                   errors.count > 0 ? errors.items[0].text : "no memory is left");
    policy_errors_free(&errors);
    if (argc > 3)
        status = meter_run(measure);
    else
        decide_once();
    policy_free(policy);
    return status;
}
