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

/* Moves *text past `word` if it begins with that. */
static bool take_word(const char **text, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*text, word, length) != 0)
        return false;
    *text += length;
    return true;
}

/* Takes the part of such bytes from *text and moves it past the colon behind it. */
static bool take_part(const char **text, const char *allowed, const char **part, size_t *length)
{
    *part = *text;
    *length = strspn(*text, allowed);
    *text += *length;
    return take_word(text, ":");
}

bool arn_parse_of(const char *service, const char *text, struct arn *arn)
{
    if (!take_word(&text, "arn:") ||
        !take_part(&text, LOWER "-", &arn->partition, &arn->partition_length) ||
        !take_word(&text, service) || !take_word(&text, ":") ||
        !take_part(&text, LOWER DIGITS "-", &arn->region, &arn->region_length) ||
        !take_part(&text, LOWER DIGITS, &arn->account, &arn->account_length))
        return false;
    arn->resource = text;
    return arn->partition_length > 0 && arn->account_length > 0;
}

bool arn_parse(const char *text, struct arn *arn)
{
    return arn_parse_of("iam", text, arn) && arn->region_length == 0;
}

char *arn_of_role(struct arena *memory, const char *partition, const char *account_id,
                  const char *path)
{
    return arena_format(memory, "arn:%s:iam::%s:role/%s", partition, account_id, path);
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

bool arn_has_account_id(const struct arn *arn)
{
    return arn->account_length == ACCOUNT_ID_LENGTH &&
           strspn(arn->account, DIGITS) == ACCOUNT_ID_LENGTH;
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
