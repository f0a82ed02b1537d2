/*
 * Humans that SSH certificates name: those of a [ca] of the policy, and no other.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_IDENTITY_CERTIFICATE_H
#define XACCT_HELPER_IDENTITY_CERTIFICATE_H

#include "helper/auth_info.h"
#include "helper/identity.h"

/* Whether certificates can name anybody: the policy has a [ca], and takes identities from them. */
bool identity_believes_certificates(const struct policy *policy);

/*
 * Takes the human from the certificate among the keys that a login was made with. Returns
 * PERMITTED, and sets identity->human where there is one of a [ca]; a key without certificate or
 * with one of nobody's that is listed is no business of ours. DENIED, with the reason in *outcome,
 * where one of a [ca] was not the only key, is not good at `now`, or gives a name that this [ca]
 * may not use; or where it cannot be told whose one is.
 */
enum status identity_from_certificate(const struct policy *policy, const struct auth_info *info,
                                      time_t now, struct identity *identity,
                                      struct outcome *outcome);

/*
 * The same for the certificate in a session's record: DENIED where the policy has its [ca] no more,
 * takes no identity from certificates any more, or the [ca] gives another name now or may not use
 * it. That it is still valid is decide()'s to say.
 */
enum status identity_from_record(const struct policy *policy, const struct session_record *record,
                                 struct identity *identity, struct outcome *outcome);

#endif
