/*
 * Patterns of names in which * stands for any bytes, also none, and ? for any one. No other byte
 * means anything. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_GLOB_H
#define XACCT_POLICY_GLOB_H

#include <stdbool.h>

/* Whether the whole of `text` is like `pattern`; with `fold`, whatever the case of ASCII letters.
 */
bool glob_matches(const char *pattern, const char *text, bool fold);

/* Whether some text is like both patterns; true as well for such as no line of a policy can hold.
 */
bool glob_overlap(const char *one, const char *other);

#endif
