/*
 * The table of partitions.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/partition.h"

#include <stddef.h>
#include <string.h>

#include "policy/values.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* The first that fits counts. A * is any letter. */
static const struct partition partitions[] = {
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", false},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", true},
    {"aws-iso", "us-iso-", "c2s.ic.gov", NULL, false},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", NULL, false},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", NULL, false},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", NULL, false},
    {"aws-eusc", "eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu", false},
    {"aws", "**-", "amazonaws.com", "api.aws", false},
};

/* What stands behind the beginning `form`, where a * is any letter; NULL when it does not. */
static const char *behind(const char *text, const char *form)
{
    for (; *form != '\0'; form++, text++)
        if (*form == '*' ? *text == '\0' || strchr(LOWER, *text) == NULL : *text != *form)
            return NULL;
    return text;
}

/* Whether the text is letters, '-' and digits, as in "southeast-2". */
static bool is_place(const char *text)
{
    size_t letters = strspn(text, LOWER);

    return letters > 0 && text[letters] == '-' && value_is_of(text + letters + 1, DIGITS, 1, 3);
}

const struct partition *partition_of_region(const char *region)
{
    size_t i;

    for (i = 0; i < sizeof partitions / sizeof *partitions; i++) {
        const char *place = behind(region, partitions[i].regions);

        if (place != NULL && is_place(place))
            return &partitions[i];
    }
    return NULL;
}

bool partition_is_shared(const char *region, const char *other)
{
    return region == NULL || other == NULL || strcmp(region, other) == 0 ||
           partition_of_region(region) == partition_of_region(other);
}
