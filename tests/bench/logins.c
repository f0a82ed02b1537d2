/*
 * How long libpam takes over a login. `logins CONFDIR`; each line is SERVICE USER KEYS: the stack
 * in CONFDIR, who logs in, and whether the session has AWS credentials afterwards ("keys" or
 * "none"), without which it is a failure. Measured is what a login program waits for: pam_start,
 * which loads the modules, the account phase, and the opening of the session.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/meter.h"

static const char *confdir;

/* What the module tells the user is not looked at. */
static int converse(int count, const struct pam_message **messages, struct pam_response **responses,
                    void *unused)
{
    (void)messages, (void)unused;
    *responses = calloc((size_t)count, sizeof **responses);
    return *responses != NULL ? PAM_SUCCESS : PAM_CONV_ERR;
}

static void must(const char *what, pam_handle_t *pamh, int code)
{
    if (code != PAM_SUCCESS)
        meter_fail("%s: %s (%s)", what, pam_strerror(pamh, code),
                   pamh != NULL && pam_getenv(pamh, "XACCT_ERROR") != NULL
                       ? pam_getenv(pamh, "XACCT_ERROR")
                       : "no XACCT_ERROR");
}

static long long measure(char *line)
{
    static const struct pam_conv conversation = {.conv = converse};
    const char *service = strsep(&line, " "), *user = strsep(&line, " ");
    const bool wants_keys = line != NULL && strcmp(line, "keys") == 0;
    pam_handle_t *pamh = NULL;
    long long start, end;

    start = meter_now();
    must("pam_start", pamh, pam_start_confdir(service, user, &conversation, confdir, &pamh));
    must("pam_acct_mgmt", pamh, pam_acct_mgmt(pamh, 0));
    must("pam_open_session", pamh, pam_open_session(pamh, 0));
    end = meter_now();
    if (wants_keys != (pam_getenv(pamh, "AWS_SECRET_ACCESS_KEY") != NULL))
        meter_fail("a login of %s by %s has %s credentials", user, service,
                   wants_keys ? "no" : "unwanted");
    must("pam_close_session", pamh, pam_close_session(pamh, 0));
    pam_end(pamh, PAM_SUCCESS);
    return end - start;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    confdir = argv[1];
    return meter_run(measure);
}
