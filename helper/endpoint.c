/*
 * Hosts of services by the table of partitions.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/endpoint.h"

#include <errno.h>
#include <stdio.h>

#include "policy/partition.h"

int endpoint_find(enum endpoint_service service, const char *region, bool fips, bool dual_stack,
                  char *url, size_t size)
{
    static const char *const names[] = {
        [ENDPOINT_STS] = "sts",
        [ENDPOINT_ROLES_ANYWHERE] = "rolesanywhere",
    };
    const struct partition *partition = partition_of_region(region);
    int written;

    if (partition == NULL)
        return EINVAL;
    if (dual_stack && partition->dual_stack == NULL)
        return ENOTSUP;
    if (service == ENDPOINT_STS && partition->sts_is_fips && !dual_stack)
        fips = false;
    written = snprintf(url, size, "https://%s%s.%s.%s/", names[service], fips ? "-fips" : "",
                       region, dual_stack ? partition->dual_stack : partition->suffix);
    return written < 0 || (size_t)written >= size ? ENOBUFS : 0;
}
