/*
 * Decisions that depend on where a login goes to and comes from, how it was made, and by which
 * certificate: one line of a table, one decision.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_setting.h"

#define OF(service) "services = " service "\n"

static const struct decision_case places[] = {
    /* hosts */
    {ALICE "hosts = bastion-eu-1\n", "alice", "permitted r *r@g"},
    {ALICE "hosts = bastion-eu-*\n", "alice", "permitted r *r@g"},
    {ALICE "hosts = BASTION-eu-?\n", "alice", "permitted r *r@g"},
    {ALICE "hosts = bastion-eu-1\n", "alice host=Bastion-EU-1", "permitted r *r@g"},
    {ALICE "hosts = *\n", "alice host=x", "permitted r *r@g"},
    {ALICE "hosts = bastion-us-* bastion-eu-*\n", "alice", "permitted r *r@g"},
    {ALICE "hosts = bastion-eu\n", "alice", "no-grant !g"},
    {ALICE "hosts = astion-eu-1\n", "alice", "no-grant !g"},
    {ALICE "hosts = bastion-eu-??\n", "alice", "no-grant !g"},
    {ALICE "hosts = bastion-*-2\n", "alice", "no-grant !g"},
    {ALICE "hosts = bastion.eu-1\n", "alice", "no-grant !g"},
    {ALICE "hosts = bastion-eu-*\n", "alice host=bastion-eu-1.example.com", "permitted r *r@g"},
    {ALICE "hosts = *-eu-1.example.com\n", "alice host=bastion-eu-1.example.com",
     "permitted r *r@g"},
    {ALICE "hosts = *\n", "alice host=unknown", "undecided"},
    {ALICE "hosts = x\n[grant h]\nusers = alice\nroles = s\n", "alice", "permitted s *s@h"},
    {ALICE "hosts = x\n[grant h]\nusers = alice\nroles = s\n" LATER, "alice", "denied !h"},
    {ALICE "hosts = x\n" LATER, "alice", "no-grant !g"},
    {ALICE "hosts = x\n[deny d]\nusers = alice\n", "alice", "denied -d"},
    {ALICE "hosts = x\n", "bob", "no-grant"},
    /* from: addresses */
    {ALICE "from = 10.0.0.1\n", "alice from=10.0.0.1", "permitted r *r@g"},
    {ALICE "from = 10.0.0.1\n", "alice from=10.0.0.2", "no-grant !g"},
    {ALICE "from = 10.0.0.1/32\n", "alice from=10.0.0.1", "permitted r *r@g"},
    {ALICE "from = 2001:db8::1\n", "alice from=2001:db8:0:0::1", "permitted r *r@g"},
    {ALICE "from = 2001:DB8::1\n", "alice from=2001:db8::1", "permitted r *r@g"},
    {ALICE "from = 2001:db8::1\n", "alice from=2001:db8::2", "no-grant !g"},
    /* and prefixes, to the bit */
    {ALICE "from = 10.0.0.0/8\n", "alice from=10.255.255.255", "permitted r *r@g"},
    {ALICE "from = 10.0.0.0/8\n", "alice from=11.0.0.0", "no-grant !g"},
    {ALICE "from = 10.0.0.0/8\n", "alice from=9.255.255.255", "no-grant !g"},
    {ALICE "from = 192.0.2.128/25\n", "alice from=192.0.2.128", "permitted r *r@g"},
    {ALICE "from = 192.0.2.128/25\n", "alice from=192.0.2.127", "no-grant !g"},
    {ALICE "from = 192.0.2.4/31\n", "alice from=192.0.2.5", "permitted r *r@g"},
    {ALICE "from = 192.0.2.4/31\n", "alice from=192.0.2.6", "no-grant !g"},
    {ALICE "from = 0.0.0.0/0\n", "alice from=203.0.113.9", "permitted r *r@g"},
    {ALICE "from = 0.0.0.0/0\n", "alice from=2001:db8::1", "no-grant !g"},
    {ALICE "from = ::/0\n", "alice from=2001:db8::1", "permitted r *r@g"},
    {ALICE "from = ::/0\n", "alice from=203.0.113.9", "no-grant !g"},
    {ALICE "from = 2001:db8::/33\n", "alice from=2001:db8:7fff::1", "permitted r *r@g"},
    {ALICE "from = 2001:db8::/33\n", "alice from=2001:db8:8000::1", "no-grant !g"},
    {ALICE "from = 10.0.0.0/8 2001:db8::/32\n", "alice from=2001:db8::9", "permitted r *r@g"},
    {ALICE "from = 10.0.0.0/8\n  192.0.2.1\n", "alice from=192.0.2.1", "permitted r *r@g"},
    /* An IPv4 address written as an IPv6 one is that address, on both sides */
    {ALICE "from = 10.0.0.0/8\n", "alice from=::ffff:10.1.2.3", "permitted r *r@g"},
    {ALICE "from = 10.0.0.0/8\n", "alice from=::ffff:a01:203", "permitted r *r@g"},
    {ALICE "from = ::ffff:10.0.0.0/104\n", "alice from=10.1.2.3", "permitted r *r@g"},
    {ALICE "from = ::ffff:10.0.0.0/104\n", "alice from=11.1.2.3", "no-grant !g"},
    {ALICE "from = ::ffff:0.0.0.0/96\n", "alice from=198.51.100.1", "permitted r *r@g"},
    {ALICE "from = ::/0\n", "alice from=::ffff:10.1.2.3", "no-grant !g"},
    /* Zones of link-local addresses say nothing about them */
    {ALICE "from = fe80::/10\n", "alice from=fe80::1%eth0", "permitted r *r@g"},
    {ALICE "from = 10.0.0.0/8\n", "alice from=10.0.0.1%eth0", "no-grant !g"},
    /* What is no address is nowhere */
    {ALICE "from = 0.0.0.0/0 ::/0\n", "alice from=host.example", "no-grant !g"},
    {ALICE "from = 127.0.0.0/8\n", "alice from=localhost", "no-grant !g"},
    {ALICE "from = 10.0.0.0/8\n", "alice from=10.1", "no-grant !g"},
    {ALICE "from = 10.0.0.0/8\n", "alice from=010.0.0.1", "no-grant !g"},
    {ALICE "from = 0.0.0.0/0 ::/0\n", "alice", "no-grant !g"},
    /* from this host itself, through which anybody with a shell on it may hop */
    {ALICE "from = 10.0.0.0/8\n", "alice from=10.0.0.5 here=yes", "no-grant !g"},
    {ALICE "from = 10.0.0.0/8\n", "alice from=::ffff:10.0.0.5 here=yes", "no-grant !g"},
    {ALICE "from = 10.0.0.4/31\n", "alice from=10.0.0.5 here=yes", "no-grant !g"},
    {ALICE "from = 10.0.0.5\n", "alice from=10.0.0.5 here=yes", "permitted r *r@g"},
    {ALICE "from = 10.0.0.0/8 10.0.0.5\n", "alice from=10.0.0.5 here=yes", "permitted r *r@g"},
    {ALICE "from = 2001:db8::/32\n", "alice from=2001:db8::5 here=yes", "no-grant !g"},
    {ALICE "from = 2001:db8::5\n", "alice from=2001:db8::5 here=yes", "permitted r *r@g"},
    {ALICE "from = 0.0.0.0/0 ::/0\n", "alice from=127.0.0.1", "no-grant !g"},
    {ALICE "from = 0.0.0.0/0 ::/0\n", "alice from=::ffff:127.9.9.9", "no-grant !g"},
    {ALICE "from = 0.0.0.0/0 ::/0\n", "alice from=::1", "no-grant !g"},
    {ALICE "from = 127.0.0.0/8 ::1\n", "alice from=127.0.0.1", "permitted r *r@g"},
    {ALICE "from = 127.0.0.0/8 ::1\n", "alice from=::1", "permitted r *r@g"},
    {ALICE "from = 126.0.0.0/7\n", "alice from=127.0.0.1", "no-grant !g"},
    {ALICE "from = ::/127\n", "alice from=::1", "no-grant !g"},
    {ALICE "from = 0.0.0.0/0\n", "alice from=unknown", "undecided"},
    {ALICE "from = 0.0.0.0/0\n[grant h]\nusers = alice\nroles = s\n", "alice from=unknown",
     "permitted s *s@h"},
    {ALICE "from = 10.0.0.0/8\n[deny d]\nusers = alice\n", "alice from=unknown", "denied -d"},
    /* auth */
    {ALICE "auth = publickey\n", "alice auth=publickey", "permitted r *r@g"},
    {ALICE "auth = publickey\n", "alice auth=password", "no-grant !g"},
    {ALICE "auth = publickey\n", "alice", "no-grant !g"},
    {ALICE "auth = publickey\n", "alice auth=password,publickey", "permitted r *r@g"},
    {ALICE "auth = publickey hostbased\n", "alice auth=hostbased", "permitted r *r@g"},
    {ALICE "auth = keyboard-interactive\n", "alice auth=keyboard-interactive/pam",
     "permitted r *r@g"},
    {ALICE "auth = keyboard-interactive\n", "alice auth=keyboard-interactive", "permitted r *r@g"},
    {ALICE "auth = gssapi-with-mic\n", "alice auth=gssapi-with-mic", "permitted r *r@g"},
    {ALICE "auth = password\n", "alice auth=keyboard-interactive/password", "no-grant !g"},
    {ALICE "auth = publickey\n", "alice auth=publickey2", "no-grant !g"},
    {ALICE "auth = publickey\n", "alice auth=public", "no-grant !g"},
    {ALICE "auth = publickey\nservices = sudo\n", "alice:sudo", "no-grant !g"},
    /* unknown yet: the session will tell */
    {ALICE "auth = publickey\n", "alice auth=unknown", "undecided"},
    {ALICE "auth = publickey\n", "bob auth=unknown", "no-grant"},
    {ALICE "auth = publickey\n", "alice:sudo auth=unknown", "no-grant"},
    {ALICE "auth = publickey\nhosts = x\n", "alice auth=unknown", "no-grant !g"},
    {ALICE "auth = publickey\n[grant h]\nusers = alice\nroles = s\n", "alice auth=unknown",
     "permitted s *s@h"},
    {ALICE "auth = publickey\n[grant h]\nusers = alice\nroles = s\n" LATER, "alice auth=unknown",
     "undecided"},
    {ALICE "auth = publickey\n" LATER "[grant h]\nusers = alice\nroles = s\n" LATER,
     "alice auth=unknown", "denied !h"},
    {ALICE "auth = publickey\n" LATER, "alice auth=unknown", "undecided"},
    {ALICE "auth = publickey\n[deny d]\nusers = alice\n", "alice auth=unknown", "denied -d"},
    {ALICE "auth = publickey\n[deny d]\nusers = alice\nroles = r\n", "alice auth=unknown",
     "undecided"},
    {ALICE "[deny d]\ngroups = x\n[grant h]\nusers = alice\nroles = s\nauth = password\n",
     "alice auth=unknown x=unknown", "unavailable @g -d ?x"},
    {"[grant h]\ngroups = x\nroles = s\nauth = password\n", "alice auth=unknown x=unknown",
     "undecided"},
    {"[grant h]\ngroups = x\nroles = s\nauth = password\n", "alice auth=unknown x=yes",
     "undecided"},
    {"[grant h]\ngroups = x\nroles = s\nauth = password\n", "alice auth=unknown x=no", "no-grant"},
    /* all of them, and those about time last */
    {ALICE "hosts = bastion-*\nfrom = 10.0.0.0/8\nauth = publickey\nservices = sshd sudo\n",
     "alice from=10.0.0.1 auth=publickey", "permitted r *r@g"},
    {ALICE "hosts = bastion-*\nfrom = 10.0.0.0/8\nauth = publickey\nservices = sshd sudo\n",
     "alice from=10.0.0.1 auth=password", "no-grant !g"},
    {ALICE "from = 10.0.0.0/8\n" ENDED, "alice from=10.0.0.1", "denied !g"},
    {ALICE "from = 10.0.0.0/8\n" ENDED, "alice from=11.0.0.1", "no-grant !g"},
};

