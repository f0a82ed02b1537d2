/*
 * What is seen of the files of NSS, in the /etc that tests/enter makes.
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
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "helper/nss_files.h"

#define SETTLED_S 1 /* after which a change of the folder is none of late */

static struct nss_files files;

static void pause_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/* All files have been looked at, in a folder that has been as it is for a while, and the second in
 * which they were has just begun. */
static void settle(void)
{
    const time_t second = time(NULL);
    struct stat folder;

    assert_int_equal(stat("/etc", &folder), 0);
    while (time(NULL) <= folder.st_ctim.tv_sec + SETTLED_S || time(NULL) == second)
        pause_ms(10);
    nss_files_look(&files);
    assert_false(nss_files_look(&files));
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_file_that_is_replaced_is_seen_at_once(void **state)
{
    (void)state;
    settle();
    write_text("/etc/hosts.new", "127.0.0.1 localhost\n");
    assert_int_equal(rename("/etc/hosts.new", "/etc/hosts"), 0);
    assert_true(nss_files_look(&files));
    assert_false(nss_files_look(&files));
    /* Again, in a folder that has just changed. */
    write_text("/etc/hosts.new", "127.0.0.1 localhost\n");
    assert_int_equal(rename("/etc/hosts.new", "/etc/hosts"), 0);
    assert_true(nss_files_look(&files));
}

static void a_file_that_comes_or_goes_is_seen_at_once(void **state)
{
    (void)state;
    unlink("/etc/krb5.conf");
    settle();
    write_text("/etc/krb5.conf", "[libdefaults]\n");
    assert_true(nss_files_look(&files));
    settle();
    assert_int_equal(unlink("/etc/krb5.conf"), 0);
    assert_true(nss_files_look(&files));
}

static void who_is_who_and_who_is_asked_is_seen_at_once_where_it_is_written_over(void **state)
{
    static const char *const paths[] = {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf"};
    char last;
    size_t i;

    (void)state;
    settle();
    for (i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = open(paths[i], O_RDWR | O_CLOEXEC);

        /* The same bytes: neither the size nor the folder tells of it. */
        assert_true(fd >= 0);
        assert_true(lseek(fd, -1, SEEK_END) >= 0);
        assert_int_equal(read(fd, &last, 1), 1);
        assert_true(lseek(fd, -1, SEEK_END) >= 0);
        assert_int_equal(write(fd, &last, 1), 1);
        assert_int_equal(close(fd), 0);
        assert_true(nss_files_look(&files));
        assert_false(nss_files_look(&files));
    }
}

static void what_a_link_names_is_seen_at_once(void **state)
{
    (void)state;
    write_text("/run/resolv.conf", "nameserver 127.0.0.1\n");
    unlink("/etc/resolv.conf.new");
    assert_int_equal(symlink("/run/resolv.conf", "/etc/resolv.conf.new"), 0);
    assert_int_equal(rename("/etc/resolv.conf.new", "/etc/resolv.conf"), 0);
    settle();
    write_text("/run/resolv.conf.new", "nameserver 127.0.0.53\n");
    assert_int_equal(rename("/run/resolv.conf.new", "/run/resolv.conf"), 0);
    assert_true(nss_files_look(&files));
}

static void what_is_mounted_over_a_file_is_seen_a_second_later(void **state)
{
    (void)state;
    write_text("/run/services", "");
    settle();
    assert_int_equal(mount("/run/services", "/etc/services", "none", MS_BIND, NULL), 0);
    pause_ms(1000);
    assert_true(nss_files_look(&files));
    assert_int_equal(umount("/etc/services"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_replaced_is_seen_at_once),
        cmocka_unit_test(a_file_that_comes_or_goes_is_seen_at_once),
        cmocka_unit_test(who_is_who_and_who_is_asked_is_seen_at_once_where_it_is_written_over),
        cmocka_unit_test(what_a_link_names_is_seen_at_once),
        cmocka_unit_test(what_is_mounted_over_a_file_is_seen_a_second_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
