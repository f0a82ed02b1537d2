/*
 * The session's variables in the PAM environment: all of them or none.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "pam_xacct/internal.h"

#define ERROR_NAME   "XACCT_ERROR"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const accepted[] = {WIRE_ENVIRONMENT};

/* Half of these would make an SDK look for the other half somewhere else. */
static const char *const together[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                       "AWS_SESSION_TOKEN"};

static bool is_environment(const char *string)
{
    return string[0] >= 'A' && string[0] <= 'Z';
}

static bool is_accepted(const char *string, size_t length)
{
    size_t i;

    for (i = 0; i < COUNT(accepted); i++)
        if (strlen(accepted[i]) == length && memcmp(accepted[i], string, length) == 0)
            return true;
    return false;
}

/* Whether a value may stand in an environment: not empty, no control characters. */
static bool is_good_value(const char *value)
{
    const unsigned char *byte = (const unsigned char *)value;

    if (*byte == '\0')
        return false;
    for (; *byte != '\0'; byte++)
        if (*byte < 0x20 || *byte == 0x7f)
            return false;
    return true;
}

static bool check_environment(struct call *call)
{
    size_t i, cursor = 0, present = 0;
    const char *string;

    while ((string = frame_next(&call->reply, &cursor)) != NULL) {
        size_t length = strcspn(string, "=");
        const char *fault = NULL;

        if (!is_environment(string))
            continue;
        if (!is_accepted(string, length))
            fault = "which is not one of ours";
        else if (!is_good_value(string + length + 1))
            fault = "with a value that is empty or holds control characters";
        if (fault != NULL) {
            outcome_set(call, STATUS_UNAVAILABLE, "the helper sent the variable %.*s, %s",
                        (int)length, string, fault);
            return false;
        }
    }
    for (i = 0; i < COUNT(together); i++)
        present += frame_get(&call->reply, together[i]) != NULL;
    if (present != 0 && present != COUNT(together)) {
        outcome_set(call, STATUS_UNAVAILABLE, "the helper sent a part of a credential only");
        return false;
    }
    return true;
}

/* Removing a name that is not there would be logged as an error by libpam. */
void environment_remove(pam_handle_t *pamh, const char *name)
{
    if (pam_getenv(pamh, name) != NULL)
        pam_putenv(pamh, name);
}

void environment_clear(pam_handle_t *pamh)
{
    size_t i;

    for (i = 0; i < COUNT(accepted); i++)
        environment_remove(pamh, accepted[i]);
    environment_remove(pamh, ERROR_NAME);
}

bool environment_export(struct call *call)
{
    size_t cursor = 0;
    const char *string;

    environment_clear(call->pamh);
    if (!check_environment(call))
        return false;
    while ((string = frame_next(&call->reply, &cursor)) != NULL) {
        /* PAM copies it; ours is overwritten with the reply. */
        if (is_environment(string) && pam_putenv(call->pamh, string) != PAM_SUCCESS) {
            environment_clear(call->pamh);
            outcome_set(call, STATUS_UNAVAILABLE,
                        "the PAM environment takes no more: not enough memory");
            return false;
        }
    }
    return true;
}

void environment_set_error(struct call *call)
{
    char error[64];

    environment_clear(call->pamh);
    snprintf(error, sizeof error, ERROR_NAME "=%s:%s", status_name(call->outcome.status),
             call->reference);
    pam_putenv(call->pamh, error);
}
