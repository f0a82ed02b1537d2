/*
 * What libnss_xacct asks for: Unix groups that show who may use what.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_GROUP_OPERATIONS_H
#define XACCT_HELPER_GROUP_OPERATIONS_H

#include "helper/progress.h"

/* Finds the groups that the request is about and that whoever asks may know of. */
void group_look_up(struct progress *progress);

/*
 * The part of progress_decide for it: whose groups, and which. Sets progress->groups, to none where
 * the user is not the one who asks. Returns the status, with the reason in the outcome; where that
 * is UNAVAILABLE the groups that are set are those that stand without what was not answered.
 */
enum status group_decide(struct progress *progress);

#endif
