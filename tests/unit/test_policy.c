/*
 * What a policy means once it has been read.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy_text.h"

/* Every key that there is, in sections that refer to later ones. */
static const char everything[] =
    "# a comment\n"
    "[grant consultants]             ; a comment behind a section\n"
    "users       = alice bob@corp.example\n"
    "groups      = consultants-a\n"
    "  \"Domain Users\"\n"
    "\n"
    "  consultants-b\n"
    "services    = sshd sudo\n"
    "roles       = audit dev\n"
    "default     = audit              ; a comment behind a value\n"
    "users       = CORP\\alice j\xc3\xbcrgen \"a name\"\n"
    "detach      = 12h\n"
    "since       = 2026-01-01\n"
    "until       = 2027-03-31\n"
    "hours       = Mon-Fri 08:00-18:00 UTC\n"
    "  Sat 10:00-12:00\n"
    "[deny leavers]\n"
    "users = mallory\n"
    "groups = leavers\n"
    "[deny embargo]\n"
    "groups = consultants-a leavers\n"
    "accounts = client-a\n"
    "roles = audit\n"
    "[role audit]\n"
    "account     = client-a\n"
    "name        = bastion/Auditor\n"
    "description = read-only; for the yearly audit\n"
    "duration    = 1h\n"
    "policy_arns = arn:aws:iam::aws:policy/ReadOnlyAccess arn:aws:iam::111122223333:policy/x/P\n"
    "tags        = project=phoenix human=%{human} note=\"two words\" empty=\n"
    "transitive_tags = project client\n"
    "region      = eu-central-1\n"
    "[role dev]\n"
    "account     = client-a\n"
    "arn         = arn:aws:iam::111122223333:\n"
    "    role/sandbox/\n"
    "    dev-%{user}\n"
    "external_id = abc\n"
    "    def\n"
    "source_identity = yes\n"
    "session_name = %{user}\n"
    "deliver = env\n"
    "min_life = 5m\n"
    "[account client-a]\n"
    "id          = 111122223333\n"
    "external_id = 7Zr-42\n"
    "tags        = client=a cost-centre=4711\n"
    "source_identity = no\n"
    "session_name = a-%{human}\n"
    "duration    = 30m\n"
    "deliver     = process\n"
    "[base]\n"
    "source = file\n"
    "file = /etc/xacct/base\n"
    "profile = bastion\n"
    "[xacct]\n"
    "region = eu-west-1\n"
    "timeout = 1500ms\n"
    "sts_endpoint = https://sts.example:8443\n"
    "ca_bundle = /etc/xacct/ca.pem\n"
    "minimum_uid = 500\n"
    "audit = /var/log/a.jsonl\n"
    "sessions = /run/x\n"
    "state = /var/x\n"
    "session_max = 36h\n"
    "console_endpoint = https://signin.example\n"
    "min_life = 10m\n"
    "duration = 2h\n";

static void assert_texts(const struct texts *texts, const char *joined)
{
    char all[512] = "";

    for (size_t i = 0; i < texts->count; i++) {
        strcat(all, i > 0 ? "|" : "");
        strcat(all, texts->items[i]);
    }
    assert_string_equal(all, joined);
}

static void the_host_is_what_its_sections_say(void **state)
{
    struct policy *policy = good_policy(everything);

    (void)state;
    assert_non_null(policy);
    assert_string_equal(policy->region, "eu-west-1");
    assert_int_equal(policy->timeout_ms, 1500);
    assert_string_equal(policy->sts_endpoint, "https://sts.example:8443");
    assert_string_equal(policy->ca_bundle, "/etc/xacct/ca.pem");
    assert_int_equal(policy->minimum_uid, 500);
    assert_string_equal(policy->audit, "/var/log/a.jsonl");
    assert_string_equal(policy->sessions, "/run/x");
    assert_string_equal(policy->state, "/var/x");
    assert_string_equal(policy->console_endpoint, "https://signin.example");
    assert_int_equal(policy->session_max, 36 * 3600);
    assert_int_equal(policy->longest_detach, 12 * 3600);
    assert_int_equal(policy->base->source, BASE_FILE);
    assert_string_equal(policy->base->file, "/etc/xacct/base");
    assert_string_equal(policy->base->profile, "bastion");
    assert_int_equal(policy->base->at.line, 52);
    policy_free(policy);
}

