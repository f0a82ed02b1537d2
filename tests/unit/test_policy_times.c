/*
 * Keys about time: what they mean once they have been read, and what they are refused for. Which
 * logins they permit is the matter of test_decide_times.c.
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

#define GRANT "[grant g]\nusers = u\nroles = r\n"

/* A policy with one grant that has these further lines. */
static struct policy *with_grant(const char *lines)
{
    char text[1024];
    struct policy *policy;

    snprintf(text, sizeof text, "%s%s", HEAD ROLES GRANT, lines);
    policy = good_policy(text);
    assert_non_null(policy);
    return policy;
}

static void a_grant_without_conditions_holds_always(void **state)
{
    struct policy *policy = with_grant("");
    const struct grant *grant = &policy->grants[0];

    (void)state;
    assert_int_equal(grant->since.at, 0);
    assert_null(grant->since.text);
    assert_int_equal(grant->until.at, 0);
    assert_null(grant->until.text);
    assert_int_equal(grant->hours.count, 0);
    assert_null(grant->hours.text);
    assert_int_equal(grant->detach, 0);
    assert_int_equal(policy->longest_detach, 0);
    assert_int_equal(policy->zones.count, 0);
    policy_free(policy);
}

static void instants_are_read_to_the_second(void **state)
{
    static const struct {
        const char *text;
        time_t at;
    } instants[] = {
        {"2000-01-01T00:00Z", 946684800},          {"2026-03-30T12:00Z", 1774872000},
        {"2026-03-30T12:00:09Z", 1774872009},      {"2026-03-30T14:00+02:00", 1774872000},
        {"2026-03-30T02:30:00-09:30", 1774872000}, {"2026-03-31T02:00+14:00", 1774872000},
        {"2026-03-30T12:00-00:00", 1774872000},    {"9999-12-31T23:59:59Z", 253402300799},
    };

    (void)state;
    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++) {
        char line[64];
        struct policy *policy;

        snprintf(line, sizeof line, "until = %s\n", instants[i].text);
        policy = with_grant(line);
        assert_int_equal(policy->grants[0].until.at, instants[i].at);
        assert_string_equal(policy->grants[0].until.text, instants[i].text);
        policy_free(policy);
    }
}

