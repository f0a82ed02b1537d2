/*
 * Bases, and by whose word and where roles are assumed: what a policy may say, what it comes to,
 * and what it is refused for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/pattern.h"
#include "policy_fault.h"

#define ROLE_ARN "role_arn = arn:aws:iam::111122223333:role/bastion/Hub\n"
#define ANCHOR                                                                                     \
    "trust_anchor_arn = arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor/4a5b\n"
#define PROFILE         "profile_arn = arn:aws:rolesanywhere:eu-central-1:111122223333:profile/6c7d\n"
#define WEB             "source = web-identity\ntoken_file = /t\n" ROLE_ARN
#define ANYWHERE        "source = roles-anywhere\ncertificate = /c.pem\n" ROLE_ARN ANCHOR PROFILE "key = "
#define FILE_OF(region) "source = file\nfile = /f\nregion = " region "\n"

/* Lines below `[base x]`, which is the tenth; the error's line counts from there. */
static const struct fault keys[] = {
    {"source = ec2\n", 1,
     "write file or imds or container or web-identity or roles-anywhere or process", 0},
    {"profile = y\n", 0, "lacks the key source", 0},
    {"source = file\nfile = /f\nsuccessor = y\n", 3, "there is no [base y]", 0},
    {"source = file\nfile = /f\nsuccessor = x\n", 3, "goes round in a circle: x -> x", 0},
    {"source = imds\nsource_identity = yes\n", 2, "a base takes fixed", 0},
    {"source = imds\nregion = Frankfurt\n", 2, "such as eu-west-1", 0},

    {"source = file\n", 0, "[base x] lacks the key file, which source = file must have", 0},
    {"source = imds\nprofile = p\n", 2,
     "profile in [base x] is for source = file, and its source is imds", 0},
    {"source = file\nfile = /f\ntoken_file = /t\n", 3,
     "is for source = container or web-identity, and its source is file", 0},
    {"source = file\nfile = /f\nendpoint = https://x\n", 3,
     "is for source = imds or container or roles-anywhere,", 0},

    {"source = imds\nendpoint = http://10.0.0.1\n", 2, "write http://169.254.169.254", 0},
    {"source = imds\nendpoint = http://169.254.169.254.example\n", 2, "write http://169.", 0},
    {"source = imds\nendpoint = http://u@169.254.169.254\n", 2, "write http://169.", 0},
    {"source = imds\nendpoint = http://169.254.169.254/latest\n", 2, "nothing behind it", 0},
    {"source = imds\nendpoint = https://169.254.169.254\n", 2, "write http://169.", 0},
    {"source = imds\nendpoint = http://localhost\n", 2, "write http://169.", 0},
    {"source = imds\nendpoint = http://127.0.0.1:99999\n", 2, "write http://169.", 0},
    {"source = imds\nendpoint = http://127.0.0.1.5\n", 2, "write http://169.", 0},
    {"source = imds\nendpoint = http://127.0.0.1\nipv6 = yes\n", 3, "both endpoint and ipv6", 0},
    {"source = imds\nipv6 = on\n", 2, "ipv6 = on: write yes or no", 0},

    {"source = container\n", 0, "lacks the key endpoint, which source = container must have", 0},
    {"source = container\nendpoint = http://example.org/creds\n", 2, "write the whole URL", 0},
    {"source = container\nendpoint = http://169.254.170.2@example.org/\n", 2, "the whole URL", 0},
    {"source = container\nendpoint = http://localhost/creds\n", 2, "write the whole URL", 0},
    {"source = container\nendpoint = /v2/credentials\n", 2, "write the whole URL", 0},
    {"source = container\nendpoint = https://h/x#y\n", 2, "write the whole URL", 0},
    {"source = container\nendpoint = https://h/\ntoken_file = t\n", 3, "absolute path", 0},

    {"source = web-identity\ntoken_file = /t\n", 0, "lacks the key role_arn", 0},
    {"source = web-identity\n" ROLE_ARN, 0, "lacks the key token_file", 0},
    {WEB "session_name = b\n", 4, "STS takes 2 to 64", 0},
    {WEB "session_name = %{host}\n", 4, "has no templates", 0},
    {WEB "duration = 14m\n", 4, "from 15m to 12h", 0},
    {WEB "region = cn-north-1\n", 3, "is not in aws-cn, the partition of cn-north-1", 0},
    {"source = web-identity\ntoken_file = /t\nrole_arn = arn:aws:iam::111122223333:user/u\n", 3,
     "role/NAME, without templates", 0},
    {"source = web-identity\ntoken_file = /t\nrole_arn = arn:aws:iam::11112222333a:role/r\n", 3,
     "role/NAME, without templates", 0},
    {"source = web-identity\ntoken_file = /t\nrole_arn = arn:aws:iam::111122223333:role/%{user}x\n",
     3, "role/NAME, without templates", 0},

    {"source = roles-anywhere\ncertificate = /c.pem\n" ROLE_ARN ANCHOR "key = /k\n", 0,
     "lacks the key profile_arn", 0},
    {ANYWHERE "k.pem\n", 6, "absolute path of a PEM file, or a pkcs11: URI", 0},
    {ANYWHERE "pkcs11:token=t;object=k\n", 6, "lacks pkcs11_module = PATH", 0},
    {ANYWHERE "pkcs11:object=k?pin-value=1234\npkcs11_module = /m.so\n", 6,
     "a URI here has no pin-value; pin_file", 0},
    {ANYWHERE "/k.pem\npkcs11_module = /m.so\n", 7, "is for a key = pkcs11:..., and", 0},
    {ANYWHERE "/k.pem\npin_file = /pin\n", 7, "is for a key = pkcs11:..., and", 0},
    {ANYWHERE "/k.pem\nregion = eu-west-1\n", 7, "the trust anchor is in eu-central-1", 0},
    {ANYWHERE "/k.pem\nendpoint = http://vpce.example\n", 7, "write https://HOST", 0},
    {ANYWHERE "/k.pem\nduration = 13h\n", 7, "from 15m to 12h", 0},
    {"source = roles-anywhere\ncertificate = /c\nkey = /k\n" ROLE_ARN PROFILE
     "trust_anchor_arn = arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/4a5b\n",
     5, "profile_arn is in eu-central-1 and trust_anchor_arn in us-east-1", 0},
    {"source = roles-anywhere\ncertificate = /c\nkey = /k\n" ROLE_ARN PROFILE
     "trust_anchor_arn = arn:aws-cn:rolesanywhere:eu-central-1:111122223333:trust-anchor/4a\n",
     6, "write arn:aws:rolesanywhere:REGION:111122223333:trust-anchor/ID", 0},
    {"source = roles-anywhere\ncertificate = /c\nkey = /k\n" ROLE_ARN ANCHOR
     "profile_arn = arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor/4a5b\n",
     6, "profile/ID", 0},
    {"source = roles-anywhere\ncertificate = /c\nkey = /k\n" ROLE_ARN ANCHOR
     "profile_arn = arn:aws:rolesanywhere\n",
     6, "profile/ID", 0},

    {"source = process\n", 0, "lacks the key command, which source = process must have", 0},
    {"source = process\ncommand = get-credentials --json\n", 2, "absolute path of a program", 0},
};

