/*
 * Own settings first, then the account's, then those of [xacct].
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/settings.h"

#include "policy/arn.h"
#include "policy/tags.h"

static char *either(char *own, char *other)
{
    return own != NULL ? own : other;
}

/* Fills what `settings` leave open from `from`; tags are joined apart. */
static void inherit(struct role_settings *settings, const struct role_settings *from)
{
    settings->description = either(settings->description, from->description);
    settings->external_id = either(settings->external_id, from->external_id);
    settings->region = either(settings->region, from->region);
    settings->session_name = either(settings->session_name, from->session_name);
    if (settings->session_policy == NULL) {
        settings->session_policy = from->session_policy;
        settings->session_policy_at = from->session_policy_at;
    }
    if (settings->policy_arns.count == 0)
        settings->policy_arns = from->policy_arns;
    if (settings->transitive_tags.count == 0)
        settings->transitive_tags = from->transitive_tags;
    if (settings->duration == 0)
        settings->duration = from->duration;
    if (settings->min_life == 0)
        settings->min_life = from->min_life;
    if (settings->deliver == DELIVER_UNSET)
        settings->deliver = from->deliver;
    if (settings->source_identity == UNSET)
        settings->source_identity = from->source_identity;
}

bool settings_complete(struct role_settings *settings, const struct account *account,
                       const struct policy *policy, struct arena *memory)
{
    struct tags joined;

    if (!tags_join(memory, &account->settings.tags, &settings->tags, &joined))
        return false;
    settings->tags = joined;
    inherit(settings, &account->settings);
    inherit(settings, &policy->defaults);
    return true;
}

/* A customer's managed policy must lie in the account of the role that it narrows. */
static void check_policy_arns(struct loader *loader, const struct section *section,
                              const struct account *account, const struct role_settings *whole)
{
    const struct texts *arns = &whole->policy_arns;
    struct arn arn;
    size_t i;

    for (i = 0; i < arns->count; i++)
        if (account->id != NULL && arn_parse(arns->items[i], &arn) &&
            !arn_has_account(&arn, "aws") && !arn_has_account(&arn, account->id))
            loader_error(loader, section_position(section, "policy_arns"),
                         "policy_arns: %s is not in account %s of [%s]; STS takes policies of the "
                         "role's account and AWS's own",
                         arns->items[i], account->id, section->title);
}

/*
 * Credentials are fresh with their whole duration, so what must be left of it can only be less.
 * Told at the line of the section that says the one or the other.
 */
static void check_min_life(struct loader *loader, const struct section *section,
                           const struct role_settings *whole)
{
    int duration = whole->duration > 0 ? whole->duration : DURATION_DEFAULT;
    bool own = section_entry(section, "min_life") != NULL;

    if (whole->min_life >= duration)
        loader_error(loader, section_position(section, own ? "min_life" : "duration"),
                     "[%s] has min_life = %ds with %s duration of %ds; min_life must be below it",
                     section->title, whole->min_life, whole->duration > 0 ? "a" : "STS's",
                     duration);
}

void settings_check(struct loader *loader, const struct section *section,
                    const struct account *account, const struct role_settings *own,
                    const struct role_settings *whole)
{
    tags_check(loader, section, account, &own->tags, whole);
    check_policy_arns(loader, section, account, whole);
    check_min_life(loader, section, whole);
}
