/*
 * Look-up processes that are killed, and what ends with the helper. One that hangs is stopped
 * (SIGSTOP).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lookup_rig.h"
#include "settled.h"

static void lose_an_idle_one(void)
{
    struct lookup *lookup = take();

    assert_int_equal(kill(process_of(lookup), SIGKILL), 0);
    lookup_pool_give(&pool, lookup);
    wait_for_children(pool.forker, 0);
    lookup = take();
    assert_int_equal(look_up(lookup, LONG_MS), LOOKUP_NOT_FOUND);
    lookup_pool_give(&pool, lookup);
}

static void an_idle_process_that_ended_is_not_handed_out(void **state)
{
    (void)state;
    with_pool(lose_an_idle_one);
}

static void survive_signals(void)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    struct lookup *lookup = take();
    size_t i;

    for (i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        assert_int_equal(kill(process_of(lookup), signals[i]), 0);
        assert_int_equal(kill(pool.forker, signals[i]), 0);
    }
    assert_int_equal(look_up(lookup, LONG_MS), LOOKUP_NOT_FOUND);
    lookup_pool_give(&pool, lookup);
    lookup = take();
    lookup_pool_give(&pool, take());
    lookup_pool_give(&pool, lookup);
}

static void signals_that_end_the_service_leave_its_look_ups_to_finish(void **state)
{
    (void)state;
    with_pool(survive_signals);
}

static void lose_the_forker(void)
{
    struct lookup *used = take(), *idle = take(), *none;
    pid_t processes[] = {process_of(used), process_of(idle)};

    lookup_pool_give(&pool, idle);
    /* Stopped where it would hang: in a look-up. */
    assert_int_equal(look_up(used, LONG_MS), LOOKUP_NOT_FOUND);
    assert_int_equal(kill(processes[0], SIGSTOP), 0);
    assert_false(lookup_pool_is_broken(&pool));
    assert_int_equal(kill(pool.forker, SIGKILL), 0);
    wait_for_end(processes[0]);
    wait_for_end(processes[1]);
    assert_int_equal(look_up(used, LONG_MS), LOOKUP_UNANSWERED);
    assert_int_equal(lookup_pool_take(&pool, false, in_time(), &none), EPIPE);
    assert_null(none);
    assert_true(lookup_pool_is_broken(&pool));
    lookup_pool_give(&pool, used);
}

static void without_the_forker_the_pool_is_broken_at_once(void **state)
{
    (void)state;
    with_pool(lose_the_forker);
}

static void see_descriptors(void)
{
    const size_t standard = 3; /* of which the first is the socket */
    struct lookup *lookup = take();
    struct deadline deadline = in_time();

    /* An answer, so that it has come as far as serving. */
    assert_int_equal(look_up(lookup, LONG_MS), LOOKUP_NOT_FOUND);
    assert_int_equal(descriptors_of(process_of(lookup)), standard);
    /* The forker closes its copies when it has handed a process over. */
    while (descriptors_of(pool.forker) != standard)
        assert_int_not_equal(deadline_left_ms(deadline), 0);
    lookup_pool_give(&pool, lookup);
}

static void each_process_has_its_socket_and_no_other_descriptor_of_ours(void **state)
{
    (void)state;
    with_pool(see_descriptors);
}

/* In a child: a pool with one process that is idle, one that is in use and one that hangs; their
 * ids and the forker's go to the descriptor. Then it waits to be killed. */
static void tell_processes(void *argument)
{
    const int *fd = argument;
    struct lookup *idle = take(), *used = take(), *stuck = take();
    pid_t processes[] = {pool.forker, process_of(idle), process_of(used), process_of(stuck)};

    /* Stopped where it would hang: in a look-up. */
    (void)look_up(stuck, LONG_MS);
    kill(processes[3], SIGSTOP);
    lookup_pool_give(&pool, idle);
    if (write(*fd, processes, sizeof processes) != sizeof processes)
        _exit(1);
    pause();
    _exit(1);
}