/* Lines below the head, which has the accounts a and b, [base cn] and the roles; as above. */
#define WAYS_HEAD  HEAD "[base cn]\nsource = file\nfile = /f\nregion = cn-north-1\n"
#define WAYS_LINES (HEAD_LINES + 4)

static const struct fault ways[] = {
    {"[role x]\naccount = a\nname = X\nvia = oidc\n", 4, "write host, web-identity or saml", 0},
    {"[role x]\naccount = a\nname = X\nbase = y\n", 4, "there is no [base y]", 0},
    {"[role x]\naccount = a\nname = X\nbase_role = y\n", 4, "there is no [role y]", 0},
    {"[account c]\nid = 777788889999\nbase_role = y\n[role x]\naccount = c\nname = X\n", 3,
     "there is no [role y]", 0},
    {"[pattern p]\ngroups = {account}-{role}\nbase_role = y\n", 3, "there is no [role y]", 0},
    {"[role x]\naccount = a\nname = X\nbase_role = y\n[role y]\naccount = a\nname = Y\nvia = "
     "saml\n",
     4, "base_role = y is assumed with the user's own proof", 0},
    {"[role x]\naccount = a\nname = X\nbase_role = x\n", 4, "in a circle: x -> x", 0},
    {"[role x]\naccount = a\nname = X\nbase_role = y\n"
     "[role w]\naccount = a\nname = W\nbase_role = x\n"
     "[role y]\naccount = a\nname = Y\nbase_role = z\n"
     "[role z]\naccount = a\nname = Z\nbase_role = x\n",
     4, "base_role goes round in a circle: x -> y -> z -> x", 0},
    {"[account c]\nid = 777788889999\nbase_role = x\n[role x]\naccount = c\nname = X\n"
     "base_role = y\n[role y]\naccount = c\nname = Y\n",
     7, "in a circle: x -> y -> x", 0},
    {"[role x]\naccount = a\nname = X\nbase_role = y\n"
     "[role y]\naccount = b\nname = Y\nsts_region = cn-north-1\nbase = cn\n",
     4, "base_role = y is in the partition of cn-north-1, and role x in that of eu-west-1", 0},
    {"[role x]\naccount = a\nname = X\nsts_region = cn-north-1\nbase = cn\n"
     "[pattern p]\ngroups = {account}-{role}\ncase = exact\nbase_role = x\n",
     9, "AssumeRole never crosses partitions", 0},
    {"[role x]\naccount = a\nname = X\nbase = cn\n", 4,
     "asks the STS of eu-west-1, but the credentials of [base cn] are of the partition of "
     "cn-north-1",
     0},
    {"[role x]\naccount = a\nname = X\nsts_region = cn-north-1\n", 4,
     "but the credentials of [base] are of the partition of eu-west-1", 0},
    {"[account c]\nid = 777788889999\nbase = cn\n", 3, "AssumeRole never crosses partitions", 0},
    {"[account c]\nid = 777788889999\nsts_region = cn-north-1\n[role x]\naccount = c\nname = X\n",
     4, "AssumeRole never crosses partitions", 0},
    {"[role x]\naccount = a\nname = X\nbase = cn\nbase_role = y\n[role y]\naccount = a\nname = Y\n",
     4, "both base and base_role", 0},
    {"[role x]\naccount = a\nname = X\nsts_region = eu-west-1 cn-north-1\n", 4, "two partitions",
     0},
    {"[role x]\naccount = a\nname = X\nsts_region = eu-west-1 eu-west-1\n", 4, "stands there twice",
     0},
    {"[role x]\naccount = a\nname = X\nsts_region = Ireland\n", 4, "write regions such as", 0},
    {"[role x]\naccount = a\nname = X\nbase = cn\nsts_region = cn-north-1\nregion = eu-west-1\n", 6,
     "region = eu-west-1 is in partition aws, but STS is asked in cn-north-1", 0},
    {"[account c]\nid = 777788889999\nregion = eu-west-2\n[role x]\naccount = c\nname = X\n"
     "base = cn\nsts_region = cn-north-1\n",
     8, "region = eu-west-2 is in partition aws, but STS is asked in cn-north-1", 0},
    {"[role x]\naccount = a\nbase = cn\nsts_region = cn-north-1\n"
     "arn = arn:aws:iam::111122223333:role/X\n",
     5, "is not in aws-cn, the partition of cn-north-1", 0},
    {"[role x]\naccount = a\nname = X\nbase = cn\nsts_region = cn-north-1\n"
     "policy_arns = arn:aws:iam::aws:policy/ReadOnlyAccess\n",
     6, "is not in aws-cn, the partition of cn-north-1", 0},
    {"[role x]\naccount = a\nname = X\nvia = saml\ntags = a=b\n", 5,
     "tags in [role x] has no sense with via = saml", 0},
    {"[role x]\naccount = a\nname = X\nvia = web-identity\ntransitive_tags = a\n", 5,
     "transitive_tags in [role x] has no sense with via = web-identity", 0},
    {"[role x]\naccount = a\nname = X\nvia = saml\nexternal_id = ab\n", 5, "has no sense", 0},
    {"[role x]\naccount = a\nname = X\nvia = web-identity\nbase = cn\n", 5, "has no sense", 0},
    {"[role x]\naccount = a\nname = X\nvia = saml\nbase_role = y\n[role y]\naccount = a\nname = "
     "Y\n",
     5, "has no sense", 0},
    {"[role x]\naccount = a\nname = X\nvia = saml\nsource_identity = yes\n", 5,
     "AWS takes it from the user's token alone", 0},
    {"[role x]\naccount = a\nname = X\nvia = saml\nsession_name = %{human}\n", 5,
     "AWS takes it from the user's assertion alone", 0},
    {"[pattern p]\ngroups = {account}-{role}\nvia = saml\ntags = a=b\n", 4, "has no sense", 0},
};

