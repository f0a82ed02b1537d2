/*
 * The one way in which xacct says that something went wrong: one line on standard error that says
 * what, why and what next.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_COMPLAIN_H
#define XACCT_XACCT_COMPLAIN_H

/*
 * Writes "xacct: " and the sentence. Untrusted pieces in it have been through escape() already;
 * whatever else should be in them is made harmless all the same. Never used for a secret.
 */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

#endif