static void the_host_has_defaults(void **state)
{
    struct policy *policy = good_policy(HEAD ROLES);

    (void)state;
    assert_non_null(policy);
    assert_int_equal(policy->timeout_ms, 0);
    assert_null(policy->sts_endpoint);
    assert_null(policy->ca_bundle);
    assert_int_equal(policy->minimum_uid, 1000);
    assert_string_equal(policy->audit, POLICY_DEFAULT_AUDIT);
    assert_string_equal(policy->sessions, POLICY_DEFAULT_SESSIONS);
    assert_string_equal(policy->state, POLICY_DEFAULT_STATE);
    assert_null(policy->console_endpoint);
    assert_int_equal(policy->session_max, 0);
    assert_int_equal(policy->longest_detach, 0);
    assert_int_equal(policy->roles[0].settings.min_life, 0);
    assert_int_equal(policy->roles[0].settings.deliver, DELIVER_ENV);
    assert_string_equal(policy->base->profile, "default");
    assert_string_equal(policy->roles[0].settings.region, "eu-west-1");
    assert_int_equal(policy->roles[0].settings.source_identity, YES);
    assert_int_equal(policy->roles[0].settings.duration, 0);
    assert_null(policy->roles[0].settings.session_name);
    policy_free(policy);
}

static void a_role_takes_from_its_account_and_the_host_what_it_leaves_open(void **state)
{
    struct policy *policy = good_policy(everything);
    const struct role *audit, *dev;

    (void)state;
    assert_non_null(policy);
    assert_null(policy_find_role(policy, "nobody"));
    assert_null(policy_find_account(policy, "audit"));
    audit = policy_find_role(policy, "audit");
    dev = policy_find_role(policy, "dev");
    assert_ptr_equal(audit, &policy->roles[0]);
    assert_ptr_equal(audit->account, policy_find_account(policy, "client-a"));
    assert_string_equal(audit->arn, "arn:aws:iam::111122223333:role/bastion/Auditor");
    assert_int_equal(audit->at.line, 24);
    assert_string_equal(audit->settings.description, "read-only; for the yearly audit");
    assert_string_equal(audit->settings.external_id, "7Zr-42");
    assert_string_equal(audit->settings.region, "eu-central-1");
    assert_string_equal(audit->settings.session_name, "a-%{human}");
    assert_int_equal(audit->settings.duration, 3600);
    assert_int_equal(audit->settings.source_identity, NO);
    assert_int_equal(audit->settings.min_life, 600);
    assert_int_equal(audit->settings.deliver, DELIVER_PROCESS);
    assert_texts(&audit->settings.policy_arns, "arn:aws:iam::aws:policy/ReadOnlyAccess|"
                                               "arn:aws:iam::111122223333:policy/x/P");
    assert_texts(&audit->settings.transitive_tags, "project|client");

    assert_string_equal(dev->arn, "arn:aws:iam::111122223333:role/sandbox/dev-%{user}");
    assert_string_equal(dev->settings.external_id, "abcdef");
    assert_string_equal(dev->settings.region, "eu-west-1");
    assert_string_equal(dev->settings.session_name, "%{user}");
    assert_int_equal(dev->settings.duration, 1800);
    assert_int_equal(dev->settings.source_identity, YES);
    assert_int_equal(dev->settings.min_life, 300);
    assert_int_equal(dev->settings.deliver, DELIVER_ENV);
    assert_int_equal(dev->settings.policy_arns.count, 0);
    policy_free(policy);
}

static void tags_of_account_and_role_are_joined(void **state)
{
    static const char *const expected[][2] = {
        {"client", "a"},       {"cost-centre", "4711"}, {"project", "phoenix"},
        {"human", "%{human}"}, {"note", "two words"},   {"empty", ""},
    };
    struct policy *policy = good_policy(everything);
    const struct tags *tags;

    (void)state;
    assert_non_null(policy);
    tags = &policy_find_role(policy, "audit")->settings.tags;
    assert_int_equal(tags->count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < tags->count; i++) {
        assert_string_equal(tags->items[i].key, expected[i][0]);
        assert_string_equal(tags->items[i].value, expected[i][1]);
    }
    assert_int_equal(tags->items[0].at.line, 47);
    assert_int_equal(tags->items[2].at.line, 30);
    assert_int_equal(policy_find_role(policy, "dev")->settings.tags.count, 2);
    policy_free(policy);
}

