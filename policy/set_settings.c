/*
 * What a role is assumed with: keys that may stand in [role], in [account] for all of its roles,
 * and some of them in [xacct] for all roles or in [base] for its own.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/arn.h"
#include "policy/keys.h"
#include "policy/partition.h"
#include "policy/session_policy.h"
#include "policy/template.h"
#include "policy/values.h"

#define POLICY_ARNS_MOST ((size_t)10) /* STS API reference, AssumeRole */

void set_description(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)loader;
    target->settings->description = entry->values[0].text;
}

void set_external_id(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry_text(loader, entry);

    if (text == NULL || value_is_of(text, VALUE_NAME_BYTES ":/", 2, 1224))
        target->settings->external_id = text;
    else
        loader_error(loader, entry->at,
                     "external_id: STS takes 2 to 1224 letters, digits and _+=,.@:/- only");
}

void set_region(struct loader *loader, struct target *target, const struct entry *entry)
{
    char **region = target->base != NULL ? &target->base->region : &target->settings->region;
    char *text = entry->values[0].text;

    if (partition_of_region(text) == NULL)
        loader_error(loader, entry->at, "region = %s: write a region such as eu-west-1", text);
    else
        *region = text;
}

void set_session_name(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry->values[0].text;
    char *outline = arena_alloc(&loader->scratch, strlen(text) + 1, 1);
    char why[256];

    if (outline == NULL)
        return;
    template_outline(text, outline);
    if (template_check(text, why, sizeof why) != 0)
        loader_error(loader, entry->at, "session_name: %s", why);
    else if (!value_is_of(outline, VALUE_NAME_BYTES, 1, 64))
        loader_error(loader, entry->at,
                     "session_name: around the templates STS takes letters, digits and _+=,.@- "
                     "only, 64 in all");
    else if (strstr(text, "%{session_name}") != NULL)
        loader_error(loader, entry->at, "session_name cannot be made of %%{session_name}");
    else if (strstr(text, "%{human}") == NULL && strstr(text, "%{user}") == NULL)
        loader_error(loader, entry->at,
                     "session_name must hold %%{human} or %%{user}, lest two people share one name "
                     "in CloudTrail");
    else {
        target->settings->session_name = text;
        target->settings->session_name_at = entry->at;
    }
}

void set_session_policy(struct loader *loader, struct target *target, const struct entry *entry)
{
    target->settings->session_policy =
        session_policy_read(loader, entry->at, entry->values[0].text);
    target->settings->session_policy_at = entry->at;
}

void set_policy_arns(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct texts *arns = &target->settings->policy_arns;
    struct arn arn;
    size_t i;

    if (entry->value_count > POLICY_ARNS_MOST) {
        loader_error(loader, entry->values[POLICY_ARNS_MOST].at,
                     "policy_arns has %zu ARNs; STS takes %zu", entry->value_count,
                     POLICY_ARNS_MOST);
        return;
    }
    arns->items = arena_alloc(&loader->policy->memory, entry->value_count, sizeof *arns->items);
    for (i = 0; arns->items != NULL && i < entry->value_count; i++) {
        const struct value *value = &entry->values[i];

        if (!arn_parse(value->text, &arn) || strncmp(arn.resource, "policy/", 7) != 0 ||
            arn.resource[7] == '\0' || (!arn_has_account(&arn, "aws") && !arn_has_account_id(&arn)))
            loader_error(loader, value->at,
                         "policy_arns: %s is not the ARN of a managed policy, such as "
                         "arn:aws:iam::aws:policy/ReadOnlyAccess",
                         value->text);
        else
            arns->items[arns->count++] = value->text;
    }
}

/* A number alone is in seconds, as STS has it. */
static const struct unit duration_units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {NULL, 0}};

void set_duration(struct loader *loader, struct target *target, const struct entry *entry)
{
    int *duration = target->base != NULL ? &target->base->duration : &target->settings->duration;
    const char *text = entry->values[0].text;
    long seconds;

    if (value_number(text, duration_units, 900, 43200, &seconds))
        *duration = (int)seconds;
    else
        loader_error(loader, entry->at,
                     "duration = %s: write 1h, 90m or 3600s, from 15m to 12h, which is what STS "
                     "takes",
                     text);
}

void set_min_life(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *text = entry->values[0].text;
    long seconds;

    if (value_number(text, duration_units, 60, 43199, &seconds))
        target->settings->min_life = (int)seconds;
    else
        loader_error(loader, entry->at,
                     "min_life = %s: write 30m or 1800s, from 1m to less than the duration", text);
}

void set_deliver(struct loader *loader, struct target *target, const struct entry *entry)
{
    static const struct {
        const char *name;
        enum delivery deliver;
    } ways[] = {{"env", DELIVER_ENV}, {"process", DELIVER_PROCESS}};
    const char *text = entry->values[0].text;
    size_t i;

    for (i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, text) == 0) {
            target->settings->deliver = ways[i].deliver;
            return;
        }
    loader_error(loader, entry->at, "deliver = %s: write env or process", text);
}

void set_source_identity(struct loader *loader, struct target *target, const struct entry *entry)
{
    target->settings->source_identity = key_yes_or_no(loader, entry);
}
