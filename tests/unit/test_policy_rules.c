/*
 * [ca], [pattern], identity and the conditions of grants: what they mean once they have been read,
 * and what they are refused for. Which logins they permit is the matter of test_decide_facts.c.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy_fault.h"
#include "ssh_keys.h"

#define LINE_KEY 150 /* bytes of a key on one line: in two places two keys would be too long */

/* Writes [ca NAME] with the key, which goes on in indented lines. */
static void write_ca(char *text, const char *name, const char *key)
{
    text += sprintf(text, "[ca %s]\nnames = *@partner.example\nkey = ", name);
    for (; strlen(key) > LINE_KEY; key += LINE_KEY)
        text += sprintf(text, "%.*s\n  ", LINE_KEY, key);
    sprintf(text, "%s\n", key);
}

static void a_key_of_each_type_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ssh_keys / sizeof *ssh_keys; i++) {
        char text[4096] = HEAD;
        struct policy *policy;
        const struct ca *ca;

        write_ca(text + strlen(text), "partner", ssh_keys[i].text);
        policy = good_policy(text);
        assert_non_null(policy);
        assert_int_equal(policy->ca_count, 1);
        ca = &policy->cas[0];
        assert_string_equal(ca->name, "partner");
        assert_string_equal(ca->type, ssh_keys[i].type);
        assert_int_equal(ca->key_length, ssh_keys[i].length);
        assert_memory_equal(ca->key + 4, ssh_keys[i].type, strlen(ssh_keys[i].type));
        assert_int_equal(ca->identity, CA_IDENTITY_KEY_ID);
        assert_int_equal(ca->at.line, HEAD_LINES + 1);
        assert_ptr_equal(policy_find_ca(policy, ca->key, ca->key_length), ca);
        assert_null(policy_find_ca(policy, ca->key, ca->key_length - 1));
        policy_free(policy);
    }
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken_keys / sizeof *broken_keys; i++) {
        char text[4096] = HEAD;

        write_ca(text + strlen(text), "partner", broken_keys[i].text);
        expect_fault(text, strlen(text), HEAD_LINES + 3, broken_keys[i].fault);
    }
}

static void one_key_has_one_ca(void **state)
{
    char text[4096] = HEAD;
    const char *key = ssh_keys[0].text;

    (void)state;
    write_ca(text + strlen(text), "one", key);
    write_ca(text + strlen(text), "two", ssh_keys[1].text);
    write_ca(text + strlen(text), "three", key);
    expect_fault(text, strlen(text), HEAD_LINES + 10, "it is that of [ca one] in line 10 already");
}

static void a_ca_says_which_names_it_may_use(void **state)
{
    static const struct {
        const char *names;
        const char *name;
        bool may;
    } cases[] = {
        {"*@partner.example", "carol@partner.example", true},
        {"*@partner.example", "@partner.example", true},
        {"*@partner.example", "carol@partner.example.org", false},
        {"*@partner.example", "carol@other.example", false},
        {"*@partner.example", "carol@PARTNER.example", false},
        {"*@partner.example", "", false},
        {"*", "", false},
        {"*", "anybody", true},
        {"carol", "carol", true},
        {"carol", "carola", false},
        {"carol", "Carol", false},
        {"p-*-x", "p-a-b-x", true},
        {"p-*-x", "p--x", true},
        {"p-*-x", "p-x", false},
        {"u??", "u12", true},
        {"u??", "u1", false},
        {"*a*b*c", "xxaxbxbxc", true},
        {"*a*b*c", "xxaxcxb", false},
        {"ann bob", "bob", true},
        {"[ab]", "a", false},
        {"\"a, b\"", "a, b", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024];
        struct policy *policy;

        snprintf(text, sizeof text, "%s[ca c]\nkey = %s\nnames = %s\nidentity = principal\n", HEAD,
                 ssh_keys[0].text, cases[i].names);
        policy = good_policy(text);
        assert_non_null(policy);
        assert_int_equal(policy->cas[0].identity, CA_IDENTITY_PRINCIPAL);
        if (policy_ca_may_name(&policy->cas[0], cases[i].name) != cases[i].may)
            fail_msg("names = %s: %s", cases[i].names, cases[i].name);
        policy_free(policy);
    }
}

