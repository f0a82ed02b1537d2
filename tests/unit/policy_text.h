/*
 * Policies out of texts, for the tests of policy/.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_POLICY_TEXT_H
#define XACCT_TESTS_POLICY_TEXT_H

#include <stdio.h>
#include <string.h>

#include "policy/load.h"

/* What every policy begins with, in nine lines. */
#define HEAD                                                                                       \
    "[xacct]\n"                                                                                    \
    "region = eu-west-1\n"                                                                         \
    "[base]\n"                                                                                     \
    "source = file\n"                                                                              \
    "file = /etc/xacct/base\n"                                                                     \
    "[account a]\n"                                                                                \
    "id = 111122223333\n"                                                                          \
    "[account b]\n"                                                                                \
    "id = 444455556666\n"
#define HEAD_LINES 9U

/* And two roles, in six more lines. */
#define ROLES                                                                                      \
    "[role r]\n"                                                                                   \
    "account = a\n"                                                                                \
    "name = R\n"                                                                                   \
    "[role s]\n"                                                                                   \
    "account = b\n"                                                                                \
    "name = path/S\n"
#define ROLES_LINES 6U

static inline struct policy *parse(const char *path, const char *text, size_t length,
                                   struct policy_errors *errors)
{
    static const struct trust unchecked = {.unchecked = true, .largest = 1024 * 1024};

    return policy_parse(path, text, length, &unchecked, errors);
}

/* The policy of a text without errors; those that it has are printed, and the result is NULL. */
static inline struct policy *good_policy(const char *text)
{
    struct policy_errors errors;
    struct policy *policy = parse("/etc/xacct/xacct.conf", text, strlen(text), &errors);
    size_t i;

    for (i = 0; i < errors.count; i++)
        printf("%s:%u: %s\n", errors.items[i].file, errors.items[i].line, errors.items[i].text);
    policy_errors_free(&errors);
    return policy;
}

#endif
