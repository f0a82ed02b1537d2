/*
 * Policies by their hashes: each that was in force can be read again, byte for byte, and however
 * many there were, a bound holds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/kept_policy.h"
#include "helper/policy_archive.h"
#include "policy_text.h"
#include "remove_folder.h"

static int begin(void **state)
{
    char *folder = strdup("/tmp/xacct-archive-XXXXXX");

    *state = folder;
    return folder != NULL && mkdtemp(folder) != NULL ? 0 : -1;
}

/* How many files are kept. */
static size_t count_kept(const char *folder)
{
    DIR *names = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(names);
    while ((entry = readdir(names)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(names);
    return count;
}

static int end(void **state)
{
    remove_folder(*state);
    free(*state);
    return 0;
}

/* Keeps the policy of this text; its hash goes to `hash`. Returns as policy_archive_keep. */
static int keep(const char *folder, const char *text, bool again, char hash[POLICY_HASH_SIZE])
{
    struct policy *policy = good_policy(text);
    char why[1024] = "";
    int error;

    policy_hash(policy->files, policy->file_count, hash);
    error = policy_archive_keep(folder, policy, hash, again, why, sizeof why);
    assert_int_equal(error == 0, why[0] == '\0');
    policy_free(policy);
    return error;
}

static void path_of(char path[256], const char *folder, const char *hash)
{
    snprintf(path, 256, "%s/policy-%s.json", folder, hash);
}

static void each_is_read_again_by_its_hash(void **state)
{
    static const struct trust trust = {.unchecked = true, .largest = 1 << 20};
    static const char *const texts[] = {HEAD ROLES, HEAD ROLES "description = another\n"};
    char hash[POLICY_HASH_SIZE], path[256], text[65536];
    struct policy_errors errors;
    struct policy *policy;
    struct stat file;
    size_t i;

    for (i = 0; i < 2; i++)
        assert_int_equal(keep(*state, texts[i], false, hash), 0);
    assert_int_equal(count_kept(*state), 2);
    for (i = 0; i < 2; i++) {
        struct kept_policy kept;
        FILE *stream;

        assert_int_equal(keep(*state, texts[i], false, hash), 0);
        path_of(path, *state, hash);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_mode & 07777, 0600);
        stream = fopen(path, "re");
        assert_non_null(stream);
        assert_int_equal(kept_policy_read(text, fread(text, 1, sizeof text, stream), &kept), 0);
        fclose(stream);
        assert_string_equal(kept.hash, hash);
        assert_memory_equal(kept.files[0].bytes, texts[i], strlen(texts[i]) + 1);
        policy = kept_policy_build(&kept, &trust, &errors);
        assert_non_null(policy);
        policy_free(policy);
        policy_errors_free(&errors);
        kept_policy_free(&kept);
    }
    assert_int_equal(count_kept(*state), 2);
}

/* What a host that crashed in the midst of it left is no policy. */
static void one_that_is_damaged_is_written_anew(void **state)
{
    char hash[POLICY_HASH_SIZE], path[256];
    struct stat before, after;

    assert_int_equal(keep(*state, HEAD ROLES, false, hash), 0);
    path_of(path, *state, hash);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(truncate(path, 10), 0);
    assert_int_equal(keep(*state, HEAD ROLES, false, hash), 0);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
}

/* A file as old as its number is low, of so many bytes, none of which is on a disk. */
static void fake(const char *folder, unsigned number, off_t size)
{
    const struct timespec times[2] = {{.tv_sec = number + 1}, {.tv_sec = number + 1}};
    char hash[POLICY_HASH_SIZE], path[256];
    int fd;

    snprintf(hash, sizeof hash, "%064x", number);
    path_of(path, folder, hash);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static bool is_there(const char *folder, unsigned number)
{
    char hash[POLICY_HASH_SIZE], path[256];

    snprintf(hash, sizeof hash, "%064x", number);
    path_of(path, folder, hash);
    return access(path, F_OK) == 0;
}

static void of_too_many_the_oldest_go(void **state)
{
    char hash[POLICY_HASH_SIZE], path[256];
    unsigned i;

    for (i = 0; i < POLICY_ARCHIVE_MOST + 2; i++)
        fake(*state, i, 1);
    snprintf(path, sizeof path, "%s/last-good.json", (const char *)*state);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(keep(*state, HEAD ROLES, false, hash), 0);
    assert_int_equal(count_kept(*state), POLICY_ARCHIVE_MOST + 1);
    assert_false(is_there(*state, 2));
    assert_true(is_there(*state, 3));
    assert_int_equal(access(path, F_OK), 0);
    path_of(path, *state, hash);
    assert_int_equal(access(path, F_OK), 0);
}

static void of_too_many_bytes_the_oldest_go(void **state)
{
    char hash[POLICY_HASH_SIZE];
    unsigned i;

    for (i = 0; i < 4; i++)
        fake(*state, i, POLICY_ARCHIVE_BYTES / 4);
    assert_int_equal(keep(*state, HEAD ROLES, false, hash), 0);
    assert_false(is_there(*state, 0));
    assert_true(is_there(*state, 1));
    assert_int_equal(count_kept(*state), 4);
}

static void what_comes_into_force_again_is_the_newest(void **state)
{
    char hash[POLICY_HASH_SIZE], path[256];
    const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    struct stat file;

    assert_int_equal(keep(*state, HEAD ROLES, false, hash), 0);
    path_of(path, *state, hash);
    assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
    assert_int_equal(keep(*state, HEAD ROLES, false, hash), 0);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mtime, 1);
    assert_int_equal(keep(*state, HEAD ROLES, true, hash), 0);
    assert_int_equal(stat(path, &file), 0);
    assert_true(file.st_mtime > 1);
}

static void a_folder_that_others_may_write_is_not_used(void **state)
{
    char hash[POLICY_HASH_SIZE];

    assert_int_equal(chmod(*state, 0777), 0);
    assert_int_equal(keep(*state, HEAD ROLES, false, hash), EPERM);
    assert_int_equal(count_kept(*state), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_read_again_by_its_hash),
        TEST(one_that_is_damaged_is_written_anew),
        TEST(of_too_many_the_oldest_go),
        TEST(of_too_many_bytes_the_oldest_go),
        TEST(what_comes_into_force_again_is_the_newest),
        TEST(a_folder_that_others_may_write_is_not_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
