/*
 * Who has made a call: found on the stack.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FAULTS_WHOSE_H
#define XACCT_TESTS_FAULTS_WHOSE_H

#include <stddef.h>

#include "tests/faults/plan.h"

/* Finds out what this process is, and where its parts lie. Called once, before anything else. */
void whose_prepare(void);

/* Which side of a login this process is. */
enum place whose_place(void);

/* Whose the call is that returns to `caller`. */
enum whose whose_is(const void *caller);

/* Writes the callers from `caller` on, parted by tabs, as NAME and OBJECT+0xOFFSET for
 * addr2line(1). */
void whose_trace(char *text, size_t size, const char *name, const void *caller);

#endif
