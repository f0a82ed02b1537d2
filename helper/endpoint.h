/*
 * AWS's endpoints, by partition and region.
 * Source: AWS General Reference, "AWS service endpoints"; the partitions and endpoint rules that
 * AWS's SDKs ship, against which the tests hold it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ENDPOINT_H
#define XACCT_HELPER_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

enum endpoint_service { ENDPOINT_STS, ENDPOINT_ROLES_ANYWHERE };

/*
 * Writes the URL of a region's own endpoint of `service` to `url`: with `fips` the one that is
 * validated by FIPS 140, with `dual_stack` the one that has IPv6 as well. Returns 0; EINVAL when
 * the region's form is that of no partition; ENOTSUP when its partition has no such endpoint;
 * ENOBUFS.
 */
int endpoint_find(enum endpoint_service service, const char *region, bool fips, bool dual_stack,
                  char *url, size_t size);

#endif
