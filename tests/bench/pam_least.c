/*
 * The least that a PAM module can be which asks a service, or starts a program. With one argument,
 * a socket, both phases ask who listens there about the user, and succeed if that answers. With
 * `run PROGRAM ARGUMENT...` they start it, and succeed if it ends with 0.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <security/pam_modules.h>
#include <spawn.h>
#include <sys/wait.h>

#include "tests/bench/least.h"

#define EXPORTED       __attribute__((visibility("default")))
#define ARGUMENTS_MOST 8

static int run(int argc, const char **argv)
{
    char *arguments[ARGUMENTS_MOST + 1] = {NULL}, *nothing[] = {NULL};
    int status = -1;
    pid_t child;

    if (argc > ARGUMENTS_MOST)
        return PAM_SYSTEM_ERR;
    /* PAM's own list need not end with NULL; posix_spawn(3) changes no argument. */
    memcpy(arguments, argv, (size_t)argc * sizeof *argv);
    if (posix_spawn(&child, argv[0], NULL, NULL, arguments, nothing) != 0 ||
        waitpid(child, &status, 0) != child)
        return PAM_SYSTEM_ERR;
    return status == 0 ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}

static int ask(const pam_handle_t *pamh, int argc, const char **argv)
{
    const void *user = NULL;

    if (argc > 1 && strcmp(argv[0], "run") == 0)
        return run(argc - 1, argv + 1);
    if (argc != 1 || pam_get_item(pamh, PAM_USER, &user) != PAM_SUCCESS || user == NULL)
        return PAM_SYSTEM_ERR;
    return least_ask(argv[0], user, true) ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}

EXPORTED int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags;
    return ask(pamh, argc, argv);
}

EXPORTED int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags;
    return ask(pamh, argc, argv);
}

EXPORTED int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}
