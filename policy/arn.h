/*
 * ARNs and role names. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_ARN_H
#define XACCT_POLICY_ARN_H

#include <stdbool.h>
#include <stddef.h>

#define ACCOUNT_ID_LENGTH ((size_t)12)
#define ROLE_ARN_LONGEST  ((size_t)2048) /* STS API reference, AssumeRole */

/* Whether `id` is twelve digits. */
bool arn_is_account_id(const char *id);

/* The parts of an IAM ARN, arn:PARTITION:iam::ACCOUNT:RESOURCE; they point into it. */
struct arn {
    const char *partition;
    size_t partition_length;
    const char *account;
    size_t account_length;
    const char *resource;
};

/* Takes an IAM ARN apart. Returns false when `text` has not that form. */
bool arn_parse(const char *text, struct arn *arn);

/* Whether the ARN's partition or account is this one. */
bool arn_has_partition(const struct arn *arn, const char *partition);
bool arn_has_account(const struct arn *arn, const char *account);

/*
 * Checks a role's path and name, "bastion/Auditor" or "Auditor", each of which may hold templates
 * that check out. Returns NULL, or what is wrong as a constant string.
 * Source: IAM API reference, CreateRole: RoleName and Path.
 */
const char *arn_role_path_fault(const char *path);

#endif
