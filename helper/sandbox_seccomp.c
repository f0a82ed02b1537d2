/*
 * Closing the sandbox of system calls, as seccomp(2) has it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sandbox_seccomp.h"

#ifndef XACCT_WITHOUT_SANDBOX

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int sandbox_seccomp(enum sandbox_calls calls)
{
    const struct sandbox_program *made = &sandbox_programs[calls];
    /* The kernel copies it and writes nothing. */
    const struct sock_fprog program = {made->count, (struct sock_filter *)made->steps};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return errno;
    return 0;
}

#else

int sandbox_seccomp(enum sandbox_calls calls)
{
    (void)calls;
    return 0;
}

#endif
