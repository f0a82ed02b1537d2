/*
 * The forker from inside: it forks look-up processes on request until its channel closes. It asks
 * no directory and knows no secret; its sandbox is that of a look-up process, which in addition may
 * fork and must still be able to close a child's sandbox further.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOOKUP_FORKER_H
#define XACCT_HELPER_LOOKUP_FORKER_H

#include "helper/lookup.h"

/* Serves requests from `channel` until it closes (for child.h, which hands on NULL). Reaps what it
 * has forked, and ends with it. */
void lookup_forker_run(int channel, const void *nothing);

/*
 * Asks the forker at the other end for a look-up process, without waiting. `generation` is that of
 * the files at this moment, before the process is forked. Returns 0 or an errno.
 */
int lookup_forker_ask(int channel, unsigned generation);

/*
 * Takes the answer to one request, without waiting. Returns 0 with the socket, pidfd and generation
 * of *lookup set, whose descriptors are the caller's; ENOMSG when there is no answer yet; EPIPE
 * when the forker has gone; or the errno of why there is no process.
 */
int lookup_forker_receive(int channel, struct lookup *lookup);

#endif
