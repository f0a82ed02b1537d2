/*
 * Which files are believed: every mode that there is, against a table of the loosest ones, and no
 * path with a link in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/trusted_file.h"

#define HELPER   4711 /* uid and gid */
#define STRANGER 4712
#define MODES    010000

static const struct trust policy = {.group = HELPER};
static const struct trust base = {.group = HELPER, .own_is_fine = true};
static const struct trust certificates = {.group = HELPER, .public = true};
static const struct trust code = {.group = HELPER, .is_code = true};

/* Whose file may have which bits of a mode, by whom it is read as what; all others may have none,
 * as they are not believed whatever their mode is. */
static const struct {
    const struct trust *trust;
    uid_t owner;
    gid_t group;
    unsigned loosest;
} believed[] = {
    {&policy, 0, HELPER, 0640},       {&policy, 0, STRANGER, 0600},
    {&base, 0, HELPER, 0640},         {&base, 0, STRANGER, 0600},
    {&base, HELPER, HELPER, 0600},    {&base, HELPER, STRANGER, 0600},
    {&certificates, 0, HELPER, 0644}, {&certificates, 0, STRANGER, 0644},
    {&code, 0, HELPER, 0755},         {&code, 0, STRANGER, 0755},
};

static bool is_believed(const struct trust *trust, const struct stat *file)
{
    size_t i;

    for (i = 0; i < sizeof believed / sizeof *believed; i++)
        if (believed[i].trust == trust && believed[i].owner == file->st_uid &&
            believed[i].group == file->st_gid)
            return (file->st_mode & (MODES - 1) & ~believed[i].loosest) == 0;
    return false;
}

/* Tries every mode of a file that is whose. */
static void try_modes(const struct trust *trust, uid_t owner, gid_t group)
{
    unsigned mode;

    for (mode = 0; mode < MODES; mode++) {
        const struct stat file = {.st_uid = owner, .st_gid = group, .st_mode = S_IFREG | mode};

        if (trusted_file_fits(&file, trust) != is_believed(trust, &file))
            fail_msg("owner %u, group %u, mode %04o", (unsigned)owner, (unsigned)group, mode);
    }
}

static void nothing_looser_than_it_must_be_is_believed(void **state)
{
    static const struct trust *const trusts[] = {&policy, &base, &certificates, &code};
    static const uid_t owners[] = {0, HELPER, STRANGER};
    size_t i, j;

    (void)state;
    assert_int_equal(seteuid(HELPER), 0);
    for (i = 0; i < sizeof trusts / sizeof *trusts; i++)
        for (j = 0; j < sizeof owners / sizeof *owners; j++) {
            try_modes(trusts[i], owners[j], HELPER);
            try_modes(trusts[i], owners[j], STRANGER);
        }
}

static int become_root(void **state)
{
    (void)state;
    return seteuid(0);
}

static void a_folder_is_believed_that_root_alone_may_write(void **state)
{
    unsigned mode;

    (void)state;
    for (mode = 0; mode < MODES; mode++) {
        const struct stat roots = {.st_mode = S_IFDIR | mode};
        const struct stat strangers = {.st_uid = STRANGER, .st_mode = S_IFDIR | mode};

        assert_int_equal(trusted_folder_fits(&roots), (mode & 022) == 0);
        assert_false(trusted_folder_fits(&strangers));
    }
}

/* Makes a file in a mount namespace of our own, where nothing above it is others' to write. */
static void make_file(void)
{
    int fd;

    assert_int_equal(unshare(CLONE_NEWNS), 0);
    assert_int_equal(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
    assert_int_equal(mount("none", "/mnt", "tmpfs", 0, "mode=755"), 0);
    assert_int_equal(mkdir("/mnt/folder", 0755), 0);
    fd = open("/mnt/folder/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    close(fd);
}

static void no_step_of_a_path_is_a_symbolic_link(void **state)
{
    static const struct trust trust = {.largest = 1};
    static const struct {
        const char *path, *link; /* that is named; NULL: it can be opened */
    } steps[] = {
        {"/mnt/folder/file", NULL},
        {"/mnt/folder/link", "/mnt/folder/link"},
        {"/mnt/link/file", "/mnt/link"},
        {"/mnt/link/link", "/mnt/link"},
    };
    char why[1024];
    size_t size, i;
    int fd;

    (void)state;
    make_file();
    assert_int_equal(symlink("file", "/mnt/folder/link"), 0);
    assert_int_equal(symlink("folder", "/mnt/link"), 0);
    for (i = 0; i < sizeof steps / sizeof *steps; i++) {
        fd = trusted_open(steps[i].path, &trust, &size, why, sizeof why);
        assert_int_equal(fd >= 0, steps[i].link == NULL);
        if (fd >= 0) {
            close(fd);
            continue;
        }
        assert_int_equal(errno, ELOOP);
        assert_int_equal(strncmp(why, steps[i].link, strlen(steps[i].link)), 0);
        assert_non_null(strstr(why, " is a symbolic link"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing_looser_than_it_must_be_is_believed, become_root),
        cmocka_unit_test(a_folder_is_believed_that_root_alone_may_write),
        cmocka_unit_test(no_step_of_a_path_is_a_symbolic_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
