/*
 * Live sessions: each serves while its process, its record and its time last, and not a moment
 * longer.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sessions_rig.h"

#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mount.h>

#include "helper/task.h"

/* Takes in a session that stands on disk. Returns as session_record_read and sessions_add. */
static int add_session(struct rig *rig, struct sessions *sessions, const char *id, pid_t pid)
{
    struct session_record record;
    char why[1024];
    int error = session_record_read(&rig->host, id, &record, why, sizeof why);

    return error != 0 ? error : sessions_add(sessions, &rig->host, &record, pid);
}

static void a_session_serves_while_its_process_lives(void **state)
{
    struct rig *rig = *state;
    struct sessions *sessions = open_sessions(rig);
    pid_t pid = process_begin();
    char id[SESSION_ID_SIZE];
    struct serving serving;

    record_alice(rig, pid, id);
    assert_int_equal(add_session(rig, sessions, id, pid), 0);
    assert_int_equal(sessions_count(sessions), 1);
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, id, time(NULL), &serving),
                     SESSIONS_FOUND);
    assert_string_equal(serving.record.human, "alice");
    assert_string_equal(serving.record.service, "sshd");
    assert_string_equal(serving.record.address, "192.0.2.1");
    assert_false(serving.adopted);
    assert_int_equal(serving.ended_for, -1);
    assert_true(sessions_still(sessions, &rig->host, &serving, time(NULL)));
    /* From the moment that it is killed, whether or not the loop had its turn since. */
    process_end(pid);
    assert_false(sessions_still(sessions, &rig->host, &serving, time(NULL)));
    serving_free(&serving);
    assert_serves(rig, sessions, ALICE, id, false);
    assert_int_equal(sessions_count(sessions), 0);
    assert_false(file_exists(rig, id, ".json"));
    assert_int_equal(ended_lines(rig, NULL, NULL), 1);
    assert_int_equal(ended_lines(rig, id, "process that opened it has ended"), 1);
    sessions_free(sessions);
}

/* The service's sweeper, and what it waits for. */
struct sweeper {
    struct rig *rig;
    struct sessions *sessions;
    size_t ends; /* sessions that are to have ended */
    size_t rounds;
    struct deadline deadline;
    bool over;
};

static void sweep(void *argument)
{
    struct sweeper *sweeper = argument;

    while (ended_lines(sweeper->rig, NULL, NULL) < sweeper->ends &&
           deadline_left_ms(sweeper->deadline) > 0) {
        sessions_wait(sweeper->sessions, deadline_in_ms(500));
        sessions_sweep(sweeper->sessions, &sweeper->rig->host, time(NULL));
        sweeper->rounds++;
    }
    sweeper->over = true;
}

/* Keeps the loop from sleeping, so that it asks again whether it is over. */
static void stay_awake(void *argument)
{
    (void)argument;
}

static bool is_swept(void *argument)
{
    return ((const struct sweeper *)argument)->over;
}

/* Lets the loop run until `ends` sessions have ended. Returns how many sweeps that took. */
static size_t run_until_ended(struct rig *rig, struct sessions *sessions, size_t ends)
{
    struct sweeper sweeper = {
        .rig = rig, .sessions = sessions, .ends = ends, .deadline = deadline_in_ms(60000)};

    struct task_watcher awake = {.ready = stay_awake, .fd = eventfd(1, EFD_CLOEXEC)};

    assert_int_equal(task_watch(&awake), 0);
    assert_int_equal(task_start(sweep, &sweeper), 0);
    assert_int_equal(task_loop_run(is_swept, &sweeper), 0);
    task_unwatch(&awake);
    close(awake.fd);
    assert_int_equal(ended_lines(rig, NULL, NULL), ends);
    return sweeper.rounds;
}

static void a_killed_process_ends_its_session_though_nobody_asks(void **state)
{
    struct rig *rig = *state;
    pid_t pids[2] = {process_begin(), process_begin()};
    char ids[2][SESSION_ID_SIZE];
    struct sessions *sessions;

    /* One that was found on disk, and one that was seen being opened. */
    record_alice(rig, pids[0], ids[0]);
    sessions = open_sessions(rig);
    record_alice(rig, pids[1], ids[1]);
    assert_int_equal(add_session(rig, sessions, ids[1], pids[1]), 0);
    process_end(pids[0]);
    run_until_ended(rig, sessions, 1);
    assert_int_equal(ended_lines(rig, ids[0], NULL), 1);
    assert_int_equal(sessions_count(sessions), 1);
    process_end(pids[1]);
    run_until_ended(rig, sessions, 2);
    assert_int_equal(sessions_count(sessions), 0);
    assert_false(file_exists(rig, ids[0], ".json"));
    assert_false(file_exists(rig, ids[1], ".json"));
    sessions_free(sessions);
}

