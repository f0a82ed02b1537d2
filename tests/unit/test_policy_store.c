/*
 * The store of the policy: what is read again when, above all where it is broken.
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

#include "common/deadline.h"
#include "helper/policy_store.h"

#define LONG_MS 10000 /* for what must happen at all */
#define READ_MS 1000  /* between looks into a broken policy whose files are the same */

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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_broken_policy_is_not_read_for_each_request),
        TEST(whatever_happens_to_its_file_is_seen_at_once),
        TEST(what_is_wrong_elsewhere_is_looked_for_each_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
