/*
 * The host's own identities, the clock, and STS in each region in use: what the helper finds out by
 * asking STS who this host is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#include "policy/policy.h"
#include "xacct_admin/doctor.h"

#define CLOCK_WARNING 30  /* seconds by which clocks may differ without a word */
#define CLOCK_FAULT   240 /* AWS refuses signatures from five minutes on */

/* Says that there is no policy to look at. Returns whether there is one. */
static bool has_policy(struct doctor *doctor)
{
    if (doctor->reading.policy == NULL)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, (struct position){doctor->reading.path, 0},
                   "xacct check says what is wrong with it",
                   "the policy has errors, so what it names was not looked at");
    return doctor->reading.policy != NULL;
}

/* Whether a role, or another base, uses this one. */
static bool is_in_use(const struct policy *policy, const struct base *base)
{
    size_t i;

    if (base == policy->base)
        return true;
    for (i = 0; i < policy->role_count; i++)
        if (policy->roles[i].settings.base == base)
            return true;
    for (i = 0; i < policy->base_count; i++)
        if (policy->bases[i].successor == base)
            return true;
    for (i = 0; i < policy->pattern_count; i++)
        if (policy->patterns[i].settings.base == base)
            return true;
    return false;
}

static const struct helper_answer *ask_base(struct doctor *doctor, const struct base *base)
{
    /* In the words of examine_region, so that one call serves both. */
    return helper_ask(&doctor->helper,
                      &(struct helper_question){.base = base->name, .region = base->region});
}

static void examine_base(struct doctor *doctor, const struct base *base)
{
    const struct helper_answer *answer = ask_base(doctor, base);

    if (!answer->is_answered)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, base->at, NULL, "[%s]: %s", base->title,
                   answer->reason);
    else if (!answer->is_fine && answer->is_unavailable && answer->code != NULL)
        doctor_add(doctor, DOCTOR_WARNING, base->at, "try again later",
                   "whether [%s] works STS does not say now: %s", base->title, answer->reason);
    else if (!answer->is_fine)
        doctor_add(doctor, DOCTOR_FAULT, base->at, NULL, "[%s] does not work: %s", base->title,
                   answer->reason);
    else if (strstr(answer->arn, ":root") != NULL)
        doctor_add(doctor, DOCTOR_FAULT, base->at,
                   "make a user or role that may assume roles alone",
                   "[%s] (source = %s) is the root user of account %s, who may do everything there",
                   base->title, base_source_names[base->source], answer->account_id);
    else
        doctor_add(doctor, DOCTOR_OK, base->at, NULL, "[%s] (source = %s) is %s%s%s", base->title,
                   base_source_names[base->source], answer->arn,
                   answer->ends != NULL ? ", with credentials until " : "",
                   answer->ends != NULL ? answer->ends : "");
}

void doctor_base(struct doctor *doctor)
{
    size_t i;

    if (!has_policy(doctor))
        return;
    for (i = 0; i < doctor->reading.policy->base_count; i++)
        if (is_in_use(doctor->reading.policy, &doctor->reading.policy->bases[i]))
            examine_base(doctor, &doctor->reading.policy->bases[i]);
}

/* How far AWS's clock is from this host's. */
static void examine_difference(struct doctor *doctor)
{
    const struct helper_answer *answer = ask_base(doctor, doctor->reading.policy->base);
    const long apart = labs(answer->ahead);

    if (!answer->is_answered || !answer->is_ahead_known)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, doctor_nowhere, NULL,
                   "AWS has not said what its clock shows: %s", answer->reason);
    else if (apart >= CLOCK_WARNING)
        doctor_add(doctor, apart >= CLOCK_FAULT ? DOCTOR_FAULT : DOCTOR_WARNING, doctor_nowhere,
                   "set it, and keep it by NTP", "this host's clock is %ld s %s AWS's%s", apart,
                   answer->ahead > 0 ? "behind" : "ahead of",
                   apart >= CLOCK_FAULT
                       ? ", which takes no signature that is five minutes off; and "
                         "the hours and ends of grants go by it"
                       : "");
    else
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL, "it is within %d s of AWS's",
                   CLOCK_WARNING);
}

