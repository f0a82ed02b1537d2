/*
 * What a role takes over from its account and from the host. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_SETTINGS_H
#define XACCT_POLICY_SETTINGS_H

#include "policy/loader.h"
#include "policy/partition.h"

/*
 * Fills what `settings` leave open from the account's and then the host's, and joins their tags
 * with the account's, of which they keep their own where two disagree. Settings with a base of
 * their own take no base role over. What cannot be sent with the user's own token (`via`) is taken
 * out, whoever said it. What is made for it lies in `memory`. Returns false without memory.
 */
bool settings_complete(struct role_settings *settings, const struct account *account,
                       const struct policy *policy, struct arena *memory);

/* The region whose STS is asked first by these settings, or NULL when that is not known. */
const char *settings_sts_region(const struct role_settings *settings);

/*
 * The partition of the roles of this account that have the settings `own`, before or after
 * settings_complete. The policy is whole.
 */
const struct partition *settings_partition(const struct role_settings *own,
                                           const struct account *account,
                                           const struct policy *policy);

/* Tells the loader what is wrong with the settings of the account of this section. */
void settings_check_account(struct loader *loader, const struct section *section,
                            const struct account *account);

/*
 * Tells the loader what is wrong with the settings `whole` that settings_complete made of the
 * section's `own` for a role in this account.
 */
void settings_check(struct loader *loader, const struct section *section,
                    const struct account *account, const struct role_settings *own,
                    const struct role_settings *whole);

#endif
