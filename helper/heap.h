/*
 * The heap of a helper that is started for one login.
 *
 * It grows by page after page, and each costs a fault: with forty libraries to load that is a tenth
 * of the login. In one huge page it costs one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HEAP_H
#define XACCT_HELPER_HEAP_H

/*
 * Puts the heap below the boundary of a huge page, so that all but its first 32 KB comes to lie in
 * one. To be called before anything is allocated; else the part before it stays where it is. What
 * cannot be had leaves the heap as malloc(3) has it, as a sanitizer's or valgrind's always is.
 */
void heap_begin(void);

/*
 * Has that huge page given in one piece when it is touched first: 2 MB, which are more than a login
 * needs, and where one is free, less than it takes the kernel to give half of them page by page;
 * where none is, the kernel may look for one for a moment, and gives small ones then, as one
 * without huge pages does. Not before the process has forked: of a huge page that two have, each
 * page that one of them writes to is copied by itself, which is what a process for programs and
 * PKCS#11 modules of [base] sections costs (helper/outside.h).
 */
void heap_widen(void);

#endif
