/*
 * What a role takes over from its account and from the host. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_SETTINGS_H
#define XACCT_POLICY_SETTINGS_H

#include "policy/loader.h"

/*
 * Fills what `settings` leave open from the account's and then the host's, and joins their tags
 * with the account's, of which they keep their own where two disagree. What is made for it lies in
 * `memory`. Returns false without memory.
 */
bool settings_complete(struct role_settings *settings, const struct account *account,
                       const struct policy *policy, struct arena *memory);

/*
 * Tells the loader what is wrong with the settings `whole` that settings_complete made of the
 * section's `own` for a role in this account.
 */
void settings_check(struct loader *loader, const struct section *section,
                    const struct account *account, const struct role_settings *own,
                    const struct role_settings *whole);

#endif
