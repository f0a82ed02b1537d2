/*
 * Time zones: the process's own stays what it was, and the host's is what /etc/localtime says.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/decide.h"
#include "policy/zone.h"
#include "policy_text.h"

#define BERLIN      "/usr/share/zoneinfo/Europe/Berlin"
#define NOON        1774872000 /* 2026-03-30T12:00:00Z, a Monday */
#define HOUR        3600
#define SUNDAY_NOON (6 * 24 * HOUR + 12 * HOUR)

static void clocks_show_the_week_of_their_zone(void **state)
{
    struct zone_clock clock;

    (void)state;
    assert_int_equal(zone_look(BERLIN, NOON, &clock), 0);
    assert_int_equal(clock.second_of_week, 14 * HOUR);
    assert_int_equal(clock.change, 0);
    assert_int_equal(clock.known_until, NOON + 8 * 24 * HOUR);
    assert_int_equal(zone_second_of_week(&clock, NOON + HOUR), 15 * HOUR);
    assert_int_equal(zone_second_of_week(&clock, NOON + ZONE_WEEK), 14 * HOUR);

    /* The day before, 11 hours after clocks were put forward; and two days before that. */
    assert_int_equal(zone_look(BERLIN, NOON - 24 * HOUR, &clock), 0);
    assert_int_equal(clock.second_of_week, SUNDAY_NOON + 2 * HOUR);
    assert_int_equal(clock.change, 0);
    assert_int_equal(zone_look(BERLIN, NOON - 72 * HOUR, &clock), 0);
    assert_int_equal(clock.change, NOON - 35 * HOUR);
    assert_int_equal(clock.forward, HOUR);
    assert_int_equal(zone_second_of_week(&clock, clock.change - 1), 6 * 24 * HOUR + 2 * HOUR - 1);
    assert_int_equal(zone_second_of_week(&clock, clock.change), 6 * 24 * HOUR + 3 * HOUR);
    assert_int_equal(zone_second_of_week(&clock, NOON), 14 * HOUR);
}

static void a_zone_whose_file_is_not_there_is_an_error_and_not_utc(void **state)
{
    struct zone_clock clock = {.known_until = 1};
    time_t begin;
    const struct zone_day day = {{.tm_year = 126, .tm_mon = 2, .tm_mday = 30}, &begin};

    (void)state;
    assert_int_equal(zone_look("/usr/share/zoneinfo/Gone", NOON, &clock), ENOENT);
    assert_int_equal(clock.known_until, 0);
    assert_int_equal(zone_days_begin("/usr/share/zoneinfo/Gone", &day, 1), ENOENT);
}

static void only_names_of_zones_are_found(void **state)
{
    static const char *const good[] = {"Europe/Berlin", "UTC", "Etc/GMT+5",
                                       "America/Argentina/Buenos_Aires"};
    static const char *const bad[] = {"",
                                      "Europe",
                                      "Europe/",
                                      "Europe/Berlim",
                                      "europe/berlin",
                                      "/usr/share/zoneinfo/Europe/Berlin",
                                      "/etc/localtime",
                                      "/Europe/Berlin",
                                      "../zoneinfo/Europe/Berlin",
                                      "Europe/../UTC",
                                      "./UTC",
                                      ":UTC",
                                      "zone.tab",
                                      "tzdata.zi",
                                      "leapseconds",
                                      "CEST",
                                      "UTC0",
                                      "CET-1CEST",
                                      "Europe/Berlin\n"};
    char file[ZONE_FILE_SIZE], name[ZONE_FILE_SIZE] = "";

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!zone_file(good[i], file) || !zone_is_there(file))
            fail_msg("%s is not found", good[i]);
    assert_string_equal(file, "/usr/share/zoneinfo/America/Argentina/Buenos_Aires");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (zone_file(bad[i], file) && zone_is_there(file))
            fail_msg("%s is found: %s", bad[i], file);
    memset(name, 'x', sizeof name - 1);
    assert_false(zone_file(name, file));
}

/* The hour of the process's local time at noon in UTC. */
static int local_hour(void)
{
    const time_t noon = NOON;
    struct tm local;

    localtime_r(&noon, &local);
    return local.tm_hour;
}

static void the_zone_of_the_process_stays_what_it_was(void **state)
{
    struct zone_clock clock;
    time_t begin;
    const struct zone_day day = {{.tm_year = 126, .tm_mon = 2, .tm_mday = 30}, &begin};
    int without;

    (void)state;
    unsetenv("TZ");
    tzset();
    without = local_hour();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(zone_look(BERLIN, NOON, &clock), 0);
        assert_int_equal(local_hour(), without);
    }
    /* Another that somebody sets later, as well. */
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(zone_look(BERLIN, NOON, &clock), 0);
        assert_int_equal(zone_days_begin(BERLIN, &day, 1), 0);
        assert_int_equal(zone_look("/usr/share/zoneinfo/Gone", NOON, &clock), ENOENT);
        assert_string_equal(getenv("TZ"), "Asia/Tokyo");
        assert_int_equal(local_hour(), 21);
    }
    /* And the one asked for does not become the host's by it. */
    setenv("TZ", BERLIN, 1);
    assert_int_equal(zone_look(BERLIN, NOON, &clock), 0);
    assert_int_equal(clock.second_of_week, 14 * HOUR);
    unsetenv("TZ");
    tzset();
}

