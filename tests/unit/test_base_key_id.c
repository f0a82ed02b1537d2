/*
 * The access key id in a file of base credentials.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secret_setting.h"
#include "settled.h"

#include "helper/base_key_id.h"

#define KEYS "aws_secret_access_key = s3cret\naws_access_key_id = "

static char folder[32], path[64], successor[64], one[] = "default", other[] = "other";
static struct base base = {.source = BASE_FILE, .file = path, .profile = one};

/* Writes the file in its place, or puts a new one there. */
static void write_file(const char *at, const char *id)
{
    int fd = open(at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_true(dprintf(fd, "[default]\n" KEYS "%s\n[other]\n" KEYS "AKIAOTHER\n", id) > 0);
    assert_int_equal(close(fd), 0);
}

static void replace_file(const char *id)
{
    write_file(successor, id);
    assert_int_equal(rename(successor, path), 0);
}

static const char *id_now(void)
{
    static char id[ACCESS_KEY_ID_MAX + 1];

    base_key_id(&base, 0, id);
    return id;
}

static int begin(void **state)
{
    strcpy(folder, "/mnt/xacct-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/base", folder);
    snprintf(successor, sizeof successor, "%s/successor", folder);
    base.profile = one;
    return open_arena(state);
}

static int end(void **state)
{
    unlink(path);
    rmdir(folder);
    return close_arena(state);
}

/* In one tick of the clock, and of one length. */
static void a_file_that_changes_at_once_is_read_each_time(void **state)
{
    (void)state;
    write_file(path, "AKIAONE");
    assert_string_equal(id_now(), "AKIAONE");
    write_file(path, "AKIATWO");
    assert_string_equal(id_now(), "AKIATWO");
    replace_file("AKIATRE");
    assert_string_equal(id_now(), "AKIATRE");
    assert_int_equal(unlink(path), 0);
    assert_string_equal(id_now(), "");
}

/* A folder that others may write is found by who reads the file, and by nobody else. */
static void a_file_that_is_as_it_was_is_not_read_again(void **state)
{
    (void)state;
    write_file(path, "AKIAONE");
    (void)settled(path);
    assert_string_equal(id_now(), "AKIAONE");
    base.profile = other;
    assert_int_equal(chmod(folder, 0777), 0);
    assert_string_equal(id_now(), "");
    base.profile = one;
    assert_string_equal(id_now(), "AKIAONE");
    assert_int_equal(chmod(folder, 0755), 0);
    base.profile = other;
    assert_string_equal(id_now(), "AKIAOTHER");
    base.profile = one;
    assert_string_equal(id_now(), "AKIAONE");
}

static void a_file_that_has_changed_is_read_anew(void **state)
{
    (void)state;
    write_file(path, "AKIAONE");
    (void)settled(path);
    assert_string_equal(id_now(), "AKIAONE");
    replace_file("AKIATWO");
    assert_string_equal(id_now(), "AKIATWO");
    (void)settled(path);
    assert_string_equal(id_now(), "AKIATWO");
    write_file(path, "AKIATRE");
    assert_string_equal(id_now(), "AKIATRE");
    (void)settled(path);
    assert_string_equal(id_now(), "AKIATRE");
    assert_int_equal(chmod(path, 0604), 0);
    assert_string_equal(id_now(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_that_changes_at_once_is_read_each_time, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_is_as_it_was_is_not_read_again, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_has_changed_is_read_anew, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
