/*
 * The pool of look-up processes: who gets one, how soon, and how many there are. A directory that
 * hangs is a process that is stopped (SIGSTOP).
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
#include <sys/resource.h>
#include <unistd.h>

#include "lookup_rig.h"

#define KEPT 4 /* of them idle */
#define LIFE 1000

static void ask_users_and_groups(void)
{
    char *names[] = {(char *)"daemon", (char *)"root", (char *)"no-such-group"};
    struct policy policy = {.groups = {names, 3}};
    const bool matters[] = {true, true, true};
    enum answer answers[3];
    struct lookup *lookup = take();
    struct user user;
    char why[1024];

    assert_int_equal(lookup_user(lookup, "root", in_time(), &user, why, sizeof why), LOOKUP_FOUND);
    assert_int_equal(user.uid, 0);
    assert_string_equal(user.name, "root");
    lookup_groups(lookup, &policy, &user, matters, in_time(), answers, why, sizeof why);
    assert_string_equal(why, "");
    assert_int_equal(answers[0], ANSWER_NO);
    assert_int_equal(answers[1], ANSWER_YES);
    assert_int_equal(answers[2], ANSWER_NO);
    assert_int_equal(look_up(lookup, LONG_MS), LOOKUP_NOT_FOUND);
    lookup_pool_give(&pool, lookup);
}

static void users_and_groups_are_answered(void **state)
{
    (void)state;
    with_pool(ask_users_and_groups);
}

static void take_twice(void)
{
    struct lookup *first = take(), *second = take();
    pid_t former = process_of(second);

    assert_int_not_equal(process_of(first), former);
    lookup_pool_give(&pool, second);
    second = take();
    assert_int_equal(process_of(second), former);
    lookup_pool_give(&pool, first);
    lookup_pool_give(&pool, second);
}

static void a_process_is_one_requests_alone_and_then_the_next_ones(void **state)
{
    (void)state;
    with_pool(take_twice);
}

static void take_all(void)
{
    struct lookup *none;
    size_t i;

    take_most();
    assert_int_equal(children_of(pool.forker), MOST);
    assert_int_equal(lookup_pool_take(&pool, false, deadline_in_ms(50), &none), ETIMEDOUT);
    assert_null(none);
    assert_int_equal(children_of(pool.forker), MOST);
    for (i = 0; i < MOST; i++)
        lookup_pool_give(&pool, taken[i]);
    /* The others are ended, and reaped. */
    wait_for_children(pool.forker, KEPT);
}

static void there_are_so_many_processes_and_few_of_them_stay(void **state)
{
    (void)state;
    with_pool(take_all);
}

static size_t served;

static void wait_for_another(void *argument)
{
    struct lookup *lookup = take();

    (void)argument;
    served++;
    lookup_pool_give(&pool, lookup);
}

/* Waits until so many have been served. */
static void wait_for_served(size_t count)
{
    struct task_queue nobody = {NULL, NULL};
    struct deadline deadline = in_time();

    while (served < count) {
        assert_int_not_equal(deadline_left_ms(deadline), 0);
        task_wait(&nobody, deadline_in_ms(5));
    }
}

static void give_back_at_the_bound(void)
{
    struct task_queue nobody = {NULL, NULL};
    size_t i;

    take_most();
    served = 0;
    assert_int_equal(task_start(wait_for_another, NULL), 0);
    task_wait(&nobody, deadline_in_ms(50));
    assert_int_equal(served, 0);
    /* One that was stopped makes room for a new one. */
    lookup_stop(taken[0]);
    lookup_pool_give(&pool, taken[0]);
    wait_for_served(1);
    taken[0] = take();
    assert_int_equal(task_start(wait_for_another, NULL), 0);
    task_wait(&nobody, deadline_in_ms(50));
    assert_int_equal(served, 1);
    lookup_pool_give(&pool, taken[0]);
    wait_for_served(2);
    for (i = 1; i < MOST; i++)
        lookup_pool_give(&pool, taken[i]);
}

static void who_waits_at_the_bound_gets_what_another_gives_back(void **state)
{
    (void)state;
    with_pool(give_back_at_the_bound);
}

static void grow_old(void)
{
    struct lookup *lookup = take();
    pid_t first = process_of(lookup);
    size_t i;

    lookup_pool_give(&pool, lookup);
    for (i = 1; i < LIFE; i++) {
        lookup = take();
        assert_int_equal(process_of(lookup), first);
        lookup_pool_give(&pool, lookup);
    }
    lookup = take();
    assert_int_not_equal(process_of(lookup), first);
    lookup_pool_give(&pool, lookup);
    wait_for_children(pool.forker, 1);
}

static void a_process_is_replaced_after_a_thousand_requests(void **state)
{
    (void)state;
    with_pool(grow_old);
}

