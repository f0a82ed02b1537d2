/*
 * The account call: whether the user has any role now.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "pam_xacct/internal.h"

int account_check(struct call *call)
{
    if (call_is_ours(call))
        exchange(call, NULL);
    return report(call);
}
