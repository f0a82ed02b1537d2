/*
 * Which STS belongs to a region. The forms of regions and the DNS suffixes are those of AWS's
 * partitions; within one, a region is PREFIX + letters + '-' + digits.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "helper/sts.h"

/* The longer prefix of two stands first: "us-gov-" before "us-". */
static const struct {
    const char *prefix;
    const char *suffix;
} partitions[] = {
    {"us-gov-", "amazonaws.com"}, {"us-isob-", "sc2s.sgov.gov"},  {"us-isof-", "csp.hci.ic.gov"},
    {"us-iso-", "c2s.ic.gov"},    {"eu-isoe-", "cloud.adc-e.uk"}, {"eusc-de-", "amazonaws.eu"},
    {"cn-", "amazonaws.com.cn"},  {"us-", "amazonaws.com"},       {"eu-", "amazonaws.com"},
    {"ap-", "amazonaws.com"},     {"sa-", "amazonaws.com"},       {"ca-", "amazonaws.com"},
    {"me-", "amazonaws.com"},     {"af-", "amazonaws.com"},       {"il-", "amazonaws.com"},
    {"mx-", "amazonaws.com"},
};

/* Whether the text is letters, '-' and digits, as in "southeast-2". */
static bool is_place(const char *text)
{
    size_t letters = 0, digits = 0;

    while (islower((unsigned char)text[letters]))
        letters++;
    if (letters == 0 || text[letters] != '-')
        return false;
    text += letters + 1;
    while (isdigit((unsigned char)text[digits]))
        digits++;
    return digits > 0 && text[digits] == '\0';
}

int sts_regional_endpoint(const char *region, char *url, size_t size)
{
    size_t i, length;
    int written;

    for (i = 0; i < sizeof partitions / sizeof *partitions; i++) {
        length = strlen(partitions[i].prefix);
        if (strncmp(region, partitions[i].prefix, length) != 0 || !is_place(region + length))
            continue;
        written = snprintf(url, size, "https://sts.%s.%s/", region, partitions[i].suffix);
        return written < 0 || (size_t)written >= size ? ENOBUFS : 0;
    }
    return EINVAL;
}