static void a_restart_ends_what_cannot_be_told_to_live(void **state)
{
    struct rig *rig = *state;
    pid_t lives = process_begin(), ended = process_begin();
    long long start_time;
    const struct {
        pid_t pid;
        int later;           /* ticks that the record's start is after the process's */
        bool no_start;       /* the module could not say when it started */
        const char *boot_id; /* of the record, or NULL for this one */
        const char *reason;  /* NULL: it lives on */
    } cases[] = {
        {lives, 0, false, NULL, NULL},
        {ended, 0, false, NULL,
         has_pidfds() ? "process that opened it has ended" : "cannot be told"},
        {lives, -1, false, NULL, "process that opened it has ended"},
        {lives, 1, false, NULL, "process that opened it has ended"},
        {lives, 0, true, NULL, "cannot be told"},
        {lives, 0, false, "", "cannot be told"},
        {lives, 0, false, "00000000-0000-4000-8000-000000000000", "host was started anew"},
    };
    char ids[sizeof cases / sizeof cases[0]][SESSION_ID_SIZE], boot_id[BOOT_ID_SIZE];
    struct sessions *sessions;
    size_t i;

    assert_int_equal(process_start(lives, &start_time), 0);
    memcpy(boot_id, rig->host.boot_id, sizeof boot_id);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct opening opening = {.uid = ALICE,
                                        .user = "alice",
                                        .human = "alice",
                                        .pid = cases[i].pid,
                                        .start_time =
                                            cases[i].no_start ? -1 : start_time + cases[i].later};

        if (cases[i].boot_id != NULL)
            strcpy(rig->host.boot_id, cases[i].boot_id);
        record_session(rig, &opening, ids[i]);
        memcpy(rig->host.boot_id, boot_id, sizeof boot_id);
    }
    process_end(ended);
    sessions = open_sessions(rig);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ended_lines(rig, ids[i], cases[i].reason), cases[i].reason != NULL);
        assert_int_equal(file_exists(rig, ids[i], ".json"), cases[i].reason == NULL);
    }
    assert_int_equal(sessions_count(sessions), 1);
    assert_int_equal(ended_lines(rig, NULL, "when the service started"), i - 1);
    assert_serves(rig, sessions, ALICE, ids[0], true);
    process_end(lives);
    assert_serves(rig, sessions, ALICE, ids[0], false);
    sessions_free(sessions);
}

/* What happens where /proc shows nobody's processes: in a mount namespace with nothing there. */
static int look_without_proc(struct rig *rig, pid_t pid, const char *found, const char *added)
{
    struct sessions *sessions;
    char why[1024];

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/proc", "tmpfs", 0, NULL) != 0)
        return 1;
    if (sessions_open(&rig->host, &sessions, why, sizeof why) != 0 ||
        sessions_count(sessions) != 0 || ended_lines(rig, found, "cannot be told") != 1)
        return 2;
    record_session(rig,
                   &(struct opening){.id = added,
                                     .uid = ALICE,
                                     .user = "alice",
                                     .human = "alice",
                                     .pid = pid,
                                     .start_time = 12345},
                   why);
    if (add_session(rig, sessions, added, pid) != 0 || sessions_count(sessions) != 1)
        return 3;
    sessions_free(sessions);
    return 0;
}

static void where_proc_is_hidden_the_kernels_word_counts_and_the_records_does_not(void **state)
{
    struct rig *rig = *state;
    pid_t opener = process_begin(), pid;
    char id[SESSION_ID_SIZE];
    int status;

    record_alice(rig, opener, id);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(look_without_proc(rig, opener, id, UNKNOWN_ID));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    process_end(opener);
}

