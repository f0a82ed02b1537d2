/*
 * Makes the seccomp programs of the sandboxes (helper/sandbox_seccomp.h), with libseccomp, when the
 * helper is built: a login has no time for it. They are for the architecture that this is built
 * for; a process of another one is killed by them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_SECCOMP_PROGRAMS_H
#define XACCT_SECCOMP_PROGRAMS_H

#include <seccomp.h>

#include "helper/sandbox_seccomp.h"

/*
 * Adds what the helper, a look-up process or the forker may call, to a filter that refuses the
 * rest. Returns 0, or an errno below zero, as libseccomp does.
 */
int programs_allow(scmp_filter_ctx filter, enum sandbox_calls calls);

/*
 * Adds what a process outside, or one with a PKCS#11 module, may not call, to a filter that allows
 * the rest. Returns as above.
 */
int programs_refuse(scmp_filter_ctx filter, enum sandbox_calls calls);

/* One argument of a call compared: its value under `mask` must be `wanted`. */
static inline struct scmp_arg_cmp programs_argument(unsigned number, scmp_datum_t mask,
                                                    scmp_datum_t wanted)
{
    return (struct scmp_arg_cmp){
        .arg = number, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = wanted};
}

#endif
