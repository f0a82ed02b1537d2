/*
 * The arena of secrets for those tests that need no particular one. To be included after cmocka.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_SECRET_SETTING_H
#define XACCT_TESTS_SECRET_SETTING_H

#include <stddef.h>

#include "common/secret.h"

#define SECRET_ARENA_SIZE ((size_t)4 * 1024 * 1024)

/* A set-up of cmocka's: a fresh arena of that size. */
static inline int open_arena(void **state)
{
    (void)state;
    return secret_arena_open(SECRET_ARENA_SIZE);
}

/* The tear-down for it. */
static inline int close_arena(void **state)
{
    (void)state;
    secret_arena_close();
    return 0;
}

#endif
