/*
 * What cannot live in the helper's sandbox: a program of the admin's that prints credentials, and a
 * PKCS#11 module. Each run is a process of its own with the narrowest sandbox that lets it work,
 * killed at its deadline. They are started by a process that was forked before the sandbox closed
 * (the service), or before the one request was read (--once), and which knows what it may start: it
 * takes the number of a [base] and never a command.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OUTSIDE_H
#define XACCT_HELPER_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/deadline.h"
#include "common/secret.h"
#include "policy/policy.h"

struct outside;

/*
 * Starts the process for the bases that the policy, which may be NULL, has now. Returns 0 and sets
 * *outside, NULL where none of them needs it; or an errno. To be called before the sandbox closes
 * and before there are threads.
 */
int outside_open(const struct policy *policy, struct outside **outside);

/* Ends the process and what it runs. NULL is left alone. */
void outside_close(struct outside *outside);

/*
 * Whether it can serve `policy`: the bases that need it are those that it was started for, and the
 * files of all bases, which it closes to what runs, are the same. Where not, the helper must be
 * started anew (as with folders.h).
 */
bool outside_serves(const struct outside *outside, const struct policy *policy);

/*
 * Has the event loop (task.h) notice when the process dies, for a program that serves on. Returns 0
 * or an errno. NULL is left alone.
 */
int outside_watch(struct outside *outside);

/*
 * Whether the process has died, which is logged. The sandbox does not let it be started again: the
 * program has to end and be started anew.
 */
bool outside_is_broken(const struct outside *outside);

/*
 * Runs the command of a base whose source is `process` and gives what it printed, at most 64 KiB.
 * Its environment is PATH, HOME, USER, LOGNAME, LANG alone, its folder /, its standard input
 * /dev/null. In a task others have their turn meanwhile.
 *
 * The program must be root's and nobody else's to write, as common/trusted_file.h has it, which is
 * looked at each time. Whatever it leaves running is killed with it, in other sessions too; only
 * when the process that watches over it is killed itself can what had left its process group stay.
 *
 * Returns 0 and fills *output, which the caller frees; EACCES when it must not or cannot be run;
 * EIO when it failed or printed too much; ETIMEDOUT when it was killed at the deadline; EPIPE when
 * the process outside has ended; ESTALE when it was not started for this base; or another errno.
 * Then a sentence in `why`: how it ended, and the first line of its standard error, escaped.
 */
int outside_run(struct outside *outside, const struct base *base, struct deadline deadline,
                struct secret *output, char *why, size_t why_size);

enum outside_key { OUTSIDE_KEY_RSA, OUTSIDE_KEY_EC };

#define OUTSIDE_BYTES_MAX ((size_t)1024)

/*
 * Signs `length` bytes, OUTSIDE_BYTES_MAX at most, with the key that `base->key`, a pkcs11: URI,
 * names: SHA-256 with RSA PKCS#1 v1.5, or with ECDSA, the signature then in ASN.1 DER. Sets
 * *signature_length, which must be room for the signature at first. Returns as outside_run.
 */
int outside_sign(struct outside *outside, const struct base *base, enum outside_key kind,
                 const void *bytes, size_t length, unsigned char *signature,
                 size_t *signature_length, struct deadline deadline, char *why, size_t why_size);

#endif