static void rules_name_users_groups_services_and_roles(void **state)
{
    struct policy *policy = good_policy(everything);
    const struct grant *grant;
    const struct deny *embargo;

    (void)state;
    assert_non_null(policy);
    assert_int_equal(policy->grant_count, 1);
    grant = &policy->grants[0];
    assert_string_equal(grant->name, "consultants");
    assert_int_equal(grant->at.line, 2);
    assert_string_equal(grant->at.file, "/etc/xacct/xacct.conf");
    assert_texts(&grant->who.users, "alice|bob@corp.example|CORP\\alice|j\xc3\xbcrgen|a name");
    assert_texts(&grant->services, "sshd|sudo");
    assert_int_equal(grant->role_count, 2);
    assert_string_equal(grant->roles[1]->name, "dev");
    assert_ptr_equal(grant->default_role, grant->roles[0]);
    assert_string_equal(grant->since.text, "2026-01-01");
    assert_string_equal(grant->until.text, "2027-03-31");
    assert_string_equal(grant->hours.text, "Mon-Fri 08:00-18:00, Sat 10:00-12:00 UTC");
    assert_int_equal(grant->hours.count, 6);
    assert_int_equal(grant->detach, 12 * 3600);

    assert_int_equal(policy->deny_count, 2);
    assert_int_equal(policy->denies[0].account_count + policy->denies[0].role_count, 0);
    embargo = &policy->denies[1];
    assert_int_equal(embargo->account_count, 1);
    assert_string_equal(embargo->accounts[0]->name, "client-a");
    assert_int_equal(embargo->role_count, 1);
    assert_ptr_equal(embargo->roles[0], grant->roles[0]);
    policy_free(policy);
}

static void groups_are_listed_once_and_those_of_denies_first(void **state)
{
    struct policy *policy = good_policy(everything);
    const struct subjects *who;

    (void)state;
    assert_non_null(policy);
    assert_texts(&policy->groups, "leavers|consultants-a|Domain Users|consultants-b");
    assert_int_equal(policy->deny_group_count, 2);
    who = &policy->grants[0].who;
    assert_int_equal(who->group_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(who->groups[i], i + 1);
    policy_free(policy);
}

/* How a value of [role] is understood: in seconds, or as the ARN with the region of [xacct]. */
static void durations_have_units(void **state)
{
    static const struct {
        const char *text;
        int seconds;
    } durations[] = {{"900", 900},    {"15m", 900},   {"1h", 3600},    {"90m", 5400},
                     {"3600s", 3600}, {"12h", 43200}, {"43200", 43200}};

    (void)state;
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        char text[1024];
        struct policy *policy;

        snprintf(text, sizeof text, HEAD ROLES "duration = %s\n", durations[i].text);
        policy = good_policy(text);
        assert_non_null(policy);
        assert_int_equal(policy_find_role(policy, "s")->settings.duration, durations[i].seconds);
        policy_free(policy);
    }
}

