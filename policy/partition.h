/*
 * AWS's partitions: which regions are theirs and what their hosts are called.
 * Source: the partitions and endpoint rules that AWS's SDKs ship, against which the tests hold it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_PARTITION_H
#define XACCT_POLICY_PARTITION_H

#include <stdbool.h>

struct partition {
    const char *name;       /* as in ARNs, such as "aws-cn" */
    const char *regions;    /* what their names begin with, up to PLACE-NUMBER */
    const char *suffix;     /* of the hosts of its services */
    const char *dual_stack; /* of those that have IPv6 as well; NULL where there are none */
    bool sts_is_fips;       /* the plain hosts of STS are those that are validated by FIPS 140 */
};

/*
 * The partition of a region; NULL when the text has not the form of one. A region of two letters,
 * a place and a number that no other partition has is of the partition aws, as the SDKs take it, so
 * that a new part of the world needs no new version.
 */
const struct partition *partition_of_region(const char *region);

/*
 * Whether both regions are of one partition. Each has the form of a region, or is NULL, which is
 * one that is not known and may be in any.
 */
bool partition_is_shared(const char *region, const char *other);

#endif