/* Further keys of [xacct]: the error is in line 3. */
static const struct fault host_keys[] = {
    {"proxy = proxy.example:3128", 3, "write http://HOST:PORT", 0},
    {"proxy = socks5://proxy.example:1080", 3, "write http://HOST:PORT", 0},
    {"proxy = http://proxy.example/path", 3, "write http://HOST:PORT", 0},
    {"fips = true", 3, "fips = true: write yes or no", 0},
    {"dual_stack = 1", 3, "dual_stack = 1: write yes or no", 0},
    {"sts_region = Ireland", 3, "write regions such as", 0},
    {"sts_region = cn-north-1", 3, "in another partition than region = eu-west-1", 0},
    {"fips = yes\nsts_endpoint = https://sts.example", 3, "sts_endpoint takes their place", 0},
    {"dual_stack = yes\nsts_endpoint = https://sts.example", 3, "takes their place", 0},
    {"base = x", 3, "unknown key \"base\"", 0},
    {"via = saml", 3, "unknown key \"via\"", 0},
};

static const struct fault whole_files[] = {
    {"[xacct]\nregion = us-iso-east-1\ndual_stack = yes\n[base]\nsource = imds\n", 3,
     "but the partition aws-iso of us-iso-east-1 has no such endpoints", 0},
    {"[xacct]\nregion = eu-west-1\n[base]\nsource = imds\nregion = cn-north-1\n", 3,
     "[base] is in the partition of cn-north-1, and [xacct] in that of region = eu-west-1", 0},
    {"[xacct]\nregion = eu-west-1\n[base x]\nsource = imds\n", 0, "there is no section [base]", 0},
    {HEAD "[base]\nsource = imds\n", HEAD_LINES + 1, "[base] stands in line 3 already", 0},
    {HEAD "[base x]\n" FILE_OF("eu-west-1") "successor = y\n[base y]\n" FILE_OF(
         "eu-west-1") "successor = z\n[base z]\n" FILE_OF("eu-west-1") "successor = y\n",
     HEAD_LINES + 10, "successor goes round in a circle: y -> z -> y", 0},
    {HEAD "[base x]\n" FILE_OF("eu-west-1") "successor = y\n[base y]\n" FILE_OF("cn-north-1"),
     HEAD_LINES + 5, "successor = y is in the partition of cn-north-1, and this one in that", 0},
    {"[xacct]\nregion = eu-west-1\ndual_stack = yes\n[base]\nsource = imds\n"
     "[account a]\nid = 111122223333\nsts_region = us-iso-east-1\n",
     8, "has no such endpoints", 0},
};