static void what_was_started_ends_with_the_helper(void **state)
{
    pid_t processes[4];
    int ends[2];
    pid_t child;
    size_t i;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        if (task_loop_open() == 0 && lookup_pool_open(&pool, true) == 0 &&
            task_start(tell_processes, &ends[1]) == 0)
            task_loop_run(no_task_is_left, NULL);
        _exit(1);
    }
    assert_int_equal(read(ends[0], processes, sizeof processes), sizeof processes);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    for (i = 0; i < sizeof processes / sizeof processes[0]; i++)
        wait_for_end(processes[i]);
    close(ends[0]);
    close(ends[1]);
}

static void one_request_has_one_process_and_needs_no_task(void **state)
{
    struct lookup *lookup, *again;

    (void)state;
    assert_int_equal(lookup_pool_open(&pool, false), 0);
    assert_int_equal(children_of(getpid()), 1);
    lookup = take();
    assert_int_equal(look_up(lookup, LONG_MS), LOOKUP_NOT_FOUND);
    assert_int_equal(lookup_pool_take(&pool, false, in_time(), &again), EPIPE);
    assert_int_equal(kill(lookup->pid, SIGSTOP), 0);
    assert_int_equal(look_up(lookup, 50), LOOKUP_UNANSWERED);
    /* Killed and reaped at the deadline. What is asked afterwards is not answered either. */
    assert_int_equal(children_of(getpid()), 0);
    assert_int_equal(look_up(lookup, LONG_MS), LOOKUP_UNANSWERED);
    lookup_pool_give(&pool, lookup);
    again = take();
    assert_ptr_equal(again, lookup);
    lookup_pool_give(&pool, again);
    lookup_pool_close(&pool);
    lookup_pool_close(&pool);
}

static void whoever_is_in_passwd_is_found_without_the_process(void **state)
{
    struct lookup *lookup;
    struct user user;
    char why[1024];
    FILE *file = fopen("/etc/nsswitch.conf", "we");

    (void)state;
    assert_non_null(file);
    assert_true(fputs("passwd: files\ngroup: files\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    (void)settled("/etc/passwd");

    assert_int_equal(lookup_pool_open(&pool, false), 0);
    lookup = take();
    assert_int_equal(kill(lookup->pid, SIGSTOP), 0);
    assert_int_equal(lookup_user(lookup, "daemon", deadline_in_ms(50), &user, why, sizeof why),
                     LOOKUP_FOUND);
    assert_string_equal(user.name, "daemon");
    assert_int_equal(user.uid, 1);
    assert_int_equal(look_up(lookup, 50), LOOKUP_UNANSWERED);
    lookup_pool_give(&pool, lookup);
    lookup_pool_close(&pool);
}

static void an_open_pool_of_one_leaves_nothing_when_it_is_closed(void **state)
{
    (void)state;
    assert_int_equal(lookup_pool_open(&pool, false), 0);
    lookup_pool_close(&pool);
    assert_int_equal(children_of(getpid()), 0);
    memset(&pool, 0, sizeof pool);
    lookup_pool_close(&pool);
    lookup_pool_give(&pool, NULL);
}

int main(void)
{
    const struct CMUnitTest of_many[] = {
        cmocka_unit_test(an_idle_process_that_ended_is_not_handed_out),
        cmocka_unit_test(signals_that_end_the_service_leave_its_look_ups_to_finish),
        cmocka_unit_test(without_the_forker_the_pool_is_broken_at_once),
        cmocka_unit_test(each_process_has_its_socket_and_no_other_descriptor_of_ours),
        cmocka_unit_test(what_was_started_ends_with_the_helper),
    };
    const struct CMUnitTest of_one[] = {
        cmocka_unit_test(one_request_has_one_process_and_needs_no_task),
        cmocka_unit_test(whoever_is_in_passwd_is_found_without_the_process),
        cmocka_unit_test(an_open_pool_of_one_leaves_nothing_when_it_is_closed),
    };

    /* A failure on a task's stack cannot be gone on from. */
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    return RUN_WITH_FORKER(of_many) + cmocka_run_group_tests(of_one, NULL, NULL);
}
