/*
 * What the helper gives up before it reads the first byte of a request: new privileges, most system
 * calls, most of the file system, core dumps, being traced by its own user.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SANDBOX_H
#define XACCT_HELPER_SANDBOX_H

#include <stddef.h>

/*
 * First of all in main: no core dump, not dumpable (so /proc/PID/mem and environ are closed to the
 * helper's own user too), no new privileges. Returns 0, or an errno.
 */
int sandbox_prepare(void);

/*
 * Limits the descriptors of the process, and of what it starts from then on, to `most`. Less, when
 * it was started with a lower hard limit.
 */
void sandbox_limit_descriptors(unsigned most);

/*
 * Closes the sandbox of the helper proper: Landlock, reading below `readable` and the system's own
 * folders, writing below `writable`; and a seccomp list that answers EPERM to everything else. The
 * lists end in NULL; a folder that does not exist is left out. Where the kernel lacks a part this
 * is logged and the rest still holds. Returns 0, or an errno when a part failed that the kernel
 * has.
 *
 * A build with XACCT_WITHOUT_SANDBOX leaves seccomp and Landlock out: LeakSanitizer spins under the
 * one and valgrind does not know the other.
 */
int sandbox_close_helper(const char *const *readable, const char *const *writable);

/*
 * Closes the sandbox of a look-up process. It may make no process, send no signal and else the same
 * calls as the helper, as NSS loads what the host's admin chose; but of /etc it sees what NSS
 * needs, and neither the policy nor the base credentials, so that a fault in some directory's
 * client code is not the loss of every client's key.
 */
int sandbox_close_lookup(void);

/*
 * The files, one by one, that the sandbox of a look-up process leaves open, and that it sees as
 * they were when it closed: one that is replaced afterwards, as useradd(8) does, is another file,
 * and is closed to it. The list ends in NULL.
 */
const char *const *sandbox_lookup_files(void);

/*
 * Closes the sandbox of the process that forks look-up processes: that of one, but that it may
 * fork, may name what lies below /etc, and may close the sandbox of its children, and
 */
int sandbox_close_forker(void);

/* closes the sandbox of a look-up process that was forked there, around the files as they are now.
 */
int sandbox_close_forked(void);

/*
 * Closes the sandbox of the process that starts what runs outside, and of all that it starts: it
 * may trace no process, enter or make no namespace, mount nothing, open no raw socket, load nothing
 * into the kernel, and send signals to what it started alone. Files are open as they are to the
 * helper's user. Returns 0 or an errno, which is logged; 0, too, where the kernel has no seccomp or
 * Landlock.
 */
int sandbox_close_outside(void);

/*
 * Closes it further for one run, of a program or a module: the files `closed`, as
 * sandbox_landlock_without has them, and all processes but those that it starts, so that it cannot
 * end who watches over it. Returns as above, and logs nothing.
 */
int sandbox_close_run(const char *const *closed);

/* Closes it further for a process that loads a PKCS#11 module: that executes nothing. */
int sandbox_close_module(void);

/*
 * Says in the log which part of the sandboxes this kernel knows only in an older form; for the
 * start of the service, before it closes its own, as each login need not say so again.
 */
void sandbox_tell_what_is_lacking(void);

#endif
