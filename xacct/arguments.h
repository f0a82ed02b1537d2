/*
 * Arguments that are nobody else's business.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ARGUMENTS_H
#define XACCT_XACCT_ARGUMENTS_H

/*
 * Takes main's arguments out of what the kernel shows to every user of the host (proc(5), cmdline):
 * they name roles, and so clients, and people. What stands there from then on is the program's name
 * alone. Returns a copy of them that ends in NULL and lasts as long as the process; or `argv` as it
 * was where there is no memory.
 */
char **arguments_take(int argc, char **argv);

#endif
