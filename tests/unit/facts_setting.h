/*
 * What the tables of decisions on facts and on patterns have in common. To be included after
 * cmocka.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FACTS_SETTING_H
#define XACCT_TESTS_FACTS_SETTING_H

#include "login_text.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

/* Roles r and t in account a, s in account b; certificates of partner name *@p. */
#define SETTING                                                                                    \
    HEAD ROLES "[role t]\naccount = a\nname = T\n[ca partner]\nnames = *@p\nkey = " KEY "\n"

#define ALICE  "[grant g]\nusers = alice\nroles = r\n"
#define CAROL  "[grant c]\nprincipals = carol@p\nroles = s\n"
#define LATER  "since = 2030-01-01T00:00Z\n"
#define ENDED  "until = 2000-12-31T23:59Z\n"
#define EXACT  "[pattern p]\ngroups = aws-{account}-{role}\ncase = exact\n"
#define FOLD   "[pattern p]\ngroups = aws-{account}-{role}\n"
#define FOLD_B "[pattern p]\ngroups = aws-{account}-{role}\nname = path/{role}\n"

static inline void check(const struct decision_case *cases, size_t count)
{
    size_t wrong = 0;

    for (size_t i = 0; i < count; i++)
        wrong += !is_decided_as_expected(SETTING, &cases[i]);
    assert_int_equal(wrong, 0);
}

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Decides, for a look at more than a table's line shows. */
static inline struct policy *decided(const char *rules, const char *who,
                                     struct written_login *written, struct decision *decision)
{
    char text[4096];
    struct policy *policy;

    snprintf(text, sizeof text, "%s%s", SETTING, rules);
    policy = good_policy(text);
    assert_non_null(policy);
    read_login(policy, who, written);
    assert_int_equal(decide(policy, &written->login, written->chosen, decision), 0);
    return policy;
}

#endif