static void a_name_becomes_an_arn_in_the_partition_of_the_region(void **state)
{
    static const struct {
        const char *region;
        const char *partition;
    } regions[] = {
        {"us-east-1", "aws"},
        {"ap-southeast-2", "aws"},
        {"il-central-1", "aws"},
        {"cn-north-1", "aws-cn"},
        {"us-gov-west-1", "aws-us-gov"},
        {"us-iso-east-1", "aws-iso"},
        {"us-isob-east-1", "aws-iso-b"},
        {"eu-isoe-west-1", "aws-iso-e"},
        {"us-isof-south-1", "aws-iso-f"},
        {"eusc-de-east-1", "aws-eusc"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
        char text[1024], arn[128];
        struct policy *policy;

        snprintf(text, sizeof text,
                 "[xacct]\nregion = %s\n[base]\nsource = file\nfile = /f\n[account a]\n"
                 "id = 000000000001\n[role r]\naccount = a\nname = p/q/R+=,.@-_1\n",
                 regions[i].region);
        snprintf(arn, sizeof arn, "arn:%s:iam::000000000001:role/p/q/R+=,.@-_1",
                 regions[i].partition);
        policy = good_policy(text);
        assert_non_null(policy);
        assert_string_equal(policy->roles[0].arn, arn);
        policy_free(policy);
    }
}

/* Texts that are close to a fault and none. */
static void what_is_just_legal_is_accepted(void **state)
{
#define X48 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    static const char *const texts[] = {
        HEAD "; " X48 X48 X48 X48 "xxxx\n", /* 198 bytes */
        HEAD "[account xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]\nid = 777788889999\n", /* 49 */
        HEAD "[role x]\naccount = a\nname = " X48 "xxxxxxxxxxxxxxxx\n",
        HEAD "[role x]\naccount = a\nname = sandbox/%{user}\n",
        HEAD "[role x]\naccount = a\nname = %{account}/x\n",
        HEAD "[role x]\naccount=a\nname=R\nexternal_id=a=b:c/d\n",
        HEAD "[role x]\naccount = a\nname = R\ntags = k=v=w\n  account=x\n",
        HEAD "[role x]\naccount = a\nname = R\ntags = \"cost centre=\xc3\xa9\" t=\"%{user} x\"\n",
        HEAD "[account c]\nid = 777788889999\ntags = k=v\n[role x]\naccount = c\nname = R\n"
             "tags = k=v\n",
        HEAD "[account c]\nid = 777788889999\ntransitive_tags = k\n[role x]\naccount = c\n"
             "name = R\ntags = k=v\n",
        HEAD ROLES "[grant g]\nusers = \"*\" \"a,b\" \"@x\"\nroles = r r\n",
        HEAD ROLES "[grant g]\nusers =\n  u\nroles =\n\tr\n\ts\n",
        HEAD ROLES "[grant g]\nusers = u\n\n; between\n  v\nroles = r\n   \n",
        HEAD "[role x]\naccount = a\nname = R\nmin_life = 3599s\n",
        HEAD "[role x]\naccount = a\nname = R\nduration = 15m\nmin_life = 60\n",
        HEAD "[account c]\nid = 777788889999\nmin_life = 2h\n[role x]\naccount = c\nname = R\n"
             "duration = 3h\n",
        HEAD "[account c]\nid = 777788889999\nmin_life = 11h\n",
        HEAD ROLES "[grant g]\nusers = u\nroles = r\nhours = Mon,Mon 00:00-24:00\n",
        HEAD ROLES "[grant r]\nusers = a:b\nroles = r\n[deny r]\nusers = c;d\n",
        "[xacct]\nregion = eu-west-1\nsts_endpoint = http://[::1]:8000/\n[base]\nsource = file\n"
        "file = /f\n",
        "[xacct]\nregion = eu-west-1\nsession_max = 15m\nconsole_endpoint = http://127.0.0.1:80\n"
        "[base]\nsource = file\nfile = /f\n",
        "[xacct]\nregion = eu-west-1\nsession_max = 30d\nstate = /x\n[base]\nsource = file\n"
        "file = /f\n",
        "[xacct]\nregion = eu-west-1\nsts_endpoint = http://localhost\ntimeout = 60s\n[base]\n"
        "source = file\nfile = /f\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct policy *policy = good_policy(texts[i]);

        if (policy == NULL)
            fail_msg("refused:\n%s", texts[i]);
        policy_free(policy);
    }
}

static void an_external_id_of_1224_bytes_goes_on_in_indented_lines(void **state)
{
    char text[4096] = HEAD "[role x]\naccount = a\nname = R\nexternal_id =\n";
    struct policy *policy;

    (void)state;
    for (unsigned i = 0; i < 12; i++)
        strcat(text, "  " X48 X48 "xxxxxx\n");
    policy = good_policy(text);
    assert_non_null(policy);
    assert_int_equal(strlen(policy->roles[0].settings.external_id), 1224);
    policy_free(policy);
}

