/*
 * Endpoints, regions and keys of bases.
 * Sources: EC2 User Guide, "Use the Instance Metadata Service"; AWS SDKs and Tools Reference Guide,
 * "Container credential provider"; IAM Roles Anywhere User Guide, "Signing process".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/check_base.h"

#include <string.h>

#include "policy/arn.h"
#include "policy/keys.h"
#include "policy/partition.h"
#include "policy/url.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

bool base_key_is_pkcs11(const char *key)
{
    return strncmp(key, "pkcs11:", 7) == 0;
}

/* Whether the URL's host is this machine's, or one of these addresses. */
static bool is_near(const struct url *url, const char *const addresses[], size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (url_has_host(url, addresses[i]))
            return true;
    return url_is_loopback(url);
}

static void check_imds(struct loader *loader, const struct section *section, struct base *base)
{
    static const char *const addresses[] = {"169.254.169.254", "[fd00:ec2::254]"};
    struct url url;

    if (base->endpoint == NULL)
        return;
    if (!url_parse(base->endpoint, &url) || !url.is_plain || url.has_user || !url_is_bare(&url) ||
        !is_near(&url, addresses, COUNT_OF(addresses)))
        loader_error(loader, section_position(section, "endpoint"),
                     "endpoint = %s: write http://169.254.169.254, http://[fd00:ec2::254] or an "
                     "address of this machine such as http://127.0.0.1:1338, and nothing behind it",
                     base->endpoint);
    else if (section_entry(section, "ipv6") != NULL)
        loader_error(loader, section_position(section, "ipv6"),
                     "[%s] has both endpoint and ipv6; keep one", section->title);
}

static void check_container(struct loader *loader, const struct section *section, struct base *base)
{
    static const char *const addresses[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    struct url url;

    if (base->endpoint == NULL)
        return;
    if (!url_parse(base->endpoint, &url) || url.has_user ||
        (url.is_plain && !is_near(&url, addresses, COUNT_OF(addresses))))
        loader_error(loader, section_position(section, "endpoint"),
                     "endpoint = %s: write the whole URL: https://, or http:// with 169.254.170.2, "
                     "169.254.170.23, [fd00:ec2::23] or an address of this machine, as keys pass "
                     "there",
                     base->endpoint);
}

/* Tells where the role of a base is in another partition than the region that is asked for it. */
static void check_role(struct loader *loader, const struct section *section,
                       const struct base *base)
{
    const struct partition *partition =
        base->region != NULL ? partition_of_region(base->region) : NULL;
    struct arn arn;

    if (partition == NULL)
        return;
    if (base->role_arn != NULL && arn_parse(base->role_arn, &arn) &&
        !arn_has_partition(&arn, partition->name))
        loader_error(loader, section_position(section, "role_arn"),
                     "role_arn = %s is not in %s, the partition of %s, whose endpoint is asked",
                     base->role_arn, partition->name, base->region);
    key_check_dual_stack(loader, section_position(section, "region"), base->region);
}

static void check_web_identity(struct loader *loader, const struct section *section,
                               struct base *base)
{
    if (base->region == NULL)
        base->region = loader->policy->region;
    check_role(loader, section, base);
}

/* A key in a token needs the module that knows the token; no secret stands in the policy. */
static void check_key(struct loader *loader, const struct section *section, const struct base *base)
{
    static const char *const elsewhere[] = {
        "pin-value=", "pin-source=", "module-path=", "module-name="};
    static const char *const of_tokens[] = {"pkcs11_module", "pin_file"};
    bool in_token = base->key != NULL && base_key_is_pkcs11(base->key);
    size_t i;

    for (i = 0; in_token && i < COUNT_OF(elsewhere); i++)
        if (strstr(base->key, elsewhere[i]) != NULL)
            loader_error(loader, section_position(section, "key"),
                         "key: a URI here has no %.*s; pin_file and pkcs11_module say it",
                         (int)strlen(elsewhere[i]) - 1, elsewhere[i]);
    if (in_token && section_entry(section, "pkcs11_module") == NULL && !section->damaged)
        loader_error(loader, section_position(section, "key"),
                     "[%s] has its key in a token and lacks pkcs11_module = PATH, such as "
                     "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                     section->title);
    for (i = 0; base->key != NULL && !in_token && i < COUNT_OF(of_tokens); i++)
        if (section_entry(section, of_tokens[i]) != NULL)
            loader_error(loader, section_position(section, of_tokens[i]),
                         "%s in [%s] is for a key = pkcs11:..., and its key is a file",
                         of_tokens[i], section->title);
}

/*
 * The region of an ARN of Roles Anywhere, arn:PARTITION:rolesanywhere:REGION:ACCOUNT:KIND/ID, in
 * the policy's memory; `kind` ends in its slash. Tells, and returns NULL, when it is none.
 */
static char *region_of(struct loader *loader, const struct section *section, const char *key,
                       const char *arn, const char *kind)
{
    const struct partition *partition = NULL;
    struct arn parts;
    char *region = NULL;

    if (arn_parse_of("rolesanywhere", arn, &parts))
        region = arena_text(&loader->policy->memory, parts.region, parts.region_length);
    if (region != NULL)
        partition = partition_of_region(region);
    if (partition != NULL && arn_has_partition(&parts, partition->name) &&
        arn_has_account_id(&parts) && strncmp(parts.resource, kind, strlen(kind)) == 0 &&
        parts.resource[strlen(kind)] != '\0')
        return region;
    loader_error(loader, section_position(section, key),
                 "%s = %s: write arn:aws:rolesanywhere:REGION:111122223333:%sID", key, arn, kind);
    return NULL;
}

static void check_roles_anywhere(struct loader *loader, const struct section *section,
                                 struct base *base)
{
    char *anchor = NULL, *profile = NULL;

    check_key(loader, section, base);
    if (base->endpoint != NULL && !url_is_endpoint(base->endpoint))
        loader_error(
            loader, section_position(section, "endpoint"),
            "endpoint = %s: write https://HOST or https://HOST:PORT, and nothing behind it",
            base->endpoint);
    if (base->trust_anchor_arn != NULL)
        anchor =
            region_of(loader, section, "trust_anchor_arn", base->trust_anchor_arn, "trust-anchor/");
    if (base->profile_arn != NULL)
        profile = region_of(loader, section, "profile_arn", base->profile_arn, "profile/");
    if (anchor != NULL && profile != NULL && strcmp(anchor, profile) != 0)
        loader_error(loader, section_position(section, "profile_arn"),
                     "profile_arn is in %s and trust_anchor_arn in %s; they must be in one region",
                     profile, anchor);
    if (anchor != NULL && base->region != NULL && strcmp(anchor, base->region) != 0)
        loader_error(loader, section_position(section, "region"),
                     "region = %s, but the trust anchor is in %s, whose endpoint it is; remove the "
                     "line",
                     base->region, anchor);
    if (base->region == NULL)
        base->region = anchor;
    check_role(loader, section, base);
}

void check_base(struct loader *loader, const struct section *section, struct base *base)
{
    static void (*const checks[BASE_SOURCES])(struct loader *, const struct section *,
                                              struct base *) = {
        [BASE_IMDS] = check_imds,
        [BASE_CONTAINER] = check_container,
        [BASE_WEB_IDENTITY] = check_web_identity,
        [BASE_ROLES_ANYWHERE] = check_roles_anywhere,
    };

    if (checks[base->source] != NULL)
        checks[base->source](loader, section, base);
}
