/*
 * The last good policy on disk: whole or not at all, of this configuration, and since when the
 * present one is broken.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "helper/last_policy.h"
#include "policy_text.h"

#define CONFIG "/etc/xacct/xacct.conf"

static const struct trust nobody = {.largest = 1024};

static int begin(void **state)
{
    char *folder = strdup("/tmp/xacct-last-XXXXXX");

    *state = folder;
    return folder != NULL && mkdtemp(folder) != NULL ? 0 : -1;
}

static void path_of(char path[256], const char *folder, const char *name)
{
    snprintf(path, 256, "%s/%s", folder, name);
}

static int end(void **state)
{
    char path[256];

    path_of(path, *state, "last-good.json");
    unlink(path);
    path_of(path, *state, "policy-broken.json");
    unlink(path);
    rmdir(*state);
    free(*state);
    return 0;
}

/* A policy of three files, one of which holds bytes of no UTF-8. */
static struct policy *a_policy(void)
{
    static const char session_policy[] = "{\"Version\": \"2012-10-17\"}\n";
    static const char text[] = HEAD ROLES "policy = policies/s.json\n";
    static const char fragment[] = "[grant g]\nusers = j\xfcrgen\nroles = r\n";
    const struct policy_overlay files[] = {
        {.path = CONFIG, .bytes = text, .length = sizeof text - 1},
        {.path = "/etc/xacct/conf.d/10-g.conf", .bytes = fragment, .length = sizeof fragment - 1},
        {.path = "/etc/xacct/policies/s.json",
         .bytes = session_policy,
         .length = sizeof session_policy - 1},
    };
    struct policy_errors errors;
    struct policy *policy = policy_parse_files(files, 3, &nobody, &errors);

    if (policy == NULL)
        fail_msg("%s", errors.items[0].text);
    policy_errors_free(&errors);
    return policy;
}

static bool keep(const char *folder, const struct policy *policy, char hash[POLICY_HASH_SIZE])
{
    char why[1024] = "";
    bool written;

    policy_hash(policy->files, policy->file_count, hash);
    if (last_policy_keep(folder, policy, hash, &written, why, sizeof why) != 0)
        fail_msg("%s", why);
    return written;
}

static void what_was_kept_is_read_byte_for_byte(void **state)
{
    char kept[POLICY_HASH_SIZE], read[POLICY_HASH_SIZE], why[1024];
    struct policy *policy = a_policy(), *last;
    size_t i;

    assert_true(keep(*state, policy, kept));
    last = last_policy_read(*state, CONFIG, &nobody, read, why, sizeof why);
    assert_string_equal(why, "");
    assert_non_null(last);
    assert_string_equal(read, kept);
    assert_int_equal(last->file_count, 3);
    for (i = 0; i < 3; i++) {
        assert_string_equal(last->files[i].path, policy->files[i].path);
        assert_int_equal(last->files[i].length, policy->files[i].length);
        assert_memory_equal(last->files[i].bytes, policy->files[i].bytes, policy->files[i].length);
    }
    assert_string_equal(last->grants[0].who.users.items[0], "j\xfcrgen");
    policy_free(policy);
    policy_free(last);
}

static void the_same_policy_is_written_once(void **state)
{
    struct policy *policy = a_policy(), *other = good_policy(HEAD ROLES);
    char hash[POLICY_HASH_SIZE];

    assert_true(keep(*state, policy, hash));
    assert_false(keep(*state, policy, hash));
    assert_true(keep(*state, other, hash));
    assert_false(keep(*state, other, hash));
    assert_true(keep(*state, policy, hash));
    policy_free(policy);
    policy_free(other);
}

static void nothing_is_read_where_nothing_was_kept_or_for_another_configuration(void **state)
{
    struct policy *policy = a_policy();
    char hash[POLICY_HASH_SIZE], why[1024] = "x";

    assert_null(last_policy_read(*state, CONFIG, &nobody, hash, why, sizeof why));
    assert_string_equal(why, "");
    keep(*state, policy, hash);
    assert_null(last_policy_read(*state, "/etc/xacct/other.conf", &nobody, hash, why, sizeof why));
    assert_string_equal(why, "");
    policy_free(policy);
}

static void a_changed_byte_anywhere_is_never_in_force(void **state)
{
    struct policy *policy = a_policy();
    char hash[POLICY_HASH_SIZE], read[POLICY_HASH_SIZE], why[1024], path[256];
    long length, at;
    FILE *file;

    keep(*state, policy, hash);
    path_of(path, *state, "last-good.json");
    file = fopen(path, "r+e");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    length = ftell(file);
    for (at = 0; at < length; at++) {
        struct policy *last;
        int byte;

        fseek(file, at, SEEK_SET);
        byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 1, file);
        fflush(file);
        last = last_policy_read(*state, CONFIG, &nobody, read, why, sizeof why);
        /* What is said of the version, or of members that nobody reads, changes no policy. */
        if (last != NULL)
            assert_string_equal(read, hash);
        policy_free(last);
        fseek(file, at, SEEK_SET);
        fputc(byte, file);
        fflush(file);
    }
    fclose(file);
    policy_free(policy);
}

