/*
 * Users of /etc/passwd, which lies in the /etc that tests/enter makes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/local_users.h"
#include "settled.h"

#define PASSWD   "/etc/passwd"
#define AWAY     PASSWD ".away"
#define NSSWITCH "/etc/nsswitch.conf"
#define FIRST    10000 /* uid of the first of many users, called by their uids */
#define MANY     (LOCAL_USERS_MOST + 3)

static struct local_users users;
static struct file_stamp passwd;

static void write_text(const char *path, const char *how, const char *text)
{
    FILE *file = fopen(path, how);

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int add_many(void **state)
{
    char line[128];
    uid_t uid;

    (void)state;
    for (uid = FIRST; uid < FIRST + MANY; uid++) {
        snprintf(line, sizeof line, "u%u:x:%u:%u::/:/bin/sh\n", (unsigned)uid, (unsigned)uid,
                 (unsigned)uid + 1);
        write_text(PASSWD, "ae", line);
    }
    write_text(PASSWD, "ae", "u10000:x:0:0:another of the name::\n+nis:x:1:1:::\n-nis:x:1:1:::\n");
    passwd = settled(PASSWD);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    memset(&users, 0, sizeof users);
    write_text(NSSWITCH, "we", "passwd: files nothing\ngroup: files\n");
    return 0;
}

static bool is_found(unsigned generation, const char *name)
{
    struct user user;

    return local_users_find(&users, &passwd, generation, name, &user);
}

static void who_is_in_the_file_is_found_as_it_says(void **state)
{
    static const char *const names[] = {"root", "daemon", "u10000", "u10200"};
    struct user user;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        const struct passwd *entry = getpwnam(names[i]);

        assert_non_null(entry);
        assert_true(local_users_find(&users, &passwd, 7, names[i], &user));
        assert_string_equal(user.name, names[i]);
        assert_int_equal(user.uid, entry->pw_uid);
        assert_int_equal(user.gid, entry->pw_gid);
    }
}

static void who_is_not_in_the_file_is_not_found(void **state)
{
    char name[LOOKUP_NAME_MAX + 1];

    (void)state;
    assert_false(is_found(7, "nobody-of-this-name"));
    assert_false(is_found(7, "u1000"));
    assert_false(is_found(7, ""));
    assert_false(is_found(7, "+nis"));
    assert_false(is_found(7, "-nis"));
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_false(is_found(7, name));
}

static void who_was_found_is_known_until_the_files_are_others(void **state)
{
    (void)state;
    assert_true(is_found(7, "daemon"));
    assert_false(is_found(7, "nobody-of-this-name"));
    assert_int_equal(rename(PASSWD, AWAY), 0);
    assert_true(is_found(7, "daemon"));
    assert_false(is_found(7, "nobody-of-this-name"));
    assert_false(is_found(7, "root"));
    assert_false(is_found(8, "daemon"));
    assert_int_equal(rename(AWAY, PASSWD), 0);
    passwd = settled(PASSWD);
}

static void the_last_to_be_found_are_known(void **state)
{
    char name[32];
    uid_t uid;

    (void)state;
    for (uid = FIRST; uid < FIRST + MANY; uid++) {
        snprintf(name, sizeof name, "u%u", (unsigned)uid);
        assert_true(is_found(7, name));
    }
    assert_int_equal(rename(PASSWD, AWAY), 0);
    for (uid = FIRST; uid < FIRST + MANY; uid++) {
        snprintf(name, sizeof name, "u%u", (unsigned)uid);
        assert_int_equal(is_found(7, name), uid >= FIRST + MANY - LOCAL_USERS_MOST);
    }
    assert_int_equal(rename(AWAY, PASSWD), 0);
    passwd = settled(PASSWD);
}

static void nobody_is_found_in_another_file_than_was_looked_at(void **state)
{
    struct file_stamp looked_at = passwd;
    struct user user;

    (void)state;
    looked_at.changed--;
    assert_false(local_users_find(&users, &looked_at, 7, "daemon", &user));
    assert_true(is_found(7, "daemon"));
}

static void nobody_is_found_in_a_file_that_has_just_changed(void **state)
{
    (void)state;
    write_text(PASSWD, "ae", "late:x:20000:20000::/:/bin/sh\n");
    passwd = file_stamp_of(PASSWD, true);
    assert_false(is_found(7, "daemon"));
    passwd = settled(PASSWD);
    assert_true(is_found(7, "daemon"));
    assert_true(is_found(7, "late"));
}

/* What stands in nsswitch.conf, and whether the file is asked first then. */
static const struct {
    const char *text;
    bool is_first;
} lines[] = {
    {"passwd: files\n", true},
    {"passwd: files", true},
    {"passwd: files systemd\n", true},
    {" \t passwd:files\tnothing # comment\n", true},
    {"passwd files nothing\n", true},
    {"passwd : files nothing\n", true},
    {"passwd: nothing\npasswd: files\n", true},
    {"#passwd: nothing\npasswds: nothing\npasswd: files\npass: nothing\n", true},
    {"", false},
    {"group: files\n", false},
    {"passwd:\n", false},
    {"passwd: nothing files\n", false},
    {"passwd: compat\n", false},
    {"passwd: filesystem files\n", false},
    {"passwd: files\npasswd: nothing\n", false},
    {"passwd: files\npasswd : nothing\n", false},
    {"passwd: files\npasswd nothing\n", false},
    {"passwd: files\n\tpasswd:\vnothing\n", false},
    {"passwd: files\npasswd:\n", false},
    {"passwd: files [SUCCESS=continue] nothing\n", false},
    {"passwd: files[SUCCESS=continue] nothing\n", false},
    {"passwd: files\v[ SUCCESS=continue ] nothing\n", false},
    {"passwd: files [NOTFOUND=return] nothing\n", false},
};

/* Whether NSS finds somebody of the file, in a process that has not asked before. */
static bool nss_finds(const char *name)
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0)
        _exit(getpwnam(name) != NULL ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) == 0;
}

static void whether_the_file_is_asked_first_is_read_as_nss_reads_it(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof lines / sizeof *lines; i++) {
        write_text(NSSWITCH, "we", lines[i].text);
        if (is_found(100 + (unsigned)i, "daemon") != lines[i].is_first)
            fail_msg("%s", lines[i].text);
        if (lines[i].is_first && !nss_finds("daemon"))
            fail_msg("NSS: %s", lines[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(who_is_in_the_file_is_found_as_it_says, begin),
        cmocka_unit_test_setup(who_is_not_in_the_file_is_not_found, begin),
        cmocka_unit_test_setup(who_was_found_is_known_until_the_files_are_others, begin),
        cmocka_unit_test_setup(the_last_to_be_found_are_known, begin),
        cmocka_unit_test_setup(nobody_is_found_in_another_file_than_was_looked_at, begin),
        cmocka_unit_test_setup(nobody_is_found_in_a_file_that_has_just_changed, begin),
        cmocka_unit_test_setup(whether_the_file_is_asked_first_is_read_as_nss_reads_it, begin),
    };

    return cmocka_run_group_tests(tests, add_many, NULL);
}
