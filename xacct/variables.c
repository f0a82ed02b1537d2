/*
 * Which variables go, and which come.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/variables.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "xacct/json_text.h"
#include "xacct/own_profiles.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define SHARED_FILE "AWS_SHARED_CREDENTIALS_FILE"

static const char *const family[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    SHARED_FILE,
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_ACCOUNT_ID",
    "XACCT_ROLE",
    "XACCT_ROLE_ARN",
    "XACCT_ACCOUNT",
    "XACCT_UNTIL",
    "XACCT_ERROR",
};

static const char *const accepted[] = {WIRE_ENVIRONMENT};

/* Half of these would make an SDK look for the other half somewhere else. */
static const char *const together[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                       "AWS_SESSION_TOKEN"};

bool variables_file_is_ours(const char *path)
{
    char own[PATH_MAX];

    return path != NULL && (strcmp(path, CREDENTIALS_FILE) == 0 ||
                            (own_profiles_path(own, sizeof own) && strcmp(path, own) == 0));
}

const char *variables_to_unset(size_t *cursor)
{
    while (*cursor < COUNT(family)) {
        const char *name = family[(*cursor)++];

        if (strcmp(name, SHARED_FILE) != 0 || variables_file_is_ours(getenv(SHARED_FILE)))
            return name;
    }
    return NULL;
}

const char *variables_next(const struct frame *reply, size_t *cursor)
{
    const char *string;

    while ((string = frame_next(reply, cursor)) != NULL)
        if (string[0] >= 'A' && string[0] <= 'Z')
            return string;
    return NULL;
}

const char *variables_value(const char *string, char *path, size_t size)
{
    const char *value = strchr(string, '=') + 1;

    if (strncmp(string, SHARED_FILE "=", sizeof SHARED_FILE) == 0 &&
        strcmp(value, CREDENTIALS_FILE) == 0 && own_profiles_write() &&
        own_profiles_path(path, size))
        return path;
    return value;
}

static bool is_accepted(const char *string, size_t length)
{
    size_t i;

    for (i = 0; i < COUNT(accepted); i++)
        if (strlen(accepted[i]) == length && memcmp(accepted[i], string, length) == 0)
            return true;
    return false;
}

/* What is wrong with a value, or NULL. */
static const char *value_fault(const char *value)
{
    const unsigned char *byte = (const unsigned char *)value;

    if (*byte == '\0')
        return "an empty value";
    for (; *byte != '\0'; byte++)
        if (*byte < 0x20 || *byte == 0x7f)
            return "a value with control characters";
    return utf8_is_valid(value) ? NULL : "a value that is not UTF-8";
}

bool variables_check(const struct frame *reply, char *why, size_t why_size)
{
    size_t i, cursor = 0, present = 0;
    const char *string;

    while ((string = variables_next(reply, &cursor)) != NULL) {
        size_t length = strcspn(string, "=");
        const char *fault = value_fault(string + length + 1);

        if (!is_accepted(string, length))
            fault = "which is not one of its own";
        if (fault != NULL) {
            snprintf(why, why_size, "it carries %.*s, %s", (int)length, string, fault);
            return false;
        }
    }
    for (i = 0; i < COUNT(together); i++)
        present += frame_get(reply, together[i]) != NULL;
    if (present != 0 && present != COUNT(together))
        snprintf(why, why_size, "it carries a part of a credential only");
    else if (frame_get(reply, "XACCT_ROLE") == NULL)
        snprintf(why, why_size, "it carries no role");
    else
        return true;
    return false;
}