static void hours_are_joined_in_the_order_of_the_week(void **state)
{
    static const struct {
        const char *lines;
        const char *spans; /* in minutes of the week */
        const char *text;
    } hours[] = {
        {"hours = Mon 08:00-18:00 UTC\n", "480-1080", "Mon 08:00-18:00 UTC"},
        {"hours = Mon 08:00-18:00\n", "480-1080", "Mon 08:00-18:00 in the host's time zone"},
        {"hours =\n  Wed,Mon 08:00-18:00\n  Sun 22:00-02:00 UTC\n",
         "0-120 480-1080 3360-3960 9960-10080", "Wed,Mon 08:00-18:00, Sun 22:00-02:00 UTC"},
        {"hours = Tue 00:00-01:00 UTC ; a comment\nhours = Mon 23:00-24:00 UTC\n", "1380-1500",
         "Tue 00:00-01:00, Mon 23:00-24:00 UTC"},
        {"hours = Fri-Mon 00:00-24:00 UTC\n", "0-1440 5760-10080", "Fri-Mon 00:00-24:00 UTC"},
        {"hours = Mon-Sun 00:00-24:00 UTC\n", "0-10080", "Mon-Sun 00:00-24:00 UTC"},
        {"hours = Thu-Wed 12:00-11:59 UTC\n",
         "0-719 720-2159 2160-3599 3600-5039 5040-6479 6480-7919 7920-9359 9360-10080",
         "Thu-Wed 12:00-11:59 UTC"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
        struct policy *policy = with_grant(hours[i].lines);
        const struct hours *read = &policy->grants[0].hours;
        char got[256] = "";

        for (size_t j = 0; j < read->count; j++)
            sprintf(got + strlen(got), "%s%d-%d", j > 0 ? " " : "", read->spans[j].from,
                    read->spans[j].to);
        assert_string_equal(got, hours[i].spans);
        assert_string_equal(read->text, hours[i].text);
        policy_free(policy);
    }
}

static void time_zones_are_listed_once(void **state)
{
    struct policy *policy =
        good_policy(HEAD ROLES GRANT "hours = Mon 08:00-18:00 Europe/Berlin\n"
                                     "[grant h]\nusers = u\nroles = r\nhours = Mon 08:00-18:00\n"
                                     "[grant i]\nusers = u\nroles = r\n"
                                     "hours = Tue 08:00-18:00 Europe/Berlin\n");

    (void)state;
    assert_non_null(policy);
    assert_int_equal(policy->zones.count, 2);
    assert_string_equal(policy->zones.items[policy->grants[0].hours.zone],
                        "/usr/share/zoneinfo/Europe/Berlin");
    assert_string_equal(policy->zones.items[policy->grants[1].hours.zone], "/etc/localtime");
    assert_int_equal(policy->grants[2].hours.zone, policy->grants[0].hours.zone);
    policy_free(policy);
}

static void the_longest_detach_of_all_grants_is_known(void **state)
{
    static const struct {
        const char *lines;
        int first, longest;
    } detached[] = {
        {"detach = 1m\n", 60, 60},
        {"detach = 12h\n[grant h]\nusers = u\nroles = r\ndetach = 90s\n", 43200, 43200},
        {"detach = 90m\n[grant h]\nusers = u\nroles = r\ndetach = 30d\n", 5400, 2592000},
        {"[grant h]\nusers = u\nroles = r\ndetach = 2d\n", 0, 172800},
    };

    (void)state;
    for (size_t i = 0; i < sizeof detached / sizeof *detached; i++) {
        struct policy *policy = with_grant(detached[i].lines);

        assert_int_equal(policy->grants[0].detach, detached[i].first);
        assert_int_equal(policy->longest_detach, detached[i].longest);
        policy_free(policy);
    }
}

static void a_grant_that_has_ended_is_no_fault(void **state)
{
    struct policy *policy = with_grant("since = 2001-01-01\nuntil = 2001-01-01\n");

    (void)state;
    assert_int_equal(policy->grants[0].until.at - policy->grants[0].since.at, 24 * 60 * 60);
    policy_free(policy);
}

/* Further lines of a grant; the error's line counts from there. */
static const struct fault grant_keys[] = {
    {"detach = 12\n", 1, "detach = 12: write 12h or 2d, from 1m to 30d", 0},
    {"detach = 59s\n", 1, "from 1m to 30d", 0},
    {"detach = 31d\n", 1, "from 1m to 30d", 0},
    {"since = today\n", 1, "since = today: write a date such as 2027-03-31", 0},
    {"until = 2027-3-31\n", 1, "until = 2027-3-31: write a date", 0},
    {"until = 31.03.2027\n", 1, "write a date", 0},
    {"until = 2027-02-29\n", 1, "there is no such day", 0},
    {"until = 2100-02-29\n", 1, "there is no such day", 0},
    {"until = 2027-04-31\n", 1, "there is no such day", 0},
    {"until = 2027-13-01\n", 1, "there is no such day", 0},
    {"until = 2027-00-01\n", 1, "there is no such day", 0},
    {"until = 2027-01-00\n", 1, "there is no such day", 0},
    {"until = 1999-12-31\n", 1, "there is no such day", 0},
    {"until = 0000-01-01\n", 1, "there is no such day", 0},
    {"until = 2027-03-31 18:00\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:00\n", 1, "2027-03-31T18:00Z or 2027-03-31T18:00+02:00", 0},
    {"until = 2027-03-31t18:00z\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:00+0200\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:00+02\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:00 Z\n", 1, "write a date", 0},
    {"until = 2027-03-31T24:00Z\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:60Z\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:00:60Z\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:00:00.5Z\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:00+24:00\n", 1, "write a date", 0},
    {"until = 2027-03-31T18:00+02:60\n", 1, "write a date", 0},
    {"until = 2027-02-29T18:00Z\n", 1, "there is no such day", 0},
    {"until = 1999-12-31T18:00Z\n", 1, "there is no such day", 0},
    {"until = 2027-03-31\nuntil = 2027-04-30\n", 2, "until stands in line 19", 0},
    {"until = 2027-03-30\nsince = 2027-03-31\n", 1,
     "until = 2027-03-30 is over before since = 2027-03-31, so [grant g] would never hold", 0},
    {"since = 2027-03-31T18:00Z\nuntil = 2027-03-31T20:00+02:00\n", 2, "would never hold", 0},
    {"hours = Mon-Fri\n", 1, "write DAYS HH:MM-HH:MM ZONE", 0},
    {"hours = 08:00-18:00\n", 1, "write DAYS HH:MM-HH:MM ZONE", 0},
    {"hours = Mon-Fri 08:00 - 18:00\n", 1, "write DAYS HH:MM-HH:MM ZONE", 0},
    {"hours = Mon 08:00-12:00 UTC Tue 08:00-12:00 UTC\n", 1, "one to a line", 0},
    {"hours =\n  Mon 08:00-12:00\n  Tue\n", 3, "write DAYS HH:MM-HH:MM ZONE", 0},
    {"hours = Mon, 08:00-18:00\n", 1, "Mon, are no days; write Mon, Mon,Wed,Sat", 0},
    {"hours = mon 08:00-18:00\n", 1, "mon are no days", 0},
    {"hours = Monday 08:00-18:00\n", 1, "Monday are no days", 0},
    {"hours = Mon-Fri-Sun 08:00-18:00\n", 1, "are no days", 0},
    {"hours = Mon- 08:00-18:00\n", 1, "are no days", 0},
    {"hours = -Fri 08:00-18:00\n", 1, "are no days", 0},
    {"hours = Mon,,Wed 08:00-18:00\n", 1, "are no days", 0},
    {"hours = Mon-Mon 08:00-18:00\n", 1, "are no days", 0},
    {"hours = Mon 8:00-18:00\n", 1, "8:00-18:00: write HH:MM-HH:MM, as in 08:00-18:00", 0},
    {"hours = Mon 08:00-24:01\n", 1, "write HH:MM-HH:MM", 0},
    {"hours = Mon 24:00-24:00\n", 1, "write HH:MM-HH:MM", 0},
    {"hours = Mon 24:00-06:00\n", 1, "write HH:MM-HH:MM", 0},
    {"hours = Mon 08:60-18:00\n", 1, "write HH:MM-HH:MM", 0},
    {"hours = Mon 08:00-17:60\n", 1, "write HH:MM-HH:MM", 0},
    {"hours = Mon 08:00-08:00\n", 1, "for the whole day, 00:00-24:00", 0},
    {"hours = Mon 00:00-00:00\n", 1, "for the whole day, 00:00-24:00", 0},
    {"hours = Mon 08:00-18:00Z\n", 1, "write HH:MM-HH:MM", 0},
    {"hours = Mon 08:00-18:00 Europe/Berlim\n", 1,
     "unknown time zone Europe/Berlim; write one such as Europe/Berlin or UTC", 0},
    {"hours = Mon 08:00-18:00 Europe\n", 1, "unknown time zone Europe;", 0},
    {"hours = Mon 08:00-18:00 CEST\n", 1, "unknown time zone CEST", 0},
    {"hours = Mon 08:00-18:00 /etc/localtime\n", 1, "unknown time zone /etc/localtime", 0},
    {"hours = Mon 08:00-18:00 ../../../etc/localtime\n", 1, "unknown time zone ..", 0},
    {"hours = Mon 08:00-18:00 :UTC\n", 1, "unknown time zone :UTC", 0},
    {"hours = Mon 08:00-18:00 zone.tab\n", 1, "unknown time zone zone.tab", 0},
    {"hours = Mon 08:00-18:00 Mars/Phobos\nuntil = 2027-03-31\n", 1, "unknown time zone", 0},
    {"hours = Mon 08:00-18:00 UTC\n  Tue 08:00-18:00\nhours = Wed 08:00-18:00 Etc/UTC\n", 3,
     "time zone Etc/UTC here and UTC in line 19; one rule has one time zone", 0},
};

static void each_fault_of_a_grant_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof grant_keys / sizeof *grant_keys; i++) {
        char text[1024];
        int length = snprintf(text, sizeof text, "%s%s", HEAD ROLES GRANT, grant_keys[i].text);

        expect_fault(text, (size_t)length, HEAD_LINES + ROLES_LINES + 3 + grant_keys[i].line,
                     grant_keys[i].words);
    }
}

