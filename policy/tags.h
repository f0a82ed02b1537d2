/*
 * Session tags of roles and accounts. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_TAGS_H
#define XACCT_POLICY_TAGS_H

#include "policy/loader.h"

/*
 * Makes *joined of both lists, the common ones first; a key in both is taken once, from `own`. A
 * list that is made for it lies in `memory`. Returns false without memory.
 */
bool tags_join(struct arena *memory, const struct tags *common, const struct tags *own,
               struct tags *joined);

/*
 * Tells the loader what is wrong with the tags of the section, `own`, beside those of the account,
 * and with the settings `whole` that were made of both: a key in both with another value, more tags
 * than STS takes, a transitive tag that is none.
 */
void tags_check(struct loader *loader, const struct section *section, const struct account *account,
                const struct tags *own, const struct role_settings *whole);

#endif
