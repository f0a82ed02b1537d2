/*
 * By whose word and where a role is assumed: keys that may stand in [role] and [pattern], in
 * [account] for all of its roles, and the regions in [xacct] for all roles.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/keys.h"
#include "policy/partition.h"

void set_via(struct loader *loader, struct target *target, const struct entry *entry)
{
    static const struct {
        const char *name;
        enum via via;
    } ways[] = {{"host", VIA_HOST}, {"web-identity", VIA_WEB_IDENTITY}, {"saml", VIA_SAML}};
    const char *text = entry->values[0].text;
    size_t i;

    for (i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, text) == 0) {
            target->settings->via = ways[i].via;
            return;
        }
    loader_error(loader, entry->at, "via = %s: write host, web-identity or saml", text);
}

void set_base(struct loader *loader, struct target *target, const struct entry *entry)
{
    const struct policy *policy = loader->policy;
    const char *name = entry->values[0].text;
    size_t i;

    for (i = 0; i < policy->base_count; i++)
        if (strcmp(policy->bases[i].name, name) == 0) {
            target->settings->base = &policy->bases[i];
            return;
        }
    loader_error(loader, entry->at, "unknown base %s; there is no [base %s]", name, name);
}

void set_base_role(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)loader;
    target->settings->base_role_name = entry->values[0].text;
    target->settings->base_role_at = entry->at;
}

void set_sts_regions(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct texts *regions = &target->settings->sts_regions;
    bool of_host = target->settings == &loader->policy->defaults;
    size_t i, j;

    regions->items = values_room(loader, entry);
    for (i = 0; regions->items != NULL && i < entry->value_count; i++) {
        const struct value *value = &entry->values[i];

        for (j = 0; j < regions->count && strcmp(regions->items[j], value->text) != 0; j++)
            ;
        if (partition_of_region(value->text) == NULL)
            loader_error(loader, value->at, "sts_region = %s: write regions such as eu-west-1",
                         value->text);
        else if (j < regions->count)
            loader_error(loader, value->at, "sts_region: %s stands there twice", value->text);
        else if (j > 0 && !partition_is_shared(value->text, regions->items[0]))
            loader_error(loader, value->at,
                         "sts_region: %s and %s are of two partitions; a role is in one",
                         regions->items[0], value->text);
        else {
            /* Whether [xacct] asks for such endpoints is known once all of it is read. */
            if (!of_host)
                key_check_dual_stack(loader, value->at, value->text);
            regions->items[regions->count++] = value->text;
        }
    }
}