/* Hours that stand in two rules are one thing where they are right, and each wrong by itself. */
static void the_hours_of_each_rule_are_judged(void **state)
{
    static const struct {
        const char *first, *second;
        size_t errors;
    } cases[] = {
        {"hours = Mon 08:00-18:00 UTC\n", "hours = Mon 08:00-18:00 UTC\n", 0},
        {"hours = Mon 08:00-18:00 UTC\n", "hours = Mon 08:00-18:00\n  UTC\n", 1},
        {"hours = Mon 8:00-18:00 UTC\n", "hours = Mon 8:00-18:00 UTC\n", 2},
        {"hours = Mon 08:00-18:00 Mars\n", "hours = Mon 08:00-18:00 Mars\n", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct policy_errors errors;
        struct policy *policy;
        char text[2048];

        snprintf(text, sizeof text, "%s%s[grant h]\nusers = u\nroles = r\n%s", HEAD ROLES GRANT,
                 cases[i].first, cases[i].second);
        policy = parse("/etc/xacct/xacct.conf", text, strlen(text), &errors);
        assert_int_equal(errors.count, cases[i].errors);
        assert_int_equal(policy == NULL, errors.count > 0);
        policy_errors_free(&errors);
        policy_free(policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_without_conditions_holds_always),
        cmocka_unit_test(instants_are_read_to_the_second),
        cmocka_unit_test(hours_are_joined_in_the_order_of_the_week),
        cmocka_unit_test(the_hours_of_each_rule_are_judged),
        cmocka_unit_test(time_zones_are_listed_once),
        cmocka_unit_test(the_longest_detach_of_all_grants_is_known),
        cmocka_unit_test(a_grant_that_has_ended_is_no_fault),
        cmocka_unit_test(each_fault_of_a_grant_is_told_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