void doctor_clock(struct doctor *doctor)
{
    struct timex state = {.modes = 0};

    if (has_policy(doctor))
        examine_difference(doctor);
    if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
        doctor_add(doctor, DOCTOR_WARNING, doctor_nowhere,
                   "keep it by NTP: systemd-timesyncd or chrony",
                   "the kernel says that nothing keeps this host's clock right (adjtimex, "
                   "STA_UNSYNC)");
    else
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL, "it is kept by NTP");
}

/* A region of a base, once. */
struct pair {
    const struct base *base;
    const char *region;
    struct position at;
};

struct pairs {
    struct doctor *doctor;
    struct pair *items;
    size_t count;
};

static void add_pairs(struct pairs *pairs, const struct role_settings *settings, struct position at)
{
    struct pair *items;
    size_t i, j;

    for (i = 0; settings->base != NULL && i < settings->sts_regions.count; i++) {
        for (j = 0; j < pairs->count; j++)
            if (pairs->items[j].base == settings->base &&
                strcmp(pairs->items[j].region, settings->sts_regions.items[i]) == 0)
                break;
        if (j < pairs->count)
            continue;
        items = arena_grow(&pairs->doctor->memory, pairs->items, pairs->count, sizeof *items);
        if (items == NULL)
            return;
        pairs->items = items;
        items[pairs->count++] = (struct pair){settings->base, settings->sts_regions.items[i], at};
    }
}

static void examine_region(struct doctor *doctor, const struct pair *pair)
{
    const struct helper_answer *answer =
        helper_ask(&doctor->helper,
                   &(struct helper_question){.base = pair->base->name, .region = pair->region});
    const struct policy *policy = doctor->reading.policy;
    /* One endpoint for all regions is named by its own line. */
    const char *where = policy->sts_endpoint != NULL ? policy->sts_endpoint : pair->region;

    if (!answer->is_answered)
        doctor_add(doctor, DOCTOR_CANNOT_TELL, pair->at, NULL, "STS in %s: %s", where,
                   answer->reason);
    else if (answer->is_fine)
        doctor_add(doctor, DOCTOR_OK, pair->at, NULL, "STS in %s answers [%s] in %s ms", where,
                   pair->base->title, answer->took_ms != NULL ? answer->took_ms : "?");
    else if (answer->code != NULL && answer->is_unavailable)
        doctor_add(doctor, DOCTOR_WARNING, pair->at,
                   "try again later, or name a second region by sts_region =",
                   "STS in %s fails: %s", where, answer->reason);
    else if (answer->code != NULL)
        doctor_add(doctor, DOCTOR_WARNING, pair->at, NULL,
                   "STS in %s answers, and refuses [%s]: %s", where, pair->base->title,
                   answer->reason);
    else
        doctor_add(
            doctor, DOCTOR_FAULT, pair->at,
            answer->is_unavailable ? "name another region by sts_region =, or open the way there"
                                   : "mend what it names: until then STS cannot be asked anywhere",
            "STS in %s cannot be asked with [%s]: %s", where, pair->base->title, answer->reason);
}

void doctor_sts(struct doctor *doctor)
{
    const struct policy *policy = doctor->reading.policy;
    struct pairs pairs = {.doctor = doctor};
    size_t i;

    if (!has_policy(doctor))
        return;
    for (i = 0; i < policy->role_count; i++)
        if (policy->roles[i].settings.via == VIA_HOST)
            add_pairs(&pairs, &policy->roles[i].settings, policy->roles[i].at);
    for (i = 0; i < policy->pattern_count; i++)
        add_pairs(&pairs, &policy->patterns[i].settings, policy->patterns[i].rule.at);
    add_pairs(&pairs, &policy->defaults, (struct position){doctor->reading.path, 0});
    for (i = 0; i < pairs.count; i++)
        examine_region(doctor, &pairs.items[i]);
    if (pairs.count == 0)
        doctor_add(doctor, DOCTOR_OK, doctor_nowhere, NULL,
                   "the policy has no role to ask STS for");
}