static void each_fault_of_a_base_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults(HEAD "[base x]\n", HEAD_LINES + 1, "", keys, COUNT_OF(keys));
}

static void each_fault_of_the_way_to_a_role_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults(WAYS_HEAD, WAYS_LINES, "", ways, COUNT_OF(ways));
}

static void each_fault_of_the_host_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults("[xacct]\nregion = eu-west-1\n", 0, "\n[base]\nsource = imds\n", host_keys,
                  COUNT_OF(host_keys));
    expect_faults("", 0, "", whole_files, COUNT_OF(whole_files));
}

/* The value may hold a password. */
static void a_proxy_that_is_refused_is_not_shown(void **state)
{
    static const char text[] = "[xacct]\nregion = eu-west-1\n"
                               "proxy = http://u:SECRET@proxy.example/x\n[base]\nsource = imds\n";
    struct policy_errors errors;

    (void)state;
    assert_null(parse("/p", text, strlen(text), &errors));
    assert_int_equal(errors.count, 1);
    assert_null(strstr(errors.items[0].text, "SECRET"));
    policy_errors_free(&errors);
}

static void the_way_to_aws_is_read(void **state)
{
    struct policy *policy = good_policy("[xacct]\nregion = eu-west-1\nfips = yes\n"
                                        "dual_stack = yes\nproxy = http://u:p%40s@[::1]:3128/\n"
                                        "sts_region = eu-west-2\n  eu-west-3\n"
                                        "[base]\nsource = imds\n");

    (void)state;
    assert_non_null(policy);
    assert_true(policy->fips);
    assert_true(policy->dual_stack);
    assert_string_equal(policy->proxy, "http://u:p%40s@[::1]:3128/");
    assert_int_equal(policy->defaults.sts_regions.count, 2);
    assert_string_equal(policy->defaults.sts_regions.items[1], "eu-west-3");
    policy_free(policy);
}

static const struct base *base_named(const struct policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->base_count; i++)
        if (strcmp(policy->bases[i].name, name) == 0)
            return &policy->bases[i];
    fail_msg("there is no [base %s]", name);
    return NULL;
}

