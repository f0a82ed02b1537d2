/*
 * The file that libpam loads for a module, and whether it is root's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_MODULE_FILE_H
#define XACCT_XACCT_ADMIN_MODULE_FILE_H

#include <stdbool.h>

#include "pam_xacct/internal.h"
#include "policy/arena.h"

/*
 * Finds the file of a module as a line names it: by its path, or by a name that libpam looks for in
 * its folders. Returns the path in `memory`; or NULL where a file is in none of them, or without
 * memory. Whether a path is there is not looked at. Source: pam.d(5), on module-path.
 */
const char *module_file_find(const char *module, struct arena *memory);

/*
 * Whether the file of this absolute path is root's, and nobody else may write it or the way to it.
 * Links are followed where root alone can have put them, as /lib is one to usr/lib. Unlike a
 * program it need not be executable. Fills *fault if not.
 */
bool module_file_is_trusted(const char *path, struct path_fault *fault);

#endif
