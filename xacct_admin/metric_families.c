/*
 * The table of metrics.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/metric_families.h"

#include <stddef.h>
#include <string.h>

const struct metric_family metric_families[] = {
    {METRIC_UP, METRIC_GAUGE, "Whether the service has told its numbers.", ""},
    {METRIC_BUILD, METRIC_GAUGE,
     "1, with the version of the helper, or where none answers of the command.", "version"},
    {"xacct_service_start_time_seconds", METRIC_GAUGE, "When the service began to count.", ""},
    {"xacct_sessions", METRIC_GAUGE, "Live sessions.", ""},
    {"xacct_logins_total", METRIC_COUNTER, "Sessions that were opened, by PAM service.", "service"},
    {"xacct_refusals_total", METRIC_COUNTER,
     "Requests of logins and of users that came to nothing, by operation and reason.",
     "operation reason"},
    {"xacct_credentials_handed_out_total", METRIC_COUNTER,
     "Credentials of roles that were handed out, by where they came from and what for.",
     "source purpose"},
    {"xacct_sts_requests_total", METRIC_COUNTER, "Calls of STS, by what became of them.",
     "region result"},
    {"xacct_sts_request_duration_seconds", METRIC_HISTOGRAM, "How long calls of STS took.",
     "region le"},
    {"xacct_base_failures_total", METRIC_COUNTER,
     "Times that the source of a [base] gave no credentials.", ""},
    {"xacct_lookup_timeouts_total", METRIC_COUNTER,
     "Look-ups of users and groups that NSS did not answer in time.", ""},
    {"xacct_audit_failures_total", METRIC_COUNTER,
     "Lines of the audit file that could not be written.", ""},
    {"xacct_policy_info", METRIC_GAUGE, "1, with the hash of the policy in force.", "hash"},
    {"xacct_policy_in_force_timestamp_seconds", METRIC_GAUGE,
     "When the policy in force came into force on this host.", ""},
    {"xacct_policy_broken", METRIC_GAUGE, "Whether the policy on disk is broken and passed over.",
     ""},
    {"xacct_policy_broken_since_timestamp_seconds", METRIC_GAUGE, "Since when it is, while it is.",
     ""},
    {"xacct_grant_end_timestamp_seconds", METRIC_GAUGE,
     "When grants for this host end that have not ended; without section, the earliest.",
     "section"},
    {"xacct_certificate_end_timestamp_seconds", METRIC_GAUGE,
     "When certificates of [base] sections end; without section, the earliest.", "section"},
    {.name = NULL},
};

const char *metric_type_name(enum metric_type type)
{
    static const char *const names[] = {
        [METRIC_GAUGE] = "gauge", [METRIC_COUNTER] = "counter", [METRIC_HISTOGRAM] = "histogram"};

    return names[type];
}

/* Whether these are what stands behind a family's name in the name of one of its numbers. */
static bool is_ending(enum metric_type type, const char *text)
{
    return type == METRIC_HISTOGRAM ? strcmp(text, "_bucket") == 0 || strcmp(text, "_sum") == 0 ||
                                          strcmp(text, "_count") == 0
                                    : *text == '\0';
}

const struct metric_family *metric_family_of(const char *metric)
{
    const struct metric_family *family = metric_families;
    size_t length;

    for (; metric != NULL && family->name != NULL; family++) {
        length = strlen(family->name);
        if (strncmp(metric, family->name, length) == 0 && is_ending(family->type, metric + length))
            return family;
    }
    return NULL;
}

bool metric_family_has(const struct metric_family *family, const char *label)
{
    const size_t length = strlen(label);
    const char *at = family->labels;

    for (; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == length && memcmp(at, label, length) == 0)
            return true;
    return false;
}
