/*
 * ARNs and role names. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_ARN_H
#define XACCT_POLICY_ARN_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/arena.h"

#define ACCOUNT_ID_LENGTH ((size_t)12)
#define ROLE_ARN_LONGEST  ((size_t)2048) /* STS API reference, AssumeRole */

/* Whether `id` is twelve digits. */
bool arn_is_account_id(const char *id);

/* The parts of an ARN, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE; they point into it. */
struct arn {
    const char *partition;
    size_t partition_length;
    const char *region; /* empty where the service has none, as IAM */
    size_t region_length;
    const char *account;
    size_t account_length;
    const char *resource;
};

/*
 * Takes an ARN of this service apart, such as "rolesanywhere". Returns false when `text` has not
 * that form. Whether the region is one and which account it is is not looked at.
 */
bool arn_parse_of(const char *service, const char *text, struct arn *arn);

/* The same of IAM, arn:PARTITION:iam::ACCOUNT:RESOURCE. */
bool arn_parse(const char *text, struct arn *arn);

/*
 * The ARN of the role of this path and name in the account with this id, in `memory`; NULL without
 * memory.
 */
char *arn_of_role(struct arena *memory, const char *partition, const char *account_id,
                  const char *path);

/* Whether the ARN's partition or account is this one. */
bool arn_has_partition(const struct arn *arn, const char *partition);
bool arn_has_account(const struct arn *arn, const char *account);

/* Whether its account is an id, twelve digits: that of a managed policy of AWS's is "aws". */
bool arn_has_account_id(const struct arn *arn);

/*
 * Checks a role's path and name, "bastion/Auditor" or "Auditor", each of which may hold templates
 * that check out. Returns NULL, or what is wrong as a constant string.
 * Source: IAM API reference, CreateRole: RoleName and Path.
 */
const char *arn_role_path_fault(const char *path);

#endif