static void adding_believes_the_kernel(void **state)
{
    struct rig *rig = *state;
    struct sessions *sessions = open_sessions(rig);
    pid_t lives = process_begin(), other = process_begin(), ended = process_begin();
    long long start_time;
    const struct {
        pid_t recorded; /* what the module says, */
        int later;      /* of when it started */
        pid_t peer;     /* what the kernel says */
        int error;
    } cases[] = {
        {lives, 0, lives, 0},     {other, 0, lives, 0},     {lives, 1, lives, ESRCH},
        {ended, 0, ended, ESRCH}, {lives, 0, ended, ESRCH}, {lives, 0, 0, 0},
        {lives, 1, 0, ESRCH},     {ended, 0, 0, ESRCH},     {lives, 1, other, 0},
    };
    char id[SESSION_ID_SIZE];
    size_t i;

    assert_int_equal(process_start(lives, &start_time), 0);
    process_end(ended);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct opening opening = {.uid = ALICE,
                                        .user = "alice",
                                        .human = "alice",
                                        .pid = cases[i].recorded,
                                        .start_time = start_time + cases[i].later};

        if ((cases[i].peer == ended || cases[i].peer == other) && !has_pidfds())
            continue;
        record_session(rig, &opening, id);
        assert_int_equal(add_session(rig, sessions, id, cases[i].peer), cases[i].error);
        assert_int_equal(sessions_count(sessions), cases[i].error == 0);
        if (cases[i].error == 0)
            assert_serves(rig, sessions, ALICE, id, true);
        assert_int_equal(close_session(rig, id), 0);
        sessions_remove(sessions, id);
        assert_int_equal(sessions_count(sessions), 0);
    }
    assert_int_equal(add_session(rig, sessions, UNKNOWN_ID, lives), ENOENT);
    process_end(lives);
    process_end(other);
    sessions_free(sessions);
}

static void session_max_ends_a_session_whose_process_lives(void **state)
{
    struct rig *rig = *state;
    pid_t pid = process_begin();
    const time_t now = time(NULL);
    const struct opening opening = {
        .uid = ALICE, .user = "alice", .human = "alice", .pid = pid, .opened = now - 3000};
    struct sessions *sessions;
    struct serving serving;
    char ids[2][SESSION_ID_SIZE];

    record_session(rig, &opening, ids[0]);
    record_alice(rig, pid, ids[1]);
    sessions = open_sessions(rig);
    rig->policy.session_max = 3600;
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, ids[0], now, &serving),
                     SESSIONS_FOUND);
    assert_string_equal(serving.record.id, ids[0]);
    assert_true(sessions_still(sessions, &rig->host, &serving, now + 599));
    assert_false(sessions_still(sessions, &rig->host, &serving, now + 600));
    serving_free(&serving);
    sessions_sweep(sessions, &rig->host, now + 600);
    assert_int_equal(sessions_count(sessions), 1);
    assert_int_equal(ended_lines(rig, ids[0], "session_max"), 1);
    assert_false(file_exists(rig, ids[0], ".json"));
    /* Nobody swept: being asked is enough. */
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, ids[1], now + 3601, &serving),
                     SESSIONS_NONE);
    assert_int_equal(ended_lines(rig, ids[1], "session_max"), 1);
    process_end(pid);
    sessions_free(sessions);
}

static void what_another_process_opens_and_closes_is_seen_at_once(void **state)
{
    struct rig *rig = *state;
    struct sessions *sessions = open_sessions(rig);
    pid_t pid = process_begin();
    char id[SESSION_ID_SIZE];
    struct serving serving;
    size_t i;

    /* Many within one tick of the clock that the folder is stamped with. */
    for (i = 0; i < 200; i++) {
        record_alice(rig, pid, id);
        assert_serves(rig, sessions, ALICE, id, true);
        assert_int_equal(sessions_count(sessions), 1);
        assert_int_equal(sessions_find(sessions, &rig->host, ALICE, id, time(NULL), &serving),
                         SESSIONS_FOUND);
        assert_int_equal(close_session(rig, id), 0);
        assert_false(sessions_still(sessions, &rig->host, &serving, time(NULL)));
        serving_free(&serving);
        assert_serves(rig, sessions, ALICE, id, false);
        assert_int_equal(sessions_count(sessions), 0);
    }
    /* Whoever closed them has said so. */
    assert_int_equal(ended_lines(rig, NULL, NULL), 0);
    process_end(pid);
    sessions_free(sessions);
}

