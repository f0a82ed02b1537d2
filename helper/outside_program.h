/*
 * Executing a program of the admin's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OUTSIDE_PROGRAM_H
#define XACCT_HELPER_OUTSIDE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

/*
 * Whether only root can have written the program, or with `executable` false the library, at
 * `path`, and every folder above it; and whether it may be executed. Else a sentence in `why`.
 */
bool outside_program_is_trusted(const char *path, bool executable, char *why, size_t why_size);

/*
 * The environment of what runs outside: PATH, HOME, USER, LOGNAME, LANG. The user is looked up in
 * passwd(5) itself, as a directory may hang. Ends in NULL; static memory.
 */
char **outside_program_environment(void);

/* Becomes the program of a command. Returns only when it cannot, after a line on standard error. */
void outside_program_execute(const struct texts *command);

#endif