static void each_source_has_its_keys(void **state)
{
    struct policy *policy = good_policy(
        "[xacct]\nregion = eu-west-1\n"
        "[base]\nsource = imds\nipv6 = yes\nsuccessor = web\n"
        "[base imds4]\nsource = imds\nendpoint = http://[fd00:ec2::254]\n"
        "[base local]\nsource = imds\nendpoint = http://127.0.0.1:1338/\n"
        "[base ecs]\nsource = container\nendpoint = http://169.254.170.2/v2/credentials?id=1\n"
        "[base eks]\nsource = container\nendpoint = http://[fd00:ec2::23]/v1/credentials\n"
        "token_file = /var/run/token\n"
        "[base web]\n" WEB "session_name = bastion-1\nduration = 2h\nregion = us-east-1\n"
        "[base any]\n" ANYWHERE "pkcs11:token=t;object=k\npkcs11_module = /m.so\npin_file = /pin\n"
        "source_identity = fixed\nendpoint = https://vpce.example\n"
        "[base run]\nsource = process\ncommand = /opt/get --for \"a b\"\n  --more\n");
    const struct base *base;

    (void)state;
    assert_non_null(policy);
    assert_int_equal(policy->base_count, 8);
    base = policy->base;
    assert_string_equal(base->name, "");
    assert_int_equal(base->source, BASE_IMDS);
    assert_true(base->ipv6);
    assert_ptr_equal(base->successor, base_named(policy, "web"));
    assert_string_equal(base->region, "eu-west-1");
    assert_null(base->profile);
    assert_string_equal(base_named(policy, "imds4")->endpoint, "http://[fd00:ec2::254]");
    assert_string_equal(base_named(policy, "eks")->token_file, "/var/run/token");
    base = base_named(policy, "web");
    assert_int_equal(base->source, BASE_WEB_IDENTITY);
    assert_string_equal(base->role_arn, "arn:aws:iam::111122223333:role/bastion/Hub");
    assert_string_equal(base->session_name, "bastion-1");
    assert_int_equal(base->duration, 7200);
    assert_string_equal(base->region, "us-east-1");
    base = base_named(policy, "any");
    assert_int_equal(base->source, BASE_ROLES_ANYWHERE);
    assert_string_equal(base->region, "eu-central-1");
    assert_string_equal(base->key, "pkcs11:token=t;object=k");
    assert_string_equal(base->pkcs11_module, "/m.so");
    assert_string_equal(base->pin_file, "/pin");
    assert_true(base->source_identity_fixed);
    base = base_named(policy, "run");
    assert_int_equal(base->source, BASE_PROCESS);
    assert_int_equal(base->command.count, 4);
    assert_string_equal(base->command.items[0], "/opt/get");
    assert_string_equal(base->command.items[2], "a b");
    policy_free(policy);
}

static const struct role_settings *settings_of(const struct policy *policy, const char *role)
{
    return &policy_find_role(policy, role)->settings;
}

static void roles_take_over_the_way_of_their_account(void **state)
{
    struct policy *policy = good_policy(
        "[xacct]\nregion = eu-west-1\nsts_region = eu-west-1 eu-central-1\n"
        "[base]\nsource = imds\n"
        "[base cn]\nsource = file\nfile = /f\nregion = cn-north-1\n"
        "[base other]\nsource = file\nfile = /f\n"
        "[account a]\nid = 111122223333\nbase_role = hub\n"
        "[account c]\nid = 444455556666\nbase = cn\nsts_region = cn-northwest-1 cn-north-1\n"
        "[role plain]\naccount = a\nname = P\n"
        "[role direct]\naccount = a\nname = D\nbase = other\n"
        "[role hub]\naccount = a\nname = H\n"
        "[role far]\naccount = c\nname = F\n"
        "[role near]\naccount = c\nname = N\nbase = other\nsts_region = eu-west-3\n");
    const struct role_settings *settings;

    (void)state;
    assert_non_null(policy);
    settings = settings_of(policy, "plain");
    assert_int_equal(settings->via, VIA_HOST);
    assert_ptr_equal(settings->base, policy->base);
    assert_ptr_equal(settings->base_role, policy_find_role(policy, "hub"));
    assert_int_equal(settings->sts_regions.count, 2);
    assert_string_equal(settings->sts_regions.items[1], "eu-central-1");
    /* The nearer word counts: a base of its own is not behind the account's base role. */
    settings = settings_of(policy, "direct");
    assert_null(settings->base_role);
    assert_string_equal(settings->base->name, "other");
    assert_null(settings_of(policy, "hub")->base_role);
    settings = settings_of(policy, "far");
    assert_string_equal(settings->base->name, "cn");
    assert_string_equal(settings->region, "cn-northwest-1");
    assert_string_equal(policy_find_role(policy, "far")->arn,
                        "arn:aws-cn:iam::444455556666:role/F");
    settings = settings_of(policy, "near");
    assert_string_equal(settings->region, "eu-west-1");
    assert_string_equal(policy_find_role(policy, "near")->arn, "arn:aws:iam::444455556666:role/N");
    policy_free(policy);
}

