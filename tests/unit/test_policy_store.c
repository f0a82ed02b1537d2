/*
 * The store of the policy: what is read again when, above all where it is broken or changes while
 * it is read; and where the last good one is kept.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/deadline.h"
#include "helper/last_policy.h"
#include "helper/policy_store.h"
#include "policy_text.h"

#define LONG_MS 10000 /* for what must happen at all */
#define READ_MS 1000  /* between looks into a broken policy whose files are the same */
#define SETTLED_MS                                                                                 \
    100 /* after which a change of a file is too old to be doubted for its time alone */

struct rig {
    char folder[32];
    char path[64];
    struct policy_store *store;
};

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* A policy that is refused, as everybody may write the folder above its own. */
static int begin(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    assert_non_null(rig);
    strcpy(rig->folder, "/tmp/xacct-store-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    snprintf(rig->path, sizeof rig->path, "%s/xacct.conf", rig->folder);
    write_text(rig->path, "[xacct]\n");
    rig->store = policy_store_new(rig->path, rig->folder, getegid());
    assert_non_null(rig->store);
    *state = rig;
    return 0;
}

static int end(void **state)
{
    struct rig *rig = *state;

    policy_store_free(rig->store);
    unlink(rig->path);
    rmdir(rig->folder);
    free(rig);
    return 0;
}

/* The policy as it is now; the caller releases it. */
static struct loaded_policy *hold_broken(const struct rig *rig)
{
    struct loaded_policy *held = policy_store_hold(rig->store);

    assert_non_null(held);
    assert_null(held->policy);
    assert_string_not_equal(held->error, "");
    return held;
}

/* Waits until what was read stays, as the files have not changed just now; returns it held. */
static struct loaded_policy *hold_settled(const struct rig *rig)
{
    struct deadline late = deadline_in_ms(LONG_MS);
    struct loaded_policy *held = hold_broken(rig);

    for (;;) {
        struct loaded_policy *next = hold_broken(rig);
        bool same = next == held;

        policy_store_release(held);
        held = next;
        if (same)
            return held;
        assert_true(deadline_left_ms(late) > 0);
        usleep(1000);
    }
}

static void a_broken_policy_is_not_read_for_each_request(void **state)
{
    const struct rig *rig = *state;
    struct loaded_policy *held = hold_settled(rig);
    int i;

    for (i = 0; i < 100; i++) {
        struct loaded_policy *again = hold_broken(rig);

        assert_ptr_equal(again, held);
        policy_store_release(again);
    }
    policy_store_release(held);
}

static void whatever_happens_to_its_file_is_seen_at_once(void **state)
{
    const struct rig *rig = *state;
    int i;

    for (i = 0; i < 4; i++) {
        struct loaded_policy *held = hold_settled(rig), *again;

        if (i == 0)
            write_text(rig->path, "[XACCT]\n");
        else if (i == 1)
            assert_int_equal(chmod(rig->path, 0600), 0);
        else if (i == 2)
            assert_int_equal(unlink(rig->path), 0);
        else
            write_text(rig->path, "[xacct]\n");
        again = hold_broken(rig);
        assert_ptr_not_equal(again, held);
        policy_store_release(again);
        policy_store_release(held);
    }
}

static void what_is_wrong_elsewhere_is_looked_for_each_second(void **state)
{
    const struct rig *rig = *state;
    struct loaded_policy *held = hold_settled(rig), *again;
    struct deadline early = deadline_in_ms(READ_MS / 2), late = deadline_in_ms(LONG_MS);

    do {
        again = hold_broken(rig);
        policy_store_release(again);
        usleep(10000);
    } while (again == held && deadline_left_ms(late) > 0);
    assert_ptr_not_equal(again, held);
    assert_int_equal(deadline_left_ms(early), 0);
    policy_store_release(held);
}

#define CONFIG "/mnt/xacct.conf"

/* A session policy, and what is to happen when it has been read to its end, and how often. */
static struct {
    struct stat file;
    void (*change)(void);
    int times;
} watched;

static void watch(void (*change)(void), int times)
{
    assert_int_equal(stat("/mnt/policies/s.json", &watched.file), 0);
    watched.change = change;
    watched.times = times;
}

/* In place of libc's, for all of the program. */
ssize_t read(int fd, void *bytes, size_t size)
{
    ssize_t n = syscall(SYS_read, fd, bytes, size);
    struct stat file;

    if (n == 0 && watched.times > 0 && fstat(fd, &file) == 0 &&
        file.st_ino == watched.file.st_ino && file.st_dev == watched.file.st_dev) {
        watched.times--;
        watched.change();
        stat("/mnt/policies/s.json", &watched.file);
    }
    return n;
}

/* Puts another folder in the place of that of session policies: no file in it has changed. */
static void swap_folders(void)
{
    assert_int_equal(renameat2(AT_FDCWD, "/mnt/next", AT_FDCWD, "/mnt/policies", RENAME_EXCHANGE),
                     0);
}

static void write_text_and_settle(void)
{
    struct deadline settled = deadline_in_ms(SETTLED_MS);

    write_text(CONFIG, HEAD ROLES "policy = policies/s.json\n");
    write_text("/mnt/policies/s.json", "{\"a\": 1}\n");
    write_text("/mnt/next/s.json", "{\"b\": 1}\n");
    while (deadline_left_ms(settled) > 0)
        usleep(1000);
}

/* The session policy that is in force. */
static char in_force(struct policy_store *store)
{
    struct loaded_policy *held = policy_store_hold(store);
    char letter = '-';

    assert_non_null(held);
    assert_string_equal(held->error, "");
    if (held->policy != NULL)
        letter = held->policy->roles[1].settings.session_policy[2];
    policy_store_release(held);
    return letter;
}

static void files_that_change_behind_their_reader_are_read_again(void)
{
    struct policy_store *store = policy_store_new(CONFIG, "/mnt/state", getegid());

    write_text_and_settle();
    watch(swap_folders, 1);
    assert_int_equal(in_force(store), 'b');
    assert_int_equal(watched.times, 0);
    policy_store_free(store);
}

static void files_that_never_stand_still_are_seen_when_they_do(void)
{
    struct policy_store *store = policy_store_new(CONFIG, "/mnt/state", getegid());

    write_text_and_settle();
    watch(swap_folders, 1000);
    assert_int_equal(in_force(store), 'a');
    assert_in_range(watched.times, 1000 - 10, 1000 - 2);
    watched.times = 0;
    assert_int_equal(in_force(store), 'b');
    policy_store_free(store);
}

static void when_the_policy_moves_what_it_left_behind_is_no_older_one(void)
{
    static const struct trust trust = {.largest = 1024 * 1024};
    struct policy_store *store = policy_store_new(CONFIG, NULL, getegid());
    static const char *const folders[] = {"/mnt/state", "/mnt/next"};
    char hash[POLICY_HASH_SIZE], why[1024];
    size_t i;

    for (i = 0; i < 2; i++) {
        struct policy *policy;
        char text[1024];

        snprintf(text, sizeof text, "[xacct]\nstate = %s\n%s", folders[i], strchr(HEAD, '\n') + 1);
        write_text(CONFIG, text);
        policy_store_release(policy_store_hold(store));
        policy = last_policy_read("/mnt/state", CONFIG, &trust, hash, why, sizeof why);
        assert_string_equal(why, "");
        assert_non_null(policy);
        assert_string_equal(policy->state, folders[i]);
        policy_free(policy);
    }
    policy_store_free(store);
}

static void what_came_into_force_untold_is_still_news_when_the_next_is_broken(void)
{
    struct policy_store *store = policy_store_new(CONFIG, "/mnt/state", getegid());
    struct loaded_policy *held;

    write_text_and_settle();
    policy_store_release(policy_store_hold(store));
    write_text(CONFIG, "[nonsense]\n");
    held = policy_store_hold(store);
    assert_non_null(held);
    assert_non_null(held->policy);
    assert_int_equal(held->news, POLICY_BROKEN);
    assert_int_equal(held->last->news, POLICY_CHANGED);
    policy_store_release(held);
    policy_store_free(store);
}

/* What is new with the policy after its file has changed; it is told if `told`. */
static enum policy_news news_of(struct policy_store *store, const char *text, bool told)
{
    struct loaded_policy *held;
    enum policy_news news;

    write_text(CONFIG, text);
    held = policy_store_hold(store);
    assert_non_null(held);
    news = held->news;
    if (told)
        held->news = POLICY_AS_BEFORE;
    policy_store_release(held);
    return news;
}

static void what_nobody_was_told_stays_news(void)
{
    struct policy_store *store = policy_store_new(CONFIG, "/mnt/state", getegid());

    assert_int_equal(news_of(store, "[nonsense]\n", false), POLICY_BROKEN);
    assert_int_equal(news_of(store, "[more nonsense]\n", true), POLICY_BROKEN);
    assert_int_equal(news_of(store, "[nonsense]\n", true), POLICY_AS_BEFORE);
    policy_store_free(store);
}

/* Runs a test in a mount namespace of its own, where nothing above the policy is others' to write.
 */
static void in_private(void (*test)(void))
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        assert_int_equal(unshare(CLONE_NEWNS), 0);
        assert_int_equal(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
        assert_int_equal(mount("none", "/mnt", "tmpfs", 0, "mode=755"), 0);
        assert_int_equal(mkdir("/mnt/policies", 0755), 0);
        assert_int_equal(mkdir("/mnt/next", 0755), 0);
        assert_int_equal(mkdir("/mnt/state", 0700), 0);
        test();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_change_while_it_is_read_is_not_missed(void **state)
{
    (void)state;
    in_private(files_that_change_behind_their_reader_are_read_again);
    in_private(files_that_never_stand_still_are_seen_when_they_do);
}

static void no_older_policy_stays_where_it_was_kept_before(void **state)
{
    (void)state;
    in_private(when_the_policy_moves_what_it_left_behind_is_no_older_one);
}

static void no_news_of_the_policy_are_lost(void **state)
{
    (void)state;
    in_private(what_came_into_force_untold_is_still_news_when_the_next_is_broken);
    in_private(what_nobody_was_told_stays_news);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_broken_policy_is_not_read_for_each_request),
        TEST(whatever_happens_to_its_file_is_seen_at_once),
        TEST(what_is_wrong_elsewhere_is_looked_for_each_second),
        cmocka_unit_test(a_change_while_it_is_read_is_not_missed),
        cmocka_unit_test(no_older_policy_stays_where_it_was_kept_before),
        cmocka_unit_test(no_news_of_the_policy_are_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
