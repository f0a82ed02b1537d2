/*
 * Texts that are refused as policies, for the tests of policy/. To be included after cmocka.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_POLICY_FAULT_H
#define XACCT_TESTS_POLICY_FAULT_H

#include "policy_text.h"

/* A text that is wrong in one place. Where `size` is 0 it ends at its first NUL. */
struct fault {
    const char *text;
    unsigned line;
    const char *words; /* of the error */
    size_t size;
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Parses a text that must be refused for its one fault, and holds the error against it. */
static inline void expect_fault(const char *text, size_t length, unsigned line, const char *words)
{
    struct policy_errors errors;
    struct policy *policy = parse("/etc/xacct/xacct.conf", text, length, &errors);

    if (policy != NULL || errors.count != 1 || errors.items[0].line != line ||
        strstr(errors.items[0].text, words) == NULL) {
        print_error("for this text:\n%s\nexpected line %u: ...%s...\ngot:\n", text, line, words);
        for (size_t i = 0; i < errors.count; i++)
            print_error("line %u: %s\n", errors.items[i].line, errors.items[i].text);
        fail();
    }
    assert_string_equal(errors.items[0].file, "/etc/xacct/xacct.conf");
    policy_errors_free(&errors);
    assert_int_equal(errors.count, 0);
}

/* Each fault by itself, with a text of `lines` lines before it and another after it. */
static inline void expect_faults(const char *before, unsigned lines, const char *after,
                                 const struct fault *faults, size_t count)
{
    char text[4096];

    for (size_t i = 0; i < count; i++) {
        assert_true((size_t)snprintf(text, sizeof text, "%s%s%s", before, faults[i].text, after) <
                    sizeof text);
        expect_fault(text, strlen(text), lines + faults[i].line, faults[i].words);
    }
}

#endif
