/*
 * The copy of the audit file's lines in syslog: whole, or seen not to be; and a daemon that does
 * not take it, as it hangs or is gone, costs nothing but the copy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "helper/audit_copy.h"
#include "helper/json.h"
#include "tests/unit/syslog_daemon.h"

#define PROGRAM "xacct-audit"

/* Sends a line with a member of so many bytes, and others. */
static void send_line(const char *session, size_t bytes, bool refused)
{
    char *long_one = calloc(bytes + 1, 1), *text;
    json_t *line;

    assert_non_null(long_one);
    memset(long_one, 'x', bytes);
    line = json_pack("{s:s, s:s, s:s, s:[s, s]}", "event", "opened", "session", session, "reason",
                     long_one, "auth", "publickey", "a\nb\x1b[2J");
    assert_non_null(line);
    if (refused)
        assert_int_equal(json_object_set_new(line, "status", json_string("denied")), 0);
    text = json_as_text(line, JSON_COMPACT | JSON_ENSURE_ASCII);
    assert_non_null(text);
    audit_copy(line, text);
    free(text);
    json_decref(line);
    free(long_one);
}

/* Reads a line that came; the caller gives it back. */
static json_t *parse(const char *text)
{
    json_t *line = json_loads(text, 0, NULL);
    const char *byte;

    assert_non_null(line);
    for (byte = text; *byte != '\0'; byte++)
        assert_in_range(*byte, ' ', '~');
    return line;
}

static void a_line_arrives_as_it_stands_in_the_file(void **state)
{
    const int daemon = *(int *)*state;
    int priority = 0;
    json_t *line;

    send_line("one", 7900 - 256, false);
    line = parse(receive(daemon, PROGRAM, &priority));
    assert_int_equal(priority, (10 << 3) | 6); /* authpriv, info */
    assert_string_equal(json_string_value(json_object_get(line, "session")), "one");
    assert_int_equal(json_string_length(json_object_get(line, "reason")), 7900 - 256);
    assert_null(json_object_get(line, "left_out"));
    assert_string_equal(json_string_value(json_array_get(json_object_get(line, "auth"), 1)),
                        "a\nb\x1b[2J");
    json_decref(line);
    send_line("two", 1, true);
    assert_non_null(receive(daemon, PROGRAM, &priority));
    assert_int_equal(priority, (10 << 3) | 5); /* a refusal: notice */
}

static void what_is_too_long_goes_without_its_longest_members_which_are_named(void **state)
{
    const int daemon = *(int *)*state;
    int priority;
    json_t *line, *names;

    send_line("long", 20000, false);
    line = parse(receive(daemon, PROGRAM, &priority));
    names = json_object_get(line, "left_out");
    assert_int_equal(json_array_size(names), 1);
    assert_string_equal(json_string_value(json_array_get(names, 0)), "reason");
    assert_null(json_object_get(line, "reason"));
    assert_string_equal(json_string_value(json_object_get(line, "event")), "opened");
    assert_string_equal(json_string_value(json_object_get(line, "session")), "long");
    json_decref(line);
}

/* It would be waited for here for ever, were it waited for. */
static void a_daemon_that_hangs_is_not_waited_for_and_what_it_missed_is_counted(void **state)
{
    const int daemon = *(int *)*state;
    int priority, sent, got, missed = 0;
    const char *text;

    for (sent = 0; sent < 5000; sent++)
        send_line("many", 100, false);
    for (got = 0; receive(daemon, PROGRAM, &priority) != NULL; got++)
        ;
    assert_in_range(got, 1, sent - 1);
    send_line("later", 1, false);
    text = receive(daemon, PROGRAM, &priority);
    assert_non_null(text);
    assert_int_equal(priority, (10 << 3) | 4); /* warning */
    missed = atoi(text);
    assert_int_equal(missed, sent - got);
    assert_non_null(strstr(text, "lines of the audit file are missing here"));
    assert_non_null(strstr(receive(daemon, PROGRAM, &priority), "later"));
    assert_null(receive(daemon, PROGRAM, &priority));
}

static void a_daemon_that_is_started_anew_is_found(void **state)
{
    int *daemon = *state, priority;
    const char *text;

    send_line("before", 1, false);
    assert_non_null(receive(*daemon, PROGRAM, &priority));
    close(*daemon);
    unlink("/dev/log");
    send_line("missed", 1, false);
    *daemon = start_daemon();
    send_line("after", 1, false);
    text = receive(*daemon, PROGRAM, &priority);
    assert_non_null(text);
    assert_int_equal(atoi(text), 1);
    assert_non_null(strstr(receive(*daemon, PROGRAM, &priority), "after"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, daemon_set_up, daemon_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_arrives_as_it_stands_in_the_file),
        TEST(what_is_too_long_goes_without_its_longest_members_which_are_named),
        TEST(a_daemon_that_hangs_is_not_waited_for_and_what_it_missed_is_counted),
        TEST(a_daemon_that_is_started_anew_is_found),
    };

    alarm(60); /* what waits for a daemon that hangs would wait for ever */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