static const struct decision_case certificates[] = {
    /* A certificate's name is a principal and not a user */
    {CAROL, "deploy/carol@p cert=carol@p", "permitted s *s@c"},
    {CAROL, "deploy/dave@p cert=dave@p", "no-grant"},
    {CAROL, "carol@p", "no-grant"},
    {CAROL, "deploy/carol@p", "no-grant"},
    {"[grant g]\nusers = carol@p\nroles = r\n", "deploy/carol@p cert=carol@p", "no-grant"},
    {"[grant g]\nusers = carol@p\nroles = r\n", "deploy/carol@p", "permitted r *r@g"},
    {"[grant g]\nusers = deploy\nroles = r\n", "deploy/carol@p cert=carol@p", "permitted r *r@g"},
    {CAROL "users = alice\n", "alice", "permitted s *s@c"},
    {CAROL "groups = ops\n", "alice ops=yes", "permitted s *s@c"},
    {CAROL "groups = ops\n", "alice/carol@p cert=carol@p ops=no", "permitted s *s@c"},
    {CAROL "groups = ops\n", "alice/carol@p cert=carol@p ops=unknown", "permitted s *s@c"},
    {CAROL, "deploy/carol@p cert=x,carol@p", "permitted s *s@c"},
    {CAROL, "deploy/dave@p cert=dave@p,carol@p", "no-grant"},
    {CAROL, "deploy/dave@p cert=carol@p,dave@p", "no-grant"},
    {CAROL "default = s\n", "deploy/carol@p cert=carol@p", "permitted s *s@c"},
    {CAROL "auth = publickey\n", "deploy/carol@p cert=carol@p auth=publickey", "permitted s *s@c"},
    {CAROL "services = sudo\n", "deploy/carol@p cert=carol@p", "no-grant"},
    /* A deny is about any name that the login has, under either key */
    {CAROL "[deny d]\nprincipals = carol@p\n", "deploy/carol@p cert=carol@p", "denied @c -d"},
    {CAROL "[deny d]\nusers = carol@p\n", "deploy/carol@p cert=carol@p", "denied @c -d"},
    {CAROL "[deny d]\nprincipals = deploy\n", "deploy/carol@p cert=carol@p", "denied @c -d"},
    {CAROL "[deny d]\nusers = other\n", "deploy/carol@p cert=carol@p,other", "denied @c -d"},
    {CAROL "[deny d]\nprincipals = other\n", "deploy/carol@p cert=carol@p,x,other", "denied @c -d"},
    {CAROL "[deny d]\nprincipals = key\n", "deploy/carol@p cert=key,carol@p", "denied @c -d"},
    {CAROL "[deny d]\nusers = key\n", "deploy/carol@p cert=key,carol@p", "denied @c -d"},
    {CAROL "[deny d]\nusers = key1\n", "deploy/carol@p cert=key,carol@p", "permitted s *s@c"},
    {ALICE "[deny d]\nprincipals = alice\n", "alice", "denied @g -d"},
    {ALICE "[deny d]\nusers = al\n", "alice typed=al", "denied @g -d"},
    {ALICE "[deny d]\nprincipals = al\n", "alice typed=al", "denied @g -d"},
    {ALICE, "bob typed=alice", "no-grant"},
    /* Who is behind su or sudo, as the kernel says and as these say, counts in a deny alone */
    {ALICE OF("sudo") "[deny d]\nusers = team\n", "alice:sudo opener=team", "denied @g -d"},
    {ALICE OF("sudo") "[deny d]\nprincipals = team\n", "alice:sudo opener=team", "denied @g -d"},
    {ALICE OF("sudo") "[deny d]\nusers = mal\n", "alice:sudo ruser=mal", "denied @g -d"},
    {ALICE OF("sudo") "[deny d]\nusers = mal\n", "alice:sudo-i ruser=mal", "denied @g -d"},
    {ALICE OF("su") "[deny d]\nprincipals = mal\n", "alice:su ruser=mal", "denied @g -d"},
    {ALICE OF("su") "[deny d]\nusers = mal\n", "alice:su-l ruser=mal", "denied @g -d"},
    {ALICE "[deny d]\nusers = mal\n", "alice ruser=mal", "permitted r *r@g"},
    {ALICE OF("sudo") "[deny d]\nusers = mal\n", "alice:sudo ruser=mallory", "permitted r *r@g"},
    {ALICE OF("sudo"), "bob:sudo ruser=alice", "no-grant"},
    {ALICE OF("sudo"), "bob:sudo opener=alice", "no-grant"},
    /* Who that is may not be known: a grant may be for them where login uids name humans */
    {ALICE OF("sudo"), "alice:sudo opener=unknown", "permitted r *r@g"},
    {ALICE OF("sudo"), "bob:sudo opener=unknown", "undecided"},
    {ALICE OF("sudo") LATER, "bob:sudo opener=unknown", "undecided"},
    {CAROL OF("sudo"), "bob:sudo opener=unknown", "no-grant"},
    {ALICE OF("sudo") "[deny d]\nusers = x\n", "alice:sudo opener=unknown", "undecided @g -d"},
    {ALICE OF("sudo") "[deny d]\nprincipals = x\n", "alice:sudo opener=unknown", "undecided @g -d"},
    {ALICE OF("sudo") "[deny d]\ngroups = x\n", "alice:sudo opener=unknown x=no",
     "undecided @g -d"},
    {ALICE OF("sudo") "[deny d]\ngroups = x\n", "alice:sudo opener=unknown x=yes", "denied @g -d"},
    {CAROL "[deny d]\nprincipals = carol@p\naccounts = a\n", "deploy/carol@p cert=carol@p",
     "permitted s *s@c"},
    {CAROL "[deny d]\nprincipals = carol@p\naccounts = b\n", "deploy/carol@p cert=carol@p",
     "denied @c -d"},
    {CAROL "[deny d]\nprincipals = carol@p\nroles = s\n", "deploy/carol@p cert=carol@p",
     "denied @c -d"},
    /* A certificate that may still show */
    {CAROL, "deploy cert=unknown", "undecided"},
    {CAROL, "deploy:sudo cert=unknown", "no-grant"},
    {CAROL LATER, "deploy cert=unknown", "undecided"},
    {CAROL "hosts = x\n", "deploy cert=unknown", "no-grant"},
    {"[grant c]\nprincipals = carol@q\nroles = s\n", "deploy cert=unknown", "no-grant"},
    {"[grant g]\nusers = carol@p\nroles = r\n", "deploy cert=unknown", "no-grant"},
    {ALICE, "alice cert=unknown", "permitted r *r@g"},
    {ALICE CAROL, "alice cert=unknown", "permitted r *r@g"},
    {"[grant g]\nusers = bob\nroles = r\n", "alice/bob cert=unknown", "undecided"},
    {ALICE "[deny d]\nusers = mallory\n", "alice cert=unknown", "undecided @g -d"},
    {ALICE "[deny d]\nprincipals = mallory\n", "alice cert=unknown", "undecided @g -d"},
    {ALICE "[deny d]\ngroups = x\n", "alice cert=unknown x=no", "permitted r *r@g"},
    {ALICE "[deny d]\ngroups = x\nusers = mallory\n", "alice cert=unknown x=unknown",
     "unavailable @g -d ?x"},
    {ALICE "[deny d]\nusers = mallory\nroles = t\n", "alice cert=unknown", "permitted r *r@g"},
    {ALICE "[deny d]\nusers = mallory\nroles = r\n", "alice cert=unknown", "undecided @g -d"},
    {ALICE "[deny d]\nusers = mallory\naccounts = a\n", "alice cert=unknown", "undecided @g -d"},
    {ALICE "[deny d]\nusers = mallory\n", "bob cert=unknown", "undecided -d"},
    {ALICE "[deny d]\nusers = alice\n", "alice cert=unknown", "denied @g -d"},
    {CAROL "[deny d]\nusers = deploy\n", "deploy cert=unknown", "denied -d"},
    {CAROL "[deny d]\ngroups = x\n", "deploy cert=unknown x=unknown", "unavailable -d ?x"},
    {CAROL "groups = x\n", "deploy cert=unknown x=unknown", "undecided"},
    {CAROL "groups = x\n", "deploy cert=unknown x=yes", "permitted s *s@c"},
    {CAROL "[grant h]\ngroups = x\nroles = r\n", "deploy cert=unknown x=unknown", "undecided"},
    /* and one that is over */
    {CAROL, "deploy/carol@p cert=carol@p cert_ends=1", "permitted s *s@c"},
    {CAROL, "deploy/carol@p cert=carol@p cert_ends=-1", "denied"},
    {"[grant g]\nusers = deploy\nroles = r\n", "deploy/carol@p cert=carol@p cert_ends=-1",
     "denied"},
};