static void a_damaged_record_counts_as_ended_and_foreign_names_are_left(void **state)
{
    static const char *const names[] = {
        "README",
        UNKNOWN_ID,
        "x.json",
        "0123456789abcdef0123456789abcdef0.json",
        "0123456789ABCDEF0123456789abcdef.json",
    };
    struct rig *rig = *state;
    struct sessions *sessions;
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        write_file(rig, names[i], "{", 1);
    write_file(rig, UNKNOWN_ID ".json", "{", 1);
    sessions = open_sessions(rig);
    assert_int_equal(sessions_count(sessions), 0);
    assert_false(file_exists(rig, UNKNOWN_ID, ".json"));
    assert_int_equal(ended_lines(rig, UNKNOWN_ID, "damaged"), 1);
    assert_int_equal(ended_lines(rig, NULL, NULL), 1);
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(file_exists(rig, names[i], ""));
    sessions_free(sessions);
}

static void without_a_folder_or_a_policy_that_can_be_trusted_nobody_is_served(void **state)
{
    struct rig *rig = *state;
    struct sessions *sessions = open_sessions(rig);
    pid_t pid = process_begin();
    char id[SESSION_ID_SIZE], by[SESSION_ID_SIZE];

    record_alice(rig, pid, id);
    assert_serves(rig, sessions, ALICE, id, true);
    assert_int_equal(chmod(rig->folder, 0777), 0);
    assert_int_equal(find(rig, sessions, ALICE, id, by), SESSIONS_UNKNOWN);
    assert_int_equal(chmod(rig->folder, 0700), 0);
    assert_serves(rig, sessions, ALICE, id, true);
    rig->host.policy = NULL;
    assert_serves(rig, sessions, ALICE, id, false);
    sessions_sweep(sessions, &rig->host, time(NULL));
    rig->host.policy = &rig->policy;
    assert_serves(rig, sessions, ALICE, id, true);
    process_end(pid);
    sessions_free(sessions);
}

#define MANY 1000

static int64_t ns_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void a_thousand_sessions_cost_a_request_nothing_and_end_bit_by_bit(void **state)
{
    struct rig *rig = *state;
    pid_t pid = process_begin();
    static char ids[MANY][SESSION_ID_SIZE];
    struct sessions *sessions;
    char by[SESSION_ID_SIZE];
    int64_t started, took;
    size_t i;

    for (i = 0; i < MANY; i++)
        record_alice(rig, pid, ids[i]);
    set_descriptors(MANY + 200);
    sessions = open_sessions(rig);
    assert_int_equal(sessions_count(sessions), MANY);
    usleep(25000); /* until the folder's time is no longer now */
    find(rig, sessions, ALICE, ids[0], by);
    started = ns_now();
    for (i = 0; i < MANY; i++)
        assert_serves(rig, sessions, ALICE, ids[i], true);
    took = (ns_now() - started) / MANY;
    print_message("a request among %d sessions: %lld us\n", MANY, (long long)took / 1000);
    assert_true(took < (int64_t)5 * 1000 * 1000);
    process_end(pid);
    /* All at once, and yet others had their turn many times. */
    assert_true(run_until_ended(rig, sessions, MANY) >= MANY / 100);
    assert_int_equal(sessions_count(sessions), 0);
    for (i = 0; i < MANY; i++)
        assert_false(file_exists(rig, ids[i], ".json"));
    sessions_free(sessions);
}

#define FEW 150

static void however_many_sessions_are_over_at_once_a_sweep_ends_some(void **state)
{
    struct rig *rig = *state;
    pid_t pid = process_begin();
    struct sessions *sessions;
    char id[SESSION_ID_SIZE];
    size_t ended = 0, sweeps, i;

    for (i = 0; i < FEW; i++)
        record_alice(rig, pid, id);
    sessions = open_sessions(rig);
    rig->policy.session_max = 900;
    for (sweeps = 0; ended < FEW; sweeps++) {
        size_t before = ended;

        sessions_sweep(sessions, &rig->host, time(NULL) + 1000);
        /* None of them is alive any more, whether or not its end has been written yet. */
        assert_int_equal(sessions_count(sessions), 0);
        ended = ended_lines(rig, NULL, "session_max");
        assert_in_range(ended - before, 1, 64);
    }
    assert_int_equal(sweeps, 3);
    process_end(pid);
    sessions_free(sessions);
}

