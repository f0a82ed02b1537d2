/*
 * Arguments NAME=VALUE of the programs that tests in Python run.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_ARGUMENTS_H
#define XACCT_TESTS_ARGUMENTS_H

#include <stdlib.h>
#include <string.h>

#include "common/secret.h"

/* The value of the `nth` of main's arguments with this name, or NULL. */
static inline char *argument(char **arguments, const char *name, size_t nth)
{
    size_t length = strlen(name);

    for (; *arguments != NULL; arguments++)
        if (strncmp(*arguments, name, length) == 0 && (*arguments)[length] == '=' && nth-- == 0)
            return *arguments + length + 1;
    return NULL;
}

/* The number that stands there, or `otherwise`. */
static inline long number(char **arguments, const char *name, long otherwise)
{
    const char *text = argument(arguments, name, 0);

    return text != NULL ? strtol(text, NULL, 10) : otherwise;
}

/* A secret, which is empty where the argument is not there, and which the caller frees. */
static inline struct secret secret_argument(char **arguments, const char *name)
{
    const char *value = argument(arguments, name, 0);
    struct secret secret = {0};

    if (value != NULL && secret_copy(&secret, value, strlen(value)) != 0)
        exit(1);
    return secret;
}

#endif
