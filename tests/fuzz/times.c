/*
 * When a grant holds: `hours`, `since`, `until` and the zones in them, as a policy says them:
 * policy/hours.h, policy/zone.h. The first four lines are these three and the name of a zone; the
 * fifth is the instant, in seconds since 1970.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/zone.h"
#include "tests/fuzz/policies.h"

/* No zone's name leads out of the folder of zones. */
static void look_at_zone(const char *name)
{
    static const char folder[] = "/usr/share/zoneinfo/";
    char file[ZONE_FILE_SIZE];

    if (!zone_file(name, file))
        return;
    PROMISE(strncmp(file, folder, strlen(folder)) == 0);
    PROMISE(strcmp(file + strlen(folder), name) == 0);
    PROMISE(strstr(file, "/..") == NULL);
    zone_is_there(file);
}

/* Whether the role is permitted, and until when. */
static bool ask(const struct policy *policy, time_t now, time_t *ends)
{
    const struct login login = {.user = "alice",
                                .human = "alice",
                                .service = "sshd",
                                .host = "h",
                                .address = "",
                                .now = now};
    struct decision decision;
    bool permitted;

    fuzz_need(decide(policy, &login, NULL, &decision) == 0, "decide");
    permitted = decision.status == STATUS_PERMITTED;
    *ends = permitted ? decision.roles[0].ends : 0;
    PROMISE(*ends == 0 || *ends > now);
    decision_free(&decision);
    return permitted;
}

/* The grant goes on to hold up to the second that it names, and the first of that is the end. */
static void look_at_end(const struct policy *policy, time_t now)
{
    const struct grant *grant = &policy->grants[0];
    time_t ends, other, between;

    if (!ask(policy, now, &ends))
        return;
    fuzz_accept();
    PROMISE(grant->since.at == 0 || grant->since.at <= now);
    PROMISE(grant->until.at == 0 ||
            (now < grant->until.at && ends != 0 && ends <= grant->until.at));
    if (ends == 0)
        return;
    between = now + (ends - now) / 2;
    PROMISE(ask(policy, between, &other) && (other == 0 || other >= ends));
    PROMISE(ask(policy, ends - 1, &other) && (other == 0 || other >= ends));
    if (grant->until.at == ends)
        PROMISE(!ask(policy, ends, &other));
}

static void read_policy(const char *hours, const char *since, const char *until, time_t now)
{
    struct policy *policy;
    char *text;

    fuzz_need(asprintf(&text,
                       "[xacct]\nregion = eu-west-1\n[base]\nsource = imds\n[account a]\n"
                       "id = 111122223333\n[role r]\naccount = a\nname = R\n"
                       "[grant g]\nusers = alice\nroles = r\n%s%s%s%s%s%s\n",
                       hours[0] != '\0' ? "hours = " : "", hours,
                       since[0] != '\0' ? "\nsince = " : "", since,
                       until[0] != '\0' ? "\nuntil = " : "", until) > 0,
              "asprintf");
    policy = policy_of_text(text);
    if (policy != NULL)
        look_at_end(policy, now);
    policy_free(policy);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char *lines[5];
    long long now;
    size_t i;

    for (i = 0; i < 5; i++)
        lines[i] = fuzz_take_text(&input, "\n");
    now = strtoll(lines[4], NULL, 10);
    look_at_zone(lines[3]);
    /* Clocks are of this era. */
    if (now >= 0 && now < INT64_C(4102444800))
        read_policy(lines[0], lines[1], lines[2], (time_t)now);
    for (i = 0; i < 5; i++)
        free(lines[i]);
    return 0;
}
