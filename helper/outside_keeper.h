/*
 * Who watches over one run outside the sandbox, from its start until nothing is left of it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OUTSIDE_KEEPER_H
#define XACCT_HELPER_OUTSIDE_KEEPER_H

#include "helper/outside_forker.h"

/*
 * Runs the command of `base`, one of `policy`, or has its key sign, in a process, session and
 * sandbox of its own, to which what outside_closed.h lists is closed; waits until that ends, the
 * deadline passes, or the helper closes its end of the control socket; kills what is left of it,
 * whatever session that has moved to (prctl(2), PR_SET_CHILD_SUBREAPER); and sends a struct
 * outside_ending. To be called in a process of its own, which ends afterwards.
 */
void outside_keeper_run(const struct outside_request *request, const struct policy *policy,
                        const struct base *base, const int handed[HANDOVER_COUNT]);

#endif