/* libcurl's resolver threads look for variables while a zone is switched. */
static void switching_neither_moves_nor_adds_variables(void **state)
{
    struct zone_clock clock;
    char **list, **entry;
    const char *bytes;

    (void)state;
    assert_int_equal(zone_prepare(), 0);
    list = environ;
    for (entry = list; strncmp(*entry, "TZ=", 3) != 0; entry++)
        ;
    bytes = *entry;
    assert_int_equal(zone_look(BERLIN, NOON, &clock), 0);
    assert_int_equal(zone_look(ZONE_HOST, NOON, &clock), 0);
    assert_ptr_equal(environ, list);
    assert_ptr_equal(*entry, bytes);
}

/* Makes a file be the host's time zone, for this process alone. */
static void set_host_zone(const char *file)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(file, ZONE_HOST, "none", MS_BIND, NULL) != 0) {
        perror("this test needs root, to have an /etc/localtime of its own");
        _exit(99);
    }
}

/* Decides in a process of its own, on a host in Kolkata (UTC+5:30). Returns the exit status. */
static int decide_in_kolkata(const char *rules, time_t now)
{
    struct login login = {.user = "alice", .human = "alice", .service = "sshd", .now = now};
    struct decision decision;
    struct policy *policy;
    char text[1024];
    int status;
    pid_t child = fork();

    if (child == 0) {
        /* What the caller's environment says is not what the host's clocks show. */
        setenv("TZ", "America/New_York", 1);
        set_host_zone("/usr/share/zoneinfo/Asia/Kolkata");
        snprintf(text, sizeof text, HEAD ROLES "[grant g]\nusers = alice\nroles = r\n%s", rules);
        policy = good_policy(text);
        if (policy == NULL || decide(policy, &login, NULL, &decision) != 0)
            _exit(98);
        status = (int)decision.status;
        decision_free(&decision);
        policy_free(policy);
        _exit(status);
    }
    assert_int_not_equal(child, -1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#define OTHER                                                                                      \
    "hours = Tue 00:00-01:00 Europe/Berlin\n"                                                      \
    "[grant h]\nusers = alice\nroles = r\n"

static void hours_and_dates_without_a_zone_are_the_hosts(void **state)
{
    static const struct {
        const char *rules;
        time_t now;
        enum status status;
    } logins[] = {
        {"hours = Mon 17:30-18:00\n", NOON - 1, STATUS_DENIED},
        {"hours = Mon 17:30-18:00\n", NOON, STATUS_PERMITTED},
        {"hours = Mon 17:30-18:00\n", NOON + HOUR / 2 - 1, STATUS_PERMITTED},
        {"hours = Mon 17:30-18:00\n", NOON + HOUR / 2, STATUS_DENIED},
        {"until = 2026-03-30\n", NOON + 13 * HOUR / 2 - 1, STATUS_PERMITTED},
        {"until = 2026-03-30\n", NOON + 13 * HOUR / 2, STATUS_DENIED},
        {"since = 2026-03-31\n", NOON + 13 * HOUR / 2 - 1, STATUS_DENIED},
        {"since = 2026-03-31\n", NOON + 13 * HOUR / 2, STATUS_PERMITTED},
        /* and not those of another grant */
        {OTHER "until = 2026-03-30\n", NOON + 13 * HOUR / 2 - 1, STATUS_PERMITTED},
        {OTHER "until = 2026-03-30\n", NOON + 13 * HOUR / 2, STATUS_DENIED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof logins / sizeof *logins; i++)
        assert_int_equal(decide_in_kolkata(logins[i].rules, logins[i].now), logins[i].status);
}

static void without_tz_the_process_goes_on_in_the_hosts_zone(void **state)
{
    struct zone_clock clock;
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        set_host_zone("/usr/share/zoneinfo/Asia/Kolkata");
        unsetenv("TZ");
        _exit(zone_look(BERLIN, NOON, &clock) == 0 ? local_hour() : 98);
    }
    assert_int_not_equal(child, -1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 17);
}

/* The service is not started anew when an admin sets the host's time zone. */
static void a_host_zone_that_changes_is_seen(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        struct zone_clock before, after;

        set_host_zone("/usr/share/zoneinfo/Asia/Tokyo");
        if (zone_look(ZONE_HOST, NOON, &before) != 0)
            _exit(98);
        set_host_zone("/usr/share/zoneinfo/Asia/Kolkata");
        if (zone_look(ZONE_HOST, NOON, &after) != 0)
            _exit(98);
        _exit(before.second_of_week == 21 * HOUR && after.second_of_week == 35 * HOUR / 2 ? 0 : 1);
    }
    assert_int_not_equal(child, -1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_show_the_week_of_their_zone),
        cmocka_unit_test(a_zone_whose_file_is_not_there_is_an_error_and_not_utc),
        cmocka_unit_test(only_names_of_zones_are_found),
        cmocka_unit_test(the_zone_of_the_process_stays_what_it_was),
        cmocka_unit_test(switching_neither_moves_nor_adds_variables),
        cmocka_unit_test(hours_and_dates_without_a_zone_are_the_hosts),
        cmocka_unit_test(without_tz_the_process_goes_on_in_the_hosts_zone),
        cmocka_unit_test(a_host_zone_that_changes_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
