/*
 * Signing with a key in a PKCS#11 token.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OUTSIDE_MODULE_H
#define XACCT_HELPER_OUTSIDE_MODULE_H

#include "helper/outside_forker.h"
#include "policy/policy.h"

/*
 * Loads the module of `base`, signs what the request holds with the one private key that its URI
 * matches, and writes the signature to `output`. To be called in a process that ends with it: what
 * a module has begun nobody else ends. Returns 0, or -1 after a line on standard error.
 */
int outside_module_sign(const struct base *base, const struct outside_request *request, int output);

#endif
