/*
 * A large policy, for what counts or times the work on it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_LARGE_POLICY_H
#define XACCT_TESTS_LARGE_POLICY_H

#include <stdio.h>

/* Writes one of `scale` times 5 accounts, 50 roles, 100 grants and 25 denies, and two patterns. */
static inline void write_large_policy(FILE *stream, unsigned scale)
{
    fprintf(stream, "[xacct]\nregion = eu-west-1\n[base]\nsource = file\nfile = /f\n");
    for (unsigned i = 0; i < 5 * scale; i++)
        fprintf(stream, "[account a%u]\nid = %012u\ntags = client=a%u\n", i, i, i);
    for (unsigned i = 0; i < 50 * scale; i++)
        fprintf(stream, "[role r%u]\naccount = a%u\nname = R%u\ntags = number=%u\n", i, i / 10, i,
                i);
    for (unsigned i = 0; i < 100 * scale; i++)
        fprintf(
            stream,
            "[grant g%u]\nusers = alice u%u\ngroups = g%u\nroles = r%u r%u\nuntil = 2030-01-01\n"
            "from = 10.0.0.0/8\nhours = Mon-Fri 00:00-24:00 UTC\n",
            i, i, i, i / 2, i % (50 * scale));
    for (unsigned i = 0; i < 25 * scale; i++)
        fprintf(stream, "[deny d%u]\nusers = v%u\ngroups = h%u\nroles = r%u\naccounts = a%u\n", i,
                i, i, i, i % 5);
    fprintf(stream, "[pattern p]\ngroups = x-{account}-{role}\n"
                    "[pattern q]\ngroups = y-{account}-{role}\ncase = exact\n");
}

#endif
