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
    if (settings->session_name == NULL) {
        settings->session_name = from->session_name;
        settings->session_name_at = from->session_name_at;
    }
    if (settings->session_policy == NULL) {
        settings->session_policy = from->session_policy;
        settings->session_policy_at = from->session_policy_at;
    }
    if (settings->policy_arns.count == 0)
        settings->policy_arns = from->policy_arns;
    if (settings->transitive_tags.count == 0)
        settings->transitive_tags = from->transitive_tags;
    if (settings->via == VIA_UNSET)
        settings->via = from->via;
    if (settings->base == NULL && settings->base_role_name == NULL) {
        settings->base_role_name = from->base_role_name;
        settings->base_role_at = from->base_role_at;
        settings->base_role = from->base_role;
    }
    if (settings->base == NULL)
        settings->base = from->base;
    if (settings->sts_regions.count == 0)
        settings->sts_regions = from->sts_regions;
    if (settings->duration == 0)
        settings->duration = from->duration;
    if (settings->min_life == 0)
        settings->min_life = from->min_life;
    if (settings->deliver == DELIVER_UNSET)
        settings->deliver = from->deliver;
    if (settings->source_identity == UNSET)
        settings->source_identity = from->source_identity;
}

/* The same from those of the host. A region of another partition is no default. */
static void inherit_host(struct role_settings *settings, const struct policy *policy)
{
    if (settings->sts_regions.count == 0)
        settings->sts_regions = policy->defaults.sts_regions;
    if (settings->region == NULL && settings->sts_regions.count > 0 &&
        !partition_is_shared(settings->sts_regions.items[0], policy->region))
        settings->region = settings->sts_regions.items[0];
    inherit(settings, &policy->defaults);
}

/*
 * Takes out what a call with the user's own token has no parameter for.
 * Source: STS API reference, AssumeRoleWithWebIdentity and AssumeRoleWithSAML.
 */
static void drop_unsent(struct role_settings *settings)
{
    if (settings->via == VIA_WEB_IDENTITY || settings->via == VIA_SAML) {
        settings->tags = (struct tags){NULL, 0};
        settings->transitive_tags = (struct texts){NULL, 0};
        settings->external_id = NULL;
        settings->source_identity = NO;
        settings->base_role_name = NULL;
        settings->base_role = NULL;
    }
    if (settings->via == VIA_SAML)
        settings->session_name = NULL;
}

bool settings_complete(struct role_settings *settings, const struct account *account,
                       const struct policy *policy, struct arena *memory)
{
    struct tags joined;

    if (!tags_join(memory, &account->settings.tags, &settings->tags, &joined))
        return false;
    settings->tags = joined;
    inherit(settings, &account->settings);
    inherit_host(settings, policy);
    drop_unsent(settings);
    return true;
}

const char *settings_sts_region(const struct role_settings *settings)
{
    return settings->sts_regions.count > 0 ? settings->sts_regions.items[0] : NULL;
}

const struct partition *settings_partition(const struct role_settings *own,
                                           const struct account *account,
                                           const struct policy *policy)
{
    const char *region = settings_sts_region(own);

    if (region == NULL)
        region = settings_sts_region(&account->settings);
    return partition_of_region(region != NULL ? region : policy->region);
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

/* Where a section says `key`, or else `sts_region`, or else where it begins. */
static struct position position_of(const struct section *section, const char *key)
{
    return section_position(section, section_entry(section, key) != NULL ? key : "sts_region");
}

/* What the session uses lies in the partition whose STS is asked. */
static void check_session_partition(struct loader *loader, const struct section *section,
                                    const struct role_settings *whole)
{
    const char *region = settings_sts_region(whole);
    const struct texts *arns = &whole->policy_arns;
    struct arn arn;
    size_t i;

    if (region != NULL && !partition_is_shared(whole->region, region))
        loader_error(loader, position_of(section, "region"),
                     "region = %s is in partition %s, but STS is asked in %s, which is in %s; "
                     "sts_region says where",
                     whole->region, partition_of_region(whole->region)->name, region,
                     partition_of_region(region)->name);
    for (i = 0; region != NULL && i < arns->count; i++)
        if (arn_parse(arns->items[i], &arn) &&
            !arn_has_partition(&arn, partition_of_region(region)->name))
            loader_error(loader, position_of(section, "policy_arns"),
                         "policy_arns: %s is not in %s, the partition of %s, whose STS is asked",
                         arns->items[i], partition_of_region(region)->name, region);
}

static void check_base_partition(struct loader *loader, const struct section *section,
                                 const struct role_settings *whole)
{
    const char *region = settings_sts_region(whole);

    if (whole->via == VIA_HOST && whole->base != NULL && whole->base_role_name == NULL &&
        !partition_is_shared(whole->base->region, region))
        loader_error(loader, position_of(section, "base"),
                     "[%s] asks the STS of %s, but the credentials of [%s] are of the "
                     "partition of %s; AssumeRole never crosses partitions",
                     section->title, region, whole->base->title, whole->base->region);
}

void settings_check_account(struct loader *loader, const struct section *section,
                            const struct account *account)
{
    struct role_settings whole = account->settings;

    inherit_host(&whole, loader->policy);
    check_session_partition(loader, section, &whole);
    if (account->settings.base != NULL)
        check_base_partition(loader, section, &whole);
}

/* Keys that cannot be sent with the user's own token, and so have no sense beside it. */
static void check_via(struct loader *loader, const struct section *section,
                      const struct role_settings *own)
{
    static const char *const host_only[] = {"tags", "transitive_tags", "external_id", "base",
                                            "base_role"};
    size_t i;

    if (own->via != VIA_WEB_IDENTITY && own->via != VIA_SAML)
        return;
    for (i = 0; i < sizeof host_only / sizeof *host_only; i++)
        if (section_entry(section, host_only[i]) != NULL)
            loader_error(loader, section_position(section, host_only[i]),
                         "%s in [%s] has no sense with via = %s, which sends none", host_only[i],
                         section->title, via_names[own->via]);
    if (own->source_identity == YES)
        loader_error(loader, section_position(section, "source_identity"),
                     "source_identity = yes in [%s]: with via = %s AWS takes it from the user's "
                     "token alone",
                     section->title, via_names[own->via]);
    if (own->via == VIA_SAML && own->session_name != NULL)
        loader_error(loader, section_position(section, "session_name"),
                     "session_name in [%s]: with via = saml AWS takes it from the user's assertion "
                     "alone",
                     section->title);
}

void settings_check(struct loader *loader, const struct section *section,
                    const struct account *account, const struct role_settings *own,
                    const struct role_settings *whole)
{
    bool elsewhere = own->sts_regions.count > 0;

    check_via(loader, section, own);
    if (whole->via == VIA_HOST)
        tags_check(loader, section, account, &own->tags, whole);
    check_policy_arns(loader, section, account, whole);
    check_min_life(loader, section, whole);
    /* What a role took over whole was told of its account. */
    if (elsewhere || own->region != NULL || own->policy_arns.count > 0)
        check_session_partition(loader, section, whole);
    if (elsewhere || own->base != NULL || account->settings.base == NULL)
        check_base_partition(loader, section, whole);
    if (own->base != NULL && own->base_role_name != NULL)
        loader_error(loader, section_position(section, "base"),
                     "[%s] has both base and base_role; the session of base_role signs, so keep "
                     "one",
                     section->title);
}