static size_t hanging;

#define CROWD 200

static size_t most_there;

/* How long each of many requests has its process, in milliseconds, and how long that works for it.
 */
struct habit {
    int has_ms;
    int works_ms;
};

static void ask_among_many(void *argument)
{
    const struct habit *habit = argument;
    struct task_queue nobody = {NULL, NULL};
    struct lookup *lookup = take();

    assert_int_equal(look_up(lookup, LONG_MS), LOOKUP_NOT_FOUND);
    task_wait(&nobody, deadline_in_ms(habit->has_ms));
    lookup->worked_us += (uint64_t)habit->works_ms * 1000;
    if (pool.count > most_there)
        most_there = pool.count;
    served++;
    lookup_pool_give(&pool, lookup);
}

static void ask_at_once(struct habit habit)
{
    size_t i;

    served = most_there = 0;
    for (i = 0; i < CROWD; i++)
        assert_int_equal(task_start(ask_among_many, &habit), 0);
    wait_for_served(CROWD);
}

static void ask_files_at_once(void)
{
    ask_at_once((struct habit){.has_ms = 1});
    /* One does, or a few, where a machine with much else to do lets it seem to hang. */
    assert_in_range(most_there, 1, CROWD / 8);
}

static void a_crowd_is_served_by_few_processes_that_answer_at_once(void **state)
{
    (void)state;
    with_pool(ask_files_at_once);
}

static void ask_slowly_at_once(void)
{
    ask_at_once((struct habit){.has_ms = 10, .works_ms = 10});
    assert_in_range(most_there, 10, CROWD);
}

static void a_directory_that_takes_its_time_is_asked_by_many_processes(void **state)
{
    (void)state;
    with_pool(ask_slowly_at_once);
}

static void hang(void *argument)
{
    struct lookup *lookup = take();

    (void)argument;
    assert_int_equal(kill(process_of(lookup), SIGSTOP), 0);
    hanging++;
    assert_int_equal(look_up(lookup, 1000), LOOKUP_UNANSWERED);
    lookup_pool_give(&pool, lookup);
    hanging--;
}

static void look_up_beside_those_that_hang(void)
{
    const size_t count = 30;
    struct task_queue nobody = {NULL, NULL};
    struct deadline soon;
    struct lookup *lookup;
    size_t i;

    hanging = 0;
    for (i = 0; i < count; i++)
        assert_int_equal(task_start(hang, NULL), 0);
    while (hanging < count)
        task_wait(&nobody, deadline_in_ms(1));
    soon = deadline_in_ms(100);
    assert_int_equal(lookup_pool_take(&pool, false, soon, &lookup), 0);
    assert_int_equal(look_up(lookup, deadline_left_ms(soon)), LOOKUP_NOT_FOUND);
    assert_int_equal(hanging, count);
    lookup_pool_give(&pool, lookup);
    while (hanging > 0)
        task_wait(&nobody, deadline_in_ms(5));
    /* They were killed, and only the one that answered is left. */
    wait_for_children(pool.forker, 1);
}

static void a_directory_that_hangs_for_some_stalls_nobody_else(void **state)
{
    (void)state;
    with_pool(look_up_beside_those_that_hang);
}

static void limit_descriptors(pid_t pid, rlim_t soft)
{
    struct rlimit limit;

    assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &limit), 0);
    limit.rlim_cur = soft;
    assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

/* Where the limit of `pid` leaves no room for descriptors, there is nothing to be had in the given
 * time; and there is again when it does. */
static void run_short(pid_t pid, rlim_t soft)
{
    struct rlimit before;
    struct lookup *first = take(), *none;

    assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &before), 0);
    limit_descriptors(pid, soft);
    assert_int_equal(lookup_pool_take(&pool, false, deadline_in_ms(150), &none), EAGAIN);
    assert_null(none);
    assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &before, NULL), 0);
    assert_false(lookup_pool_is_broken(&pool));
    none = take();
    lookup_pool_give(&pool, none);
    lookup_pool_give(&pool, first);
    wait_for_children(pool.forker, 2);
}

static void run_short_in_the_forker(void)
{
    run_short(pool.forker, 3);
}

static void run_short_in_the_helper(void)
{
    int next = dup(STDIN_FILENO);

    close(next);
    /* The pool's own process takes the two that are free now: of the next pair one fits, or none.
     */
    run_short(getpid(), (rlim_t)next + 3);
}

static void run_out_in_the_helper(void)
{
    int next = dup(STDIN_FILENO);

    close(next);
    run_short(getpid(), (rlim_t)next + 2);
}

static void without_descriptors_there_is_no_process_until_there_are_again(void **state)
{
    (void)state;
    with_pool(run_short_in_the_forker);
    with_pool(run_short_in_the_helper);
    with_pool(run_out_in_the_helper);
}

