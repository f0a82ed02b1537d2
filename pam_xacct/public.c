/*
 * The entry points that PAM calls. Authentication and passwords are not ours; setcred says success,
 * since PAM runs it over the frozen chain of the authentication and an ignore could turn it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#pragma GCC visibility push(default)
#include <security/pam_modules.h>
#pragma GCC visibility pop

#include "pam_xacct/internal.h"

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_IGNORE;
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}

int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct call call;
    int result;

    call_begin(&call, TASK_CHECK, pamh, flags, argc, argv);
    result = account_check(&call);
    call_end(&call);
    return result;
}

int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct call call;
    int result;

    call_begin(&call, TASK_OPEN, pamh, flags, argc, argv);
    result = session_open(&call);
    call_end(&call);
    return result;
}

int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct call call;
    int result;

    call_begin(&call, TASK_CLOSE, pamh, flags, argc, argv);
    result = session_close(&call);
    call_end(&call);
    return result;
}

int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_IGNORE;
}