static void identity_comes_from_where_the_host_says(void **state)
{
    static const struct {
        const char *line;
        const char *order; /* the first letters */
    } cases[] = {
        {"", "clu"},
        {"identity = certificate loginuid user\n", "clu"},
        {"identity = user\n", "u"},
        {"identity = loginuid\nidentity = user\n", "lu"},
        {"identity =\n  user\n  certificate\n", "uc"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512], got[IDENTITY_SOURCES + 1] = "";
        struct policy *policy;

        snprintf(text, sizeof text,
                 "[xacct]\nregion = eu-west-1\n%s[base]\nsource = file\nfile = /f\n",
                 cases[i].line);
        policy = good_policy(text);
        assert_non_null(policy);
        for (size_t j = 0; j < policy->identity_count; j++)
            got[j] = "clu"[policy->identity[j]];
        assert_string_equal(got, cases[i].order);
        policy_free(policy);
    }
}

static void a_pattern_is_split_at_its_marks(void **state)
{
    static const struct {
        const char *groups;
        const char *before, *between, *after;
        bool role_first;
    } cases[] = {
        {"aws-{account}-{role}", "aws-", "-", "", false},
        {"{account}.{role}", "", ".", "", false},
        {"{role}@{account}", "", "@", "", true},
        {"x{role}-in-{account}y", "x", "-in-", "y", true},
        {"\"AWS {account} {role} (all)\"", "AWS ", " ", " (all)", false},
        {"CORP\\{account}-{role}", "CORP\\", "-", "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        struct policy *policy;
        const struct pattern *pattern;

        snprintf(text, sizeof text, "%s[pattern p]\ngroups = %s\n", HEAD, cases[i].groups);
        policy = good_policy(text);
        assert_non_null(policy);
        pattern = &policy->patterns[0];
        assert_string_equal(pattern->before, cases[i].before);
        assert_string_equal(pattern->between, cases[i].between);
        assert_string_equal(pattern->after, cases[i].after);
        assert_int_equal(pattern->role_first, cases[i].role_first);
        assert_string_equal(pattern->path, "{role}");
        assert_false(pattern->exact);
        assert_string_equal(pattern->rule.title, "pattern p");
        policy_free(policy);
    }
}

static void patterns_stand_in_the_order_of_their_names(void **state)
{
    struct policy *policy = good_policy(HEAD "[pattern b]\ngroups = b-{account}-{role}\n"
                                             "[pattern B]\ngroups = B-{account}-{role}\n"
                                             "detach = 3h\n"
                                             "[pattern a]\ngroups = a-{account}-{role}\n"
                                             "until = 2027-03-31T00:00Z\n"
                                             "hours = Mon 08:00-18:00 Asia/Tokyo\n"
                                             "since = 2027-01-01\n");
    const struct pattern *patterns;

    (void)state;
    assert_non_null(policy);
    patterns = policy->patterns;
    assert_string_equal(patterns[0].rule.name, "B");
    assert_string_equal(patterns[1].rule.name, "a");
    assert_string_equal(patterns[2].rule.name, "b");
    assert_int_equal(policy->longest_detach, 3 * 3600);
    /* Dates of patterns are days like those of grants. */
    assert_int_equal(patterns[1].rule.since.at, 1798729200);
    assert_int_equal(patterns[1].rule.condition_at[CONDITION_SINCE].line, HEAD_LINES + 10);
    policy_free(policy);
}

static void conditions_keep_their_lines(void **state)
{
    struct policy *policy = good_policy(
        HEAD ROLES "[grant g]\nusers = u\nroles = r\nservices = sshd\nhosts = a-* b?\n"
                   "from = 10.0.0.0/8\n  ::ffff:192.0.2.0/120 2001:db8::/32\nauth = publickey\n"
                   "  keyboard-interactive\nuntil = 2030-01-01\ndetach = 1h\n");
    const struct grant *grant;

    (void)state;
    assert_non_null(policy);
    grant = &policy->grants[0];
    assert_int_equal(grant->condition_at[CONDITION_SERVICES].line, HEAD_LINES + ROLES_LINES + 4);
    assert_int_equal(grant->condition_at[CONDITION_HOSTS].line, HEAD_LINES + ROLES_LINES + 5);
    assert_int_equal(grant->condition_at[CONDITION_FROM].line, HEAD_LINES + ROLES_LINES + 6);
    assert_int_equal(grant->condition_at[CONDITION_AUTH].line, HEAD_LINES + ROLES_LINES + 8);
    assert_int_equal(grant->condition_at[CONDITION_UNTIL].line, HEAD_LINES + ROLES_LINES + 10);
    assert_int_equal(grant->condition_at[CONDITION_DETACH].line, HEAD_LINES + ROLES_LINES + 11);
    assert_int_equal(grant->hosts.count, 2);
    assert_int_equal(grant->auth.count, 2);
    assert_int_equal(grant->from.count, 3);
    assert_true(grant->from.items[1].is_ipv4);
    assert_int_equal(grant->from.items[1].bits, 24);
    assert_string_equal(grant->from.items[1].text, "::ffff:192.0.2.0/120");
    assert_false(grant->from.items[2].is_ipv4);
    policy_free(policy);
}

/* Further lines of a grant; the error's line counts from there. */
static const struct fault grant_keys[] = {
    {"hosts = a,b\n", 1, "hosts: a,b cannot be the name of a host", 0},
    {"hosts = a[bc]\n", 1, "cannot be the name of a host", 0},
    {"hosts = \"\"\n", 1, "cannot be the name of a host", 0},
    {"hosts =\n  a\n  b/c\n", 3, "hosts: b/c cannot be", 0},
    {"hosts = h\xc3\xb6st\n", 1, "cannot be the name of a host", 0},
    {"from = bastion\n", 1, "from: bastion is not an address or prefix", 0},
    {"from = 10.0.0\n", 1, "is not an address or prefix", 0},
    {"from = 10.0.0.256\n", 1, "is not an address or prefix", 0},
    {"from = 010.0.0.1\n", 1, "is not an address or prefix", 0},
    {"from = 10.0.0.0/\n", 1, "the number behind the / goes from 0 to 32", 0},
    {"from = 10.0.0.0/33\n", 1, "goes from 0 to 32", 0},
    {"from = 10.0.0.0/-1\n", 1, "goes from 0 to 32", 0},
    {"from = 10.0.0.0/255.0.0.0\n", 1, "goes from 0 to 32", 0},
    {"from = 2001:db8::/129\n", 1, "goes from 0 to 128", 0},
    {"from = ::ffff:10.0.0.0/95\n", 1, "goes from 96 to 128", 0},
    {"from = 10.0.0.1/8\n", 1, "has bits set behind the prefix; write 10.0.0.0/8", 0},
    {"from = 192.0.2.129/25\n", 1, "write 192.0.2.128/25", 0},
    {"from = 2001:db8::1/32\n", 1, "write 2001:db8::/32", 0},
    {"from = ::ffff:10.0.0.1/104\n", 1, "write 10.0.0.0/8", 0},
    {"from = 1.2.3.4/0\n", 1, "write 0.0.0.0/0", 0},
    {"from = fe80::1%eth0\n", 1, "is not an address or prefix", 0},
    {"from = [2001:db8::1]\n", 1, "is not an address or prefix", 0},
    {"from = 10.0.0.0/8, 11.0.0.0/8\n", 1, "goes from 0 to 32", 0},
    {"auth = pubkey\n", 1, "auth: pubkey is no method of sshd's; known are publickey", 0},
    {"auth = Password\n", 1, "is no method of sshd's", 0},
    {"auth = keyboard-interactive/pam\n", 1, "is no method of sshd's", 0},
    {"principals = a,b\n", 1, "principals: a,b holds a comma", 0},
    {"principals = *@partner.example\n", 1, "looks like a pattern", 0},
    {"principals =\n", 1, "principals in [grant g] has no value", 0},
    {"case = exact\n", 1, "unknown key \"case\" in [grant g]", 0},
    {"names = x\n", 1, "unknown key \"names\"", 0},
};

/* Further lines of [xacct]; the error is in line 3. */
static const struct fault host_keys[] = {
    {"identity = cert", 3, "identity: cert is not known; known are certificate, loginuid and user",
     0},
    {"identity = user user", 3, "identity: user stands there twice", 0},
    {"identity = user\nidentity = certificate user", 4, "user stands there twice", 0},
    {"identity =", 3, "identity in [xacct] has no value", 0},
    {"identity = certificate, user", 3, "identity: certificate, is not known", 0},
};

#define CA                                                                                         \
    "key = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9hPCv\n"

/* Sections below the head; the error's line counts from there. */
static const struct fault sections[] = {
    {"[ca c]\n" CA, 1, "[ca c] lacks the key names", 0},
    {"[ca c]\nnames = *\n", 1, "[ca c] lacks the key key", 0},
    {"[ca]\nnames = *\n" CA, 1, "[ca] needs a name", 0},
    {"[ca c]\nnames = a,b\n" CA, 2, "names: a,b holds a comma", 0},
    {"[ca c]\nnames = \"\"\n" CA, 2, "names: an empty name", 0},
    {"[ca c]\nnames = *\nidentity = user\n" CA, 3, "identity = user: write key-id or principal", 0},
    {"[ca c]\nnames = *\nidentity = key-id principal\n" CA, 3, "write key-id or principal", 0},
    {"[ca c]\nnames = *\n" CA "  # comment\n", 4, "a comment on an indented line", 0},
    {"[ca c]\nnames = *\n" CA CA, 4, "key stands in line 12 of [ca c] already", 0},
    {"[pattern p]\ncase = exact\n", 1, "lacks the key groups", 0},
    {"[pattern p]\ngroups = aws-{account}-{role} x-{account}-{role}\n", 2, "one form of group", 0},
    {"[pattern p]\ngroups = aws-{account}\n", 2, "with {account} and {role} in it, once each", 0},
    {"[pattern p]\ngroups = aws-{role}\n", 2, "once each", 0},
    {"[pattern p]\ngroups = aws-\n", 2, "once each", 0},
    {"[pattern p]\ngroups = {account}-{role}-{role}\n", 2, "once each", 0},
    {"[pattern p]\ngroups = {account}-{account}-{role}\n", 2, "once each", 0},
    {"[pattern p]\ngroups = {account}-{role}-{user}\n", 2, "once each", 0},
    {"[pattern p]\ngroups = {account}-{role\n", 2, "once each", 0},
    {"[pattern p]\ngroups = {account}{role}\n", 2, "something must stand between", 0},
    {"[pattern p]\ngroups = {role}{account}\n", 2, "something must stand between", 0},
    {"[pattern p]\ngroups = aws-*-{account}-{role}\n", 2, "looks like a pattern", 0},
    {"[pattern p]\ngroups = @{account}-{role}\n", 2, "begins with a character", 0},
    {"[pattern p]\ngroups = {account}-{role}\nname = Auditor\n", 3, "with {role} in it once", 0},
    {"[pattern p]\ngroups = {account}-{role}\nname = {role}{role}\n", 3, "{role} in it once", 0},
    {"[pattern p]\ngroups = {account}-{role}\nname = {account}/{account}/{role}\n", 3,
     "at most once", 0},
    {"[pattern p]\ngroups = {account}-{role}\nname = {role}-%{user}\n", 3, "has no place here", 0},
    {"[pattern p]\ngroups = {account}-{role}\nname = /{role}\n", 3, "without a / at the beginning",
     0},
    {"[pattern p]\ngroups = {account}-{role}\nname = {role}/\n", 3, "1 to 64", 0},
    {"[pattern p]\ngroups = {account}-{role}\nname = a:{role}\n", 3, "1 to 64", 0},
    {"[pattern p]\ngroups = {account}-{role}\ncase = yes\n", 3, "case = yes: write fold or exact",
     0},
    {"[pattern p]\ngroups = {account}-{role}\naccount = a\n", 3, "unknown key \"account\"", 0},
    {"[pattern p]\ngroups = {account}-{role}\narn = x\n", 3, "unknown key \"arn\"", 0},
    {"[pattern p]\ngroups = {account}-{role}\nusers = u\n", 3, "unknown key \"users\"", 0},
    {"[pattern p]\ngroups = {account}-{role}\ndefault = r\n", 3, "unknown key \"default\"", 0},
    {"[pattern p]\ngroups = {account}-{role}\nroles = r\n", 3, "unknown key \"roles\"", 0},
    {"[pattern p]\ngroups = {account}-{role}\nduration = 1m\n", 3, "from 15m to 12h", 0},
    {"[pattern p]\ngroups = {account}-{role}\nmin_life = 2h\n", 3,
     "[pattern p] has min_life = 7200s with STS's duration", 0},
    {"[pattern p]\ngroups = {account}-{role}\npolicy_arns = arn:aws:iam::111122223333:policy/P\n",
     3, "not in account 444455556666 of [pattern p]", 0},
    {"[pattern p]\ngroups = {account}-{role}\ntransitive_tags = k\n", 3, "k is not among the tags",
     0},
    {"[account c]\nid = 777788889999\ntags = k=v\n[pattern p]\ngroups = {account}-{role}\n"
     "tags = k=w\n",
     6, "k=w here and k=v in line 12, for [account c]", 0},
    {"[pattern p]\ngroups = {account}-{role}\nhosts = a,b\n", 3, "cannot be the name of a host", 0},
    {"[pattern p]\ngroups = {account}-{role}\nuntil = 2027-01-01\nsince = 2027-02-01\n", 3,
     "so [pattern p] would never hold", 0},
    {"[deny d]\nprincipals = a,b\n", 2, "holds a comma", 0},
    {"[deny d]\nusers = u\nhosts = x\n", 3, "unknown key \"hosts\" in [deny d]", 0},
    {"[deny d]\nusers = u\nfrom = 10.0.0.0/8\n", 3, "unknown key \"from\"", 0},
};

static void each_fault_of_a_grant_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults(HEAD ROLES "[grant g]\nusers = u\nroles = r\n", HEAD_LINES + ROLES_LINES + 3, "",
                  grant_keys, COUNT_OF(grant_keys));
}

static void each_fault_of_identity_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults("[xacct]\nregion = eu-west-1\n", 0, "\n[base]\nsource = file\nfile = /f\n",
                  host_keys, COUNT_OF(host_keys));
}

static void each_fault_of_a_section_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults(HEAD, HEAD_LINES, "", sections, COUNT_OF(sections));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_of_each_type_is_read),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(one_key_has_one_ca),
        cmocka_unit_test(a_ca_says_which_names_it_may_use),
        cmocka_unit_test(identity_comes_from_where_the_host_says),
        cmocka_unit_test(a_pattern_is_split_at_its_marks),
        cmocka_unit_test(patterns_stand_in_the_order_of_their_names),
        cmocka_unit_test(conditions_keep_their_lines),
        cmocka_unit_test(each_fault_of_a_grant_is_told_with_its_line),
        cmocka_unit_test(each_fault_of_identity_is_told_with_its_line),
        cmocka_unit_test(each_fault_of_a_section_is_told_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
