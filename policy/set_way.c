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
    const char *text = entry->values[0].text;
    unsigned via;

    for (via = VIA_HOST; via < VIAS; via++)
        if (strcmp(via_names[via], text) == 0) {
            target->settings->via = (enum via)via;
            return;
        }
    loader_error(loader, entry->at, "via = %s: write host, web-identity or saml", text);
}

void set_base(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *name = entry->values[0].text;

    target->settings->base = policy_find_base(loader->policy, name);
    if (target->settings->base == NULL)
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