static void with_no_descriptors_left_sessions_are_looked_for_in_proc(void **state)
{
    struct rig *rig = *state;
    pid_t pids[2] = {process_begin(), process_begin()};
    char ids[FEW][SESSION_ID_SIZE];
    struct sessions *sessions;
    size_t i;

    for (i = 0; i < FEW; i++)
        record_alice(rig, pids[i % 2], ids[i]);
    set_descriptors(100);
    sessions = open_sessions(rig);
    assert_int_equal(sessions_count(sessions), FEW);
    for (i = 0; i < FEW; i++)
        assert_serves(rig, sessions, ALICE, ids[i], true);
    assert_int_equal(kill(pids[0], SIGKILL), 0);
    /* Not reaped yet, which nobody here can hurry. */
    assert_int_equal(waitid(P_PID, (id_t)pids[0], &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    for (i = 0; i < FEW; i++) {
        char by[SESSION_ID_SIZE];

        assert_int_equal(find(rig, sessions, ALICE, ids[i], by), SESSIONS_FOUND);
        assert_int_equal(strcmp(by, ids[i]) == 0, i % 2 == 1);
    }
    assert_int_equal(sessions_count(sessions), FEW / 2);
    for (i = 0; i < FEW; i++)
        assert_int_equal(ended_lines(rig, ids[i], NULL), i % 2 == 0);
    assert_int_equal(waitpid(pids[0], NULL, 0), pids[0]);
    process_end(pids[1]);
    sessions_free(sessions);
}

/* How many descriptors there are yet to be had. */
static rlim_t count_free(void)
{
    int first = dup(0), last = first, fd;
    struct rlimit limit;
    rlim_t count = first >= 0;

    while ((fd = dup(0)) >= 0) {
        last = fd;
        count++;
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    for (fd = first; fd >= 0 && fd <= last; fd++)
        close(fd);
    return count;
}

static void sessions_leave_descriptors_to_requests(void **state)
{
    static const struct {
        rlim_t limit;
        rlim_t spared;
    } cases[] = {{160, 160 / 4}, {4096, 4096 - FEW - 64}};
    struct rig *rig = *state;
    pid_t pid = process_begin();
    char id[SESSION_ID_SIZE];
    size_t i;

    for (i = 0; i < FEW; i++)
        record_alice(rig, pid, id);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sessions *sessions;

        set_descriptors(cases[i].limit);
        sessions = open_sessions(rig);
        assert_int_equal(sessions_count(sessions), FEW);
        assert_true(count_free() >= cases[i].spared);
        sessions_free(sessions);
    }
    process_end(pid);
}

static void who_has_a_session_is_known_and_who_has_ended_theirs_is_not(void **state)
{
    struct rig *rig = *state;
    pid_t pid = process_begin();
    struct sessions *sessions = open_sessions(rig);
    char id[SESSION_ID_SIZE];

    assert_false(sessions_has(sessions, &rig->host, ALICE));
    /* As the other way of reaching the helper opens one. */
    record_alice(rig, pid, id);
    assert_true(sessions_has(sessions, &rig->host, ALICE));
    assert_false(sessions_has(sessions, &rig->host, BOB));
    assert_false(sessions_has(sessions, &rig->host, 0));
    assert_int_equal(close_session(rig, id), 0);
    assert_serves(rig, sessions, ALICE, id, false);
    assert_false(sessions_has(sessions, &rig->host, ALICE));
    process_end(pid);
    sessions_free(sessions);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sessions_begin, sessions_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_serves_while_its_process_lives),
        TEST(a_killed_process_ends_its_session_though_nobody_asks),
        TEST(a_restart_ends_what_cannot_be_told_to_live),
        TEST(where_proc_is_hidden_the_kernels_word_counts_and_the_records_does_not),
        TEST(adding_believes_the_kernel),
        TEST(session_max_ends_a_session_whose_process_lives),
        TEST(what_another_process_opens_and_closes_is_seen_at_once),
        TEST(a_damaged_record_counts_as_ended_and_foreign_names_are_left),
        TEST(without_a_folder_or_a_policy_that_can_be_trusted_nobody_is_served),
        TEST(a_thousand_sessions_cost_a_request_nothing_and_end_bit_by_bit),
        TEST(however_many_sessions_are_over_at_once_a_sweep_ends_some),
        TEST(with_no_descriptors_left_sessions_are_looked_for_in_proc),
        TEST(sessions_leave_descriptors_to_requests),
        TEST(who_has_a_session_is_known_and_who_has_ended_theirs_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
