/*
 * What the keys of a [base] mean together. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_CHECK_BASE_H
#define XACCT_POLICY_CHECK_BASE_H

#include "policy/loader.h"

/*
 * Whether the key of a base is a URI of one in a PKCS#11 token, by its beginning (RFC 7512), and
 * not the path of a file.
 */
bool base_key_is_pkcs11(const char *key);

/*
 * Fills in the region of the base, the trust anchor's where it has one, and tells what is wrong
 * with values that its source judges: endpoints that keys may not come from, ARNs of another
 * region or partition, a key in a token without its module. `base` is of `section`, whose source is
 * known.
 */
void check_base(struct loader *loader, const struct section *section, struct base *base);

#endif
