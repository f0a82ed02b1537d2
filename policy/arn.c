/*
 * Forms of ARNs and role names.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/arn.h"

#include <string.h>

#include "policy/template.h"
#include "policy/values.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

bool arn_is_account_id(const char *id)
{
    return value_is_of(id, DIGITS, ACCOUNT_ID_LENGTH, ACCOUNT_ID_LENGTH);
}

bool arn_parse(const char *text, struct arn *arn)
{
    static const char service[] = ":iam::";

    if (strncmp(text, "arn:", 4) != 0)
        return false;
    arn->partition = text + 4;
    arn->partition_length = strspn(arn->partition, LOWER "-");
    text = arn->partition + arn->partition_length;
    if (arn->partition_length == 0 || strncmp(text, service, sizeof service - 1) != 0)
        return false;
    arn->account = text + sizeof service - 1;
    arn->account_length = strspn(arn->account, LOWER DIGITS);
    if (arn->account_length == 0 || arn->account[arn->account_length] != ':')
        return false;
    arn->resource = arn->account + arn->account_length + 1;
    return true;
}

bool arn_has_partition(const struct arn *arn, const char *partition)
{
    return strlen(partition) == arn->partition_length &&
           memcmp(partition, arn->partition, arn->partition_length) == 0;
}

bool arn_has_account(const struct arn *arn, const char *account)
{
    return strlen(account) == arn->account_length &&
           memcmp(account, arn->account, arn->account_length) == 0;
}

/* Whether a letter or digit stands outside the templates, or there is no template. */
static bool has_literal_part(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" LOWER DIGITS;
    enum template_name name;
    const char *start;
    const char *after;
    bool templated = false;

    for (; (start = template_find(text, &name, &after)) != NULL; text = after) {
        templated = true;
        if (text + strcspn(text, letters) < start)
            return true;
    }
    return !templated || strpbrk(text, letters) != NULL;
}

const char *arn_role_path_fault(const char *path)
{
    char outline[ROLE_ARN_LONGEST + 1];
    const char *part = outline;
    size_t length;

    if (strlen(path) >= sizeof outline)
        return "it is too long";
    template_outline(path, outline);
    while (part[length = strcspn(part, "/")] == '/') {
        size_t i;

        if (length == 0)
            return "a part of the path is empty; write PATH/NAME without a / at the beginning";
        for (i = 0; i < length; i++)
            if (part[i] < 0x21 || part[i] > 0x7e)
                return "a path may hold visible ASCII characters only";
        part += length + 1;
    }
    /* IAM counts the slashes around the path. */
    if (part - outline > 511)
        return "the path has more than 512 characters";
    if (!value_is_of(part, VALUE_NAME_BYTES, 1, 64))
        return "a role's name has 1 to 64 letters, digits and _+=,.@-";
    if (!has_literal_part(path))
        return "a name made of templates needs a part that is not, lest a user's name reach any "
               "role";
    return NULL;
}