static void where_a_login_goes_to_and_comes_from_is_decided_as_the_table_says(void **state)
{
    (void)state;
    check(places, COUNT_OF(places));
}

static void names_of_certificates_are_decided_as_the_table_says(void **state)
{
    (void)state;
    check(certificates, COUNT_OF(certificates));
}

static void why_no_grant_applies_is_told(void **state)
{
    static const struct {
        const char *rules;
        const char *who;
        enum unmet unmet;
    } cases[] = {
        {ALICE "hosts = x\n", "alice", UNMET_HOST},
        {ALICE "from = 10.0.0.1\n", "alice", UNMET_FROM},
        {ALICE "from = 10.0.0.0/8\n", "alice from=10.0.0.5 here=yes", UNMET_FROM_HERE},
        {ALICE "auth = password\n", "alice", UNMET_AUTH},
        {ALICE "services = sudo\nauth = password\n", "alice", UNMET_NONE},
        {ALICE ENDED, "alice", UNMET_ENDED},
        {ALICE "hosts = x\n[grant h]\nusers = alice\nroles = r\n" ENDED, "alice", UNMET_ENDED},
        {ALICE "hosts = x\n[grant h]\nusers = alice\nroles = r\n", "alice", UNMET_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct written_login written = {0};
        struct decision decision;
        struct policy *policy = decided(cases[i].rules, cases[i].who, &written, &decision);

        assert_int_equal(decision.unmet, cases[i].unmet);
        assert_int_equal(decision.unmet_grant != NULL, cases[i].unmet != UNMET_NONE);
        decision_free(&decision);
        policy_free(policy);
    }
}

static void a_role_ends_with_the_certificate_at_the_latest(void **state)
{
    static const struct {
        const char *rules;
        const char *who;
        time_t ends; /* seconds from now; 0: no end in sight */
    } cases[] = {
        {CAROL, "deploy/carol@p cert=carol@p", 0},
        {CAROL, "deploy/carol@p cert=carol@p cert_ends=100", 100},
        {CAROL "until = 2001-01-01T00:01Z\n", "deploy/carol@p cert=carol@p cert_ends=100", 60},
        {CAROL "until = 2001-01-01T00:02Z\n", "deploy/carol@p cert=carol@p cert_ends=100", 100},
        {CAROL "until = 2001-01-01T00:01Z\n[grant h]\nusers = deploy\nroles = s\n",
         "deploy/carol@p cert=carol@p cert_ends=100", 100},
        {EXACT, "deploy/carol@p cert=carol@p cert_ends=100 in=aws-a-X", 100},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct written_login written = {0};
        struct decision decision;
        struct policy *policy = decided(cases[i].rules, cases[i].who, &written, &decision);

        assert_int_equal(decision.roles[0].ends,
                         cases[i].ends != 0 ? LOGIN_NOW + cases[i].ends : 0);
        decision_free(&decision);
        policy_free(policy);
    }
}

static void a_certificate_that_has_ended_is_told(void **state)
{
    struct written_login written = {0};
    struct decision decision;
    struct policy *policy =
        decided(CAROL, "deploy/carol@p cert=carol@p cert_ends=5", &written, &decision);

    (void)state;
    assert_false(decision.certificate_ended);
    decision_free(&decision);
    written.login.now = LOGIN_NOW + 5;
    assert_int_equal(decide(policy, &written.login, NULL, &decision), 0);
    assert_int_equal(decision.status, STATUS_DENIED);
    assert_true(decision.certificate_ended);
    decision_free(&decision);
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_a_login_goes_to_and_comes_from_is_decided_as_the_table_says),
        cmocka_unit_test(names_of_certificates_are_decided_as_the_table_says),
        cmocka_unit_test(why_no_grant_applies_is_told),
        cmocka_unit_test(a_role_ends_with_the_certificate_at_the_latest),
        cmocka_unit_test(a_certificate_that_has_ended_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