/* Another file takes the name of this one, as useradd(8) and sed(1) do it. */
static void replace(const char *path)
{
    char fresh[64], line[1024];
    FILE *from = fopen(path, "re"), *to;

    snprintf(fresh, sizeof fresh, "%s.fresh", path);
    to = fopen(fresh, "we");
    assert_non_null(from);
    assert_non_null(to);
    while (fgets(line, sizeof line, from) != NULL)
        assert_true(fputs(line, to) >= 0);
    fclose(from);
    assert_int_equal(fclose(to), 0);
    assert_int_equal(rename(fresh, path), 0);
}

static void replace_before_the_first_look_up(void)
{
    struct task_queue nobody = {NULL, NULL};
    struct lookup *lookup;
    pid_t unused;

    while (pool.idle == NULL)
        task_wait(&nobody, deadline_in_ms(1));
    unused = process_of(pool.idle);
    replace("/etc/nsswitch.conf");
    lookup = take();
    assert_false(lookup_pool_is_current(&pool, lookup));
    lookup_pool_give(&pool, lookup);
    lookup = take();
    assert_int_not_equal(process_of(lookup), unused);
    assert_true(lookup_pool_is_current(&pool, lookup));
    assert_int_equal(look_up(lookup, LONG_MS), LOOKUP_NOT_FOUND);
    lookup_pool_give(&pool, lookup);
    wait_for_children(pool.forker, 1);
}

/* Who asks by lookup_pool_ask. */
struct asked {
    int times;
    pid_t last;
    enum lookup_outcome outcome;
};

static void note(struct lookup *lookup, void *argument)
{
    struct asked *asked = argument;

    asked->times++;
    asked->last = process_of(lookup);
    asked->outcome = look_up(lookup, LONG_MS);
}

static void ask_after_a_replacement(void)
{
    struct task_queue nobody = {NULL, NULL};
    struct asked asked = {0};
    pid_t unused;

    while (pool.idle == NULL)
        task_wait(&nobody, deadline_in_ms(1));
    unused = process_of(pool.idle);
    replace("/etc/passwd");
    assert_int_equal(lookup_pool_ask(&pool, false, in_time(), note, &asked), 0);
    assert_int_equal(asked.times, 2);
    assert_int_not_equal(asked.last, unused);
    assert_int_equal(asked.outcome, LOOKUP_NOT_FOUND);
    assert_int_equal(lookup_pool_ask(&pool, false, in_time(), note, &asked), 0);
    assert_int_equal(asked.times, 3);
}

static void a_process_that_was_let_see_a_former_file_answers_nobody(void **state)
{
    (void)state;
    with_pool(replace_before_the_first_look_up);
    with_pool(ask_after_a_replacement);
}

static void replace_in_the_midst(void)
{
    struct lookup *lookup = take();

    assert_true(lookup_pool_is_current(&pool, lookup));
    replace("/etc/group");
    assert_false(lookup_pool_is_current(&pool, lookup));
    lookup_pool_give(&pool, lookup);
}

static void what_a_process_said_while_a_file_was_replaced_does_not_count(void **state)
{
    struct lookup_pool one;
    struct lookup *lookup;

    (void)state;
    with_pool(replace_in_the_midst);
    assert_int_equal(lookup_pool_open(&one, false), 0);
    assert_int_equal(lookup_pool_take(&one, false, in_time(), &lookup), 0);
    assert_true(lookup_pool_is_current(&one, lookup));
    replace("/etc/nsswitch.conf");
    assert_false(lookup_pool_is_current(&one, lookup));
    lookup_pool_give(&one, lookup);
    lookup_pool_close(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_and_groups_are_answered),
        cmocka_unit_test(a_process_is_one_requests_alone_and_then_the_next_ones),
        cmocka_unit_test(there_are_so_many_processes_and_few_of_them_stay),
        cmocka_unit_test(who_waits_at_the_bound_gets_what_another_gives_back),
        cmocka_unit_test(a_process_is_replaced_after_a_thousand_requests),
        cmocka_unit_test(a_crowd_is_served_by_few_processes_that_answer_at_once),
        cmocka_unit_test(a_directory_that_takes_its_time_is_asked_by_many_processes),
        cmocka_unit_test(a_directory_that_hangs_for_some_stalls_nobody_else),
        cmocka_unit_test(without_descriptors_there_is_no_process_until_there_are_again),
        cmocka_unit_test(a_process_that_was_let_see_a_former_file_answers_nobody),
        cmocka_unit_test(what_a_process_said_while_a_file_was_replaced_does_not_count),
    };

    /* A failure on a task's stack cannot be gone on from. */
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    return RUN_WITH_FORKER(tests);
}