static void every_file_is_kept_byte_for_byte_and_read_once(void **state)
{
    static const char text[] = HEAD "policy = one.json\n" ROLES "policy = one.json\n"
                                    "[role x]\naccount = b\nname = X\n"
                                    "[role y]\naccount = a\nname = Y\npolicy = %s/two.json\n";
    static const char session[] = "{\"Resource\": \"arn:aws:s3:::home-%{user}/\xc3\xa9\"}\r\n";
    char folder[] = "/tmp/xacct-policy-XXXXXX", path[64], whole[1024];
    static const struct trust unchecked = {.unchecked = true, .largest = 1024 * 1024};
    const char *const names[] = {"xacct.conf", "one.json", "two.json"};
    struct policy_errors errors;
    struct policy *policy;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(whole, sizeof whole, text, folder);
    for (size_t i = 0; i < 3; i++) {
        FILE *stream;

        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        stream = fopen(path, "w");
        assert_non_null(stream);
        fputs(i == 0 ? whole : session, stream);
        fclose(stream);
    }
    snprintf(path, sizeof path, "%s/xacct.conf", folder);
    policy = policy_load(path, &unchecked, &errors);
    policy_errors_free(&errors);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);

    assert_non_null(policy);
    assert_int_equal(policy->file_count, 3);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_string_equal(policy->files[i].path, path);
        assert_int_equal(policy->files[i].length, strlen(i == 0 ? whole : session));
        assert_string_equal(policy->files[i].bytes, i == 0 ? whole : session);
    }
    /* b's roles have b's; r, in a, has none. */
    assert_null(policy_find_role(policy, "r")->settings.session_policy);
    assert_string_equal(policy_find_role(policy, "s")->settings.session_policy, session);
    assert_int_equal(policy_find_role(policy, "s")->settings.session_policy_at.line,
                     HEAD_LINES + 1 + ROLES_LINES + 1);
    assert_string_equal(policy_find_role(policy, "x")->settings.session_policy, session);
    assert_int_equal(policy_find_role(policy, "x")->settings.session_policy_at.line,
                     HEAD_LINES + 1);
    assert_string_equal(policy_find_role(policy, "y")->settings.session_policy, session);
    policy_free(policy);
}

/* The shipped example, as it is, or with the ";" taken from every line that it offers. */
static struct policy *shipped_example(bool filled_in)
{
    char text[16384] = "", line[256];
    FILE *stream = fopen("conf/xacct.conf", "r");
    struct policy *policy;

    if (stream == NULL)
        fail_msg("conf/xacct.conf is not there: run this test in the top folder of the source");
    while (fgets(line, sizeof line, stream) != NULL)
        strcat(text, line + (filled_in && line[0] == ';'));
    fclose(stream);
    policy = good_policy(text);
    assert_non_null(policy);
    return policy;
}

static void the_shipped_example_grants_nothing(void **state)
{
    struct policy *policy = shipped_example(false);

    (void)state;
    assert_int_equal(policy->account_count + policy->role_count + policy->grant_count +
                         policy->pattern_count + policy->ca_count,
                     0);
    policy_free(policy);
}

static void the_shipped_example_filled_in_is_a_policy(void **state)
{
    struct policy *policy = shipped_example(true);

    (void)state;
    assert_int_equal(policy->grant_count, 1);
    assert_int_equal(policy->deny_count, 2);
    assert_int_equal(policy->pattern_count, 1);
    assert_int_equal(policy->ca_count, 1);
    assert_string_equal(policy->grants[0].default_role->arn,
                        "arn:aws:iam::111122223333:role/bastion/Auditor");
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_is_what_its_sections_say),
        cmocka_unit_test(the_host_has_defaults),
        cmocka_unit_test(a_role_takes_from_its_account_and_the_host_what_it_leaves_open),
        cmocka_unit_test(tags_of_account_and_role_are_joined),
        cmocka_unit_test(rules_name_users_groups_services_and_roles),
        cmocka_unit_test(groups_are_listed_once_and_those_of_denies_first),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(a_name_becomes_an_arn_in_the_partition_of_the_region),
        cmocka_unit_test(what_is_just_legal_is_accepted),
        cmocka_unit_test(an_external_id_of_1224_bytes_goes_on_in_indented_lines),
        cmocka_unit_test(every_file_is_kept_byte_for_byte_and_read_once),
        cmocka_unit_test(the_shipped_example_grants_nothing),
        cmocka_unit_test(the_shipped_example_filled_in_is_a_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