static void since_when_it_is_broken_stands_until_it_is_mended(void **state)
{
    bool first;

    assert_false(last_policy_is_mended(*state));
    assert_int_equal(last_policy_broken_since(*state, 1000, &first), 1000);
    assert_true(first);
    assert_int_equal(last_policy_broken_since(*state, 2000, &first), 1000);
    assert_false(first);
    assert_true(last_policy_is_mended(*state));
    assert_false(last_policy_is_mended(*state));
    assert_int_equal(last_policy_broken_since(*state, 3000, &first), 3000);
    assert_true(first);
}

static void a_folder_that_others_may_write_is_not_used(void **state)
{
    struct policy *policy = a_policy();
    char hash[POLICY_HASH_SIZE], why[1024] = "";
    bool written, first;

    assert_int_equal(chmod(*state, 0777), 0);
    policy_hash(policy->files, policy->file_count, hash);
    assert_int_not_equal(last_policy_keep(*state, policy, hash, &written, why, sizeof why), 0);
    assert_non_null(strstr(why, *state));
    assert_null(last_policy_read(*state, CONFIG, &nobody, hash, why, sizeof why));
    assert_non_null(strstr(why, *state));
    assert_int_equal(last_policy_broken_since(*state, 7, &first), 7);
    assert_false(first);
    policy_free(policy);
}

/* What is in force for a helper that reads in the folder, by its hash; "" for nothing. */
static void assert_in_force(const char *folder, const char *config, const char *hash)
{
    char read[POLICY_HASH_SIZE], why[1024];
    struct policy *last = last_policy_read(folder, config, &nobody, read, why, sizeof why);

    assert_string_equal(why, "");
    assert_string_equal(last != NULL ? read : "", hash);
    policy_free(last);
}

static void an_older_one_elsewhere_is_replaced_and_nothing_else_is(void **state)
{
    struct policy *older = a_policy(), *newer = good_policy(HEAD ROLES), *others;
    char old[POLICY_HASH_SIZE], new[POLICY_HASH_SIZE], other[POLICY_HASH_SIZE], why[1024];
    struct policy_errors errors;

    others = parse("/etc/xacct/other.conf", HEAD, strlen(HEAD), &errors);
    policy_errors_free(&errors);
    policy_hash(newer->files, newer->file_count, new);
    assert_int_equal(last_policy_renew(*state, newer, new, why, sizeof why), 0);
    assert_in_force(*state, CONFIG, "");
    keep(*state, older, old);
    assert_int_equal(last_policy_renew(*state, newer, new, why, sizeof why), 0);
    assert_in_force(*state, CONFIG, new);
    assert_int_equal(last_policy_renew(*state, newer, new, why, sizeof why), 0);
    assert_in_force(*state, CONFIG, new);
    keep(*state, others, other);
    assert_int_equal(last_policy_renew(*state, newer, new, why, sizeof why), 0);
    assert_in_force(*state, others->files[0].path, other);
    assert_int_equal(last_policy_renew("/nowhere", newer, new, why, sizeof why), 0);
    policy_free(older);
    policy_free(newer);
    policy_free(others);
}

static void an_older_one_that_cannot_be_replaced_is_removed(void **state)
{
    struct policy *older = a_policy(), *newer = good_policy(HEAD ROLES);
    char old[POLICY_HASH_SIZE], new[POLICY_HASH_SIZE], why[1024];
    struct rlimit limit, none;

    keep(*state, older, old);
    policy_hash(newer->files, newer->file_count, new);
    /* As on a disk that is full. */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    none = (struct rlimit){0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(last_policy_renew(*state, newer, new, why, sizeof why), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_in_force(*state, CONFIG, "");
    policy_free(older);
    policy_free(newer);
}

static void where_an_older_one_may_stay_the_folder_is_named(void **state)
{
    struct policy *older = a_policy(), *newer = good_policy(HEAD ROLES);
    char old[POLICY_HASH_SIZE], new[POLICY_HASH_SIZE], why[1024] = "";

    keep(*state, older, old);
    policy_hash(newer->files, newer->file_count, new);
    assert_int_equal(chmod(*state, 0777), 0);
    assert_int_not_equal(last_policy_renew(*state, newer, new, why, sizeof why), 0);
    assert_non_null(strstr(why, *state));
    policy_free(older);
    policy_free(newer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_kept_is_read_byte_for_byte, begin, end),
        cmocka_unit_test_setup_teardown(the_same_policy_is_written_once, begin, end),
        cmocka_unit_test_setup_teardown(
            nothing_is_read_where_nothing_was_kept_or_for_another_configuration, begin, end),
        cmocka_unit_test_setup_teardown(a_changed_byte_anywhere_is_never_in_force, begin, end),
        cmocka_unit_test_setup_teardown(since_when_it_is_broken_stands_until_it_is_mended, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_folder_that_others_may_write_is_not_used, begin, end),
        cmocka_unit_test_setup_teardown(an_older_one_elsewhere_is_replaced_and_nothing_else_is,
                                        begin, end),
        cmocka_unit_test_setup_teardown(an_older_one_that_cannot_be_replaced_is_removed, begin,
                                        end),
        cmocka_unit_test_setup_teardown(where_an_older_one_may_stay_the_folder_is_named, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
