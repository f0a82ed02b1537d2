/*
 * Why a decision's grants do not apply, in words for logs and for xacct explain.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_UNMET_H
#define XACCT_POLICY_UNMET_H

#include "policy/decide.h"

struct unmet_words {
    const char *text;   /* behind "[grant NAME], which is for user USER, " */
    const char *value;  /* behind that: the condition's, as the policy has it and not escaped; "" */
    struct position at; /* the condition's line, or the grant's */
    char detach[32];    /* what `value` may point to: the words must not be copied */
};

/* Puts decision->unmet of decision->unmet_grant into words; it must not be UNMET_NONE. */
void unmet_words(const struct decision *decision, struct unmet_words *words);

#endif