static void with_the_users_own_token_nothing_is_sent_that_it_has_no_parameter_for(void **state)
{
    struct policy *policy = good_policy(
        "[xacct]\nregion = eu-west-1\nsession_name = b-%{human}\n"
        "[base]\nsource = imds\n"
        "[account a]\nid = 111122223333\nbase_role = hub\nexternal_id = ab\ntags = a=b\n"
        "transitive_tags = a\nvia = saml\nduration = 2h\n"
        "[role hub]\naccount = a\nname = H\nvia = host\n"
        "[role web]\naccount = a\nname = W\nvia = web-identity\n"
        "[role saml]\naccount = a\nname = S\n");
    static const char *const names[] = {"web", "saml"};

    (void)state;
    assert_non_null(policy);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct role_settings *settings = settings_of(policy, names[i]);

        assert_int_equal(settings->via, i == 0 ? VIA_WEB_IDENTITY : VIA_SAML);
        assert_int_equal(settings->tags.count, 0);
        assert_int_equal(settings->transitive_tags.count, 0);
        assert_null(settings->external_id);
        assert_null(settings->base_role);
        assert_int_equal(settings->source_identity, NO);
        assert_int_equal(settings->duration, 7200);
    }
    assert_string_equal(settings_of(policy, "web")->session_name, "b-%{human}");
    assert_null(settings_of(policy, "saml")->session_name);
    assert_int_equal(settings_of(policy, "hub")->tags.count, 1);
    assert_string_equal(settings_of(policy, "hub")->external_id, "ab");
    policy_free(policy);
}

static void a_derived_role_has_the_way_of_its_account_and_pattern(void **state)
{
    struct policy *policy =
        good_policy("[xacct]\nregion = eu-west-1\n[base]\nsource = imds\n"
                    "[base cn]\nsource = file\nfile = /f\nregion = cn-north-1\n"
                    "[account a]\nid = 111122223333\nbase_role = hub\n"
                    "[account c]\nid = 444455556666\nbase = cn\nsts_region = cn-north-1\n"
                    "[pattern p]\ngroups = aws-{account}-{role}\ncase = exact\n"
                    "[role hub]\naccount = a\nname = H\n");
    static const struct {
        const char *group, *arn, *base;
        const char *base_role; /* NULL: none */
    } cases[] = {
        {"aws-a-X", "arn:aws:iam::111122223333:role/X", "", "hub"},
        {"aws-c-X", "arn:aws-cn:iam::444455556666:role/X", "cn", NULL},
        {"aws-a-H", "arn:aws:iam::111122223333:role/H", "", NULL},
    };

    (void)state;
    assert_non_null(policy);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena memory = {NULL, false};
        struct derived_roles derived = {.memory = &memory};
        const struct role *role;

        assert_int_equal(
            pattern_split(policy, &policy->patterns[0], cases[i].group, &derived, &role),
            SPLIT_ONE);
        assert_string_equal(role->arn, cases[i].arn);
        assert_string_equal(role->settings.base->name, cases[i].base);
        if (cases[i].base_role != NULL)
            assert_string_equal(role->settings.base_role->name, cases[i].base_role);
        else
            assert_null(role->settings.base_role);
        derived_roles_end(&derived);
        arena_free(&memory);
    }
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_of_a_base_is_told_with_its_line),
        cmocka_unit_test(each_fault_of_the_way_to_a_role_is_told_with_its_line),
        cmocka_unit_test(each_fault_of_the_host_is_told_with_its_line),
        cmocka_unit_test(a_proxy_that_is_refused_is_not_shown),
        cmocka_unit_test(the_way_to_aws_is_read),
        cmocka_unit_test(each_source_has_its_keys),
        cmocka_unit_test(roles_take_over_the_way_of_their_account),
        cmocka_unit_test(with_the_users_own_token_nothing_is_sent_that_it_has_no_parameter_for),
        cmocka_unit_test(a_derived_role_has_the_way_of_its_account_and_pattern),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
