/*
 * Session records on disk: whole, exact, ended by one alone, and not kept for longer than needed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "session_rig.h"

#include "helper/session_record_json.h"

#define ID "0123456789abcdef0123456789abcdef"

static void a_record_is_read_as_it_was_written(void **state)
{
    struct rig *rig = *state;
    const struct opening opening = {.uid = ALICE,
                                    .user = "j\xfcrgen",
                                    .human = "CORP\\J\xc3\xbcrgen",
                                    .typed = "juergen",
                                    .pid = getpid()};
    struct session_record record;
    char id[SESSION_ID_SIZE], why[1024];
    long long start_time;

    record_session(rig, &opening, id);
    assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why), 0);
    assert_string_equal(record.id, id);
    assert_int_equal(record.uid, ALICE);
    assert_string_equal(record.user, "j\xfcrgen");
    assert_string_equal(record.human, "CORP\\J\xc3\xbcrgen");
    assert_string_equal(record.typed, "juergen");
    assert_string_equal(record.service, "sshd");
    assert_string_equal(record.address, "192.0.2.1");
    assert_string_equal(record.tty, "ssh");
    assert_string_equal(record.reference, "ABCDEFGH");
    assert_string_equal(record.host, "bastion");
    assert_string_equal(record.boot_id, rig->host.boot_id);
    assert_true(time(NULL) - record.opened <= 2);
    assert_int_equal(record.ended, 0);
    assert_int_equal(record.pid, getpid());
    assert_int_equal(process_start(getpid(), &start_time), 0);
    assert_int_equal(record.start_time, start_time);
    session_record_free(&record);
}

static void what_was_recorded_is_what_is_read(void **state)
{
    const struct request request = {.user = "alice",
                                    .service = "sshd",
                                    .address = "192.0.2.1",
                                    .tty = "",
                                    .ruser = "",
                                    .reference = "ABCDEFGH",
                                    .pid = 4711,
                                    .start_time = 12345};
    struct identity identity = {.human = "CORP\\J\xfcrgen", .typed = "alice"};
    struct rig *rig = *state;
    struct session_record given, record;
    char id[SESSION_ID_SIZE], why[1024], *texts[2];

    strcpy(identity.user.name, "alice");
    identity.user.uid = ALICE;
    assert_int_equal(session_record_id(id), 0);
    assert_int_equal(session_record_open(&rig->host, &request, &identity, NULL, id, time(NULL),
                                         &given, why, sizeof why),
                     0);
    assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why), 0);
    texts[0] = session_record_to_json(&given);
    texts[1] = session_record_to_json(&record);
    assert_non_null(texts[0]);
    assert_string_equal(texts[0], texts[1]);
    assert_null(given.tty);
    assert_null(given.ruser);
    free(texts[0]);
    free(texts[1]);
    session_record_free(&given);
    session_record_free(&record);
}

static void the_name_that_was_typed_is_kept_where_it_is_another(void **state)
{
    struct rig *rig = *state;
    struct session_record record;
    char id[SESSION_ID_SIZE], why[1024];

    record_alice(rig, getpid(), id);
    assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why), 0);
    assert_null(record.typed);
    session_record_free(&record);
}

static void what_is_no_id_reaches_no_file(void **state)
{
    static const char *const cases[] = {"", "x", "../sessions/" ID, ID "0", ID "/", "0123"};
    struct rig *rig = *state;
    struct session_record record;
    char why[1024];
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(session_record_read(&rig->host, cases[i], &record, why, sizeof why),
                         ENOENT);
        assert_int_equal(close_session(rig, cases[i]), ENOENT);
    }
}

static void an_ended_session_is_kept_where_it_is_needed(void **state)
{
    static const struct {
        const char *human;
        int longest_detach;
        bool kept;
    } cases[] = {
        {"alice", 0, false},
        {"alice", 3600, true},
        {"carol@partner.example", 0, true},
    };
    struct rig *rig = *state;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct opening opening = {
            .uid = ALICE, .user = "alice", .human = cases[i].human, .pid = getpid()};
        char id[SESSION_ID_SIZE], why[1024];
        struct session_record record;

        rig->policy.longest_detach = cases[i].longest_detach;
        record_session(rig, &opening, id);
        assert_int_equal(session_record_close(&rig->host, id, &record, why, sizeof why), 0);
        assert_string_equal(record.human, cases[i].human);
        session_record_free(&record);
        assert_false(file_exists(rig, id, ".json"));
        assert_int_equal(file_exists(rig, id, ".ended"), cases[i].kept);
        assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why),
                         cases[i].kept ? 0 : ENOENT);
        if (cases[i].kept) {
            assert_true(time(NULL) - record.ended <= 2);
            assert_string_equal(record.human, cases[i].human);
            session_record_free(&record);
        }
        assert_int_equal(close_session(rig, id), ENOENT);
    }
}

static void a_session_ends_though_its_record_cannot_be_kept(void **state)
{
    struct rig *rig = *state;
    char id[SESSION_ID_SIZE], path[256];

    rig->policy.longest_detach = 3600;
    record_alice(rig, getpid(), id);
    /* A folder of that name is in the way. */
    snprintf(path, sizeof path, "%s/%s.ended", rig->folder, id);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(close_session(rig, id), 0);
    assert_false(file_exists(rig, id, ".json"));
    rmdir(path);
}

#define CLOSERS  6
#define SESSIONS 200

/* Closes every session, and returns by its exit status how many times it was the one. */
static int close_all(struct rig *rig, char (*ids)[SESSION_ID_SIZE], int start)
{
    int ended = 0, i, error;
    char go;

    if (read(start, &go, 1) != 0)
        _exit(255);
    for (i = 0; i < SESSIONS; i++) {
        error = close_session(rig, ids[i]);
        if (error != 0 && error != ENOENT)
            _exit(254);
        ended += error == 0;
    }
    return ended;
}

static void of_many_that_end_a_session_one_alone_does(void **state)
{
    static char ids[SESSIONS][SESSION_ID_SIZE];
    struct rig *rig = *state;
    int start[2], total = 0, i, status;

    for (i = 0; i < SESSIONS; i++)
        record_alice(rig, getpid(), ids[i]);
    assert_int_equal(pipe(start), 0);
    for (i = 0; i < CLOSERS; i++) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            close(start[1]);
            /* Some of them still go by another policy. */
            rig->policy.longest_detach = i % 3 == 0 ? 0 : 3600;
            _exit(close_all(rig, ids, start[0]));
        }
    }
    close(start[0]);
    close(start[1]);
    for (i = 0; i < CLOSERS; i++) {
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= SESSIONS);
        total += WEXITSTATUS(status);
    }
    assert_int_equal(total, SESSIONS);
    for (i = 0; i < SESSIONS; i++)
        assert_false(file_exists(rig, ids[i], ".json"));
}

static const char *const damaged[] = {
    "",
    "{",
    "[]",
    "null",
    "{\"version\":1}",
    "{\"version\":2,\"session\":\"" ID "\",\"uid\":1,\"opened\":\"2026-01-02T03:04:05Z\","
    "\"user\":\"a\",\"human\":\"a\"}",
    /* Of another session, without a human, ended under a live one's name, of nobody. */
    "{\"version\":1,\"session\":\"1123456789abcdef0123456789abcdef\",\"uid\":1,"
    "\"opened\":\"2026-01-02T03:04:05Z\",\"user\":\"a\",\"human\":\"a\"}",
    "{\"version\":1,\"session\":\"" ID "\",\"uid\":1,\"opened\":\"2026-01-02T03:04:05Z\","
    "\"user\":\"a\"}",
    "{\"version\":1,\"session\":\"" ID "\",\"uid\":1,\"opened\":\"2026-01-02T03:04:05Z\","
    "\"ended\":\"2026-01-02T03:04:05Z\",\"user\":\"a\",\"human\":\"a\"}",
    "{\"version\":1,\"session\":\"" ID "\",\"uid\":-1,\"opened\":\"2026-01-02T03:04:05Z\","
    "\"user\":\"a\",\"human\":\"a\"}",
    "{\"version\":1,\"session\":\"" ID "\",\"uid\":4294967295,"
    "\"opened\":\"2026-01-02T03:04:05Z\",\"user\":\"a\",\"human\":\"a\"}",
    "{\"version\":1,\"session\":\"" ID "\",\"uid\":1,\"opened\":\"yesterday\",\"user\":\"a\","
    "\"human\":\"a\"}",
    "{\"version\":1,\"session\":\"" ID "\",\"uid\":1,\"opened\":\"2026-01-02T03:04:05Z\","
    "\"user\":[0],\"human\":\"a\"}",
    "{\"version\":1,\"session\":\"" ID "\",\"uid\":1,\"opened\":\"2026-01-02T03:04:05Z\","
    "\"user\":\"a\",\"human\":[256]}",
};

static void a_damaged_record_is_removed_and_ends(void **state)
{
    struct rig *rig = *state;
    struct session_record record;
    char why[1024];
    size_t i;

    for (i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        write_file(rig, ID ".json", damaged[i], strlen(damaged[i]));
        assert_int_equal(session_record_read(&rig->host, ID, &record, why, sizeof why), EBADMSG);
        assert_false(file_exists(rig, ID, ".json"));
        assert_int_equal(session_record_read(&rig->host, ID, &record, why, sizeof why), ENOENT);
        /* The module still ends it, once. */
        write_file(rig, ID ".json", damaged[i], strlen(damaged[i]));
        assert_int_equal(close_session(rig, ID), 0);
        assert_int_equal(close_session(rig, ID), ENOENT);
    }
}

static void set_age(const struct rig *rig, const char *name, time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
    char path[512];

    snprintf(path, sizeof path, "%s/%s", rig->folder, name);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void ended_sessions_are_kept_as_long_as_something_needs_them(void **state)
{
    static const struct {
        int longest_detach;
        time_t age;
        bool kept;
    } cases[] = {
        {0, 6 * 24 * 3600, true},
        {0, 8 * 24 * 3600, false},
        {30 * 24 * 3600, 29 * 24 * 3600, true},
        {30 * 24 * 3600, 31 * 24 * 3600, false},
    };
    struct rig *rig = *state;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig->policy.longest_detach = cases[i].longest_detach;
        write_file(rig, ID ".ended", "x", 1);
        set_age(rig, ID ".ended", cases[i].age);
        session_record_tidy(&rig->host, time(NULL));
        assert_int_equal(file_exists(rig, ID, ".ended"), cases[i].kept);
    }
}

static void of_very_many_ended_sessions_the_oldest_go(void **state)
{
    struct rig *rig = *state;
    char name[64];
    size_t i, kept = 0;

    for (i = 0; i < SESSION_RECORDS_ENDED_MOST + 50; i++) {
        snprintf(name, sizeof name, "%032zx.ended", i);
        write_file(rig, name, "x", 1);
        set_age(rig, name, (time_t)i);
    }
    session_record_tidy(&rig->host, time(NULL));
    for (i = 0; i < SESSION_RECORDS_ENDED_MOST + 50; i++) {
        snprintf(name, sizeof name, "%032zx", i);
        kept += file_exists(rig, name, ".ended");
        assert_int_equal(file_exists(rig, name, ".ended"), i < SESSION_RECORDS_ENDED_MOST);
    }
    assert_int_equal(kept, SESSION_RECORDS_ENDED_MOST);
}

/* Keeps the ended session number `i` of a human with this uid, of so many seconds ago. */
static void keep_ended(const struct rig *rig, size_t i, uid_t uid, const char *human,
                       time_t seconds)
{
    char name[64], text[256];

    snprintf(name, sizeof name, "%032zx.ended", i);
    snprintf(text, sizeof text,
             "{\"version\":1,\"session\":\"%032zx\",\"uid\":%u,"
             "\"opened\":\"2026-01-02T03:04:05Z\",\"ended\":\"2026-01-02T03:04:05Z\","
             "\"user\":\"a\",\"human\":\"%s\"}",
             i, (unsigned)uid, human);
    write_file(rig, name, text, strlen(text));
    set_age(rig, name, seconds);
}

/* How many of the ended sessions `from` to `to`, without the last, are there. */
static size_t count_ended(const struct rig *rig, size_t from, size_t to)
{
    char name[64];
    size_t count = 0, i;

    for (i = from; i < to; i++) {
        snprintf(name, sizeof name, "%032zx", i);
        count += file_exists(rig, name, ".ended");
    }
    return count;
}

static void the_very_many_ended_sessions_of_one_human_end_no_others(void **state)
{
    const size_t bobs = SESSION_RECORDS_ENDED_MOST + 100, all = bobs + 20;
    struct rig *rig = *state;
    size_t i;

    /* Alice's few are all older than the many of bob, and those of another who shares bob's uid
     * are somewhere among them. */
    for (i = 0; i < bobs; i++)
        keep_ended(rig, i, BOB, "b", (time_t)i);
    for (i = bobs; i < all; i++)
        keep_ended(rig, i, i % 2 == 0 ? ALICE : BOB, i % 2 == 0 ? "b" : "c",
                   i % 2 == 0 ? 6 * 24 * 3600 : 3000);
    session_record_tidy(&rig->host, time(NULL));
    assert_int_equal(count_ended(rig, bobs, all), 20);
    assert_int_equal(count_ended(rig, 0, SESSION_RECORDS_ENDED_MOST - 20),
                     SESSION_RECORDS_ENDED_MOST - 20);
    assert_int_equal(count_ended(rig, SESSION_RECORDS_ENDED_MOST - 20, bobs), 0);
}

static void tidying_touches_nothing_else(void **state)
{
    static const char *const names[] = {ID ".json", "notes", ID ".ended.bak", "x.ended",
                                        ID ".json.0123456789abcdef.unfinished"};
    struct rig *rig = *state;
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        write_file(rig, names[i], "x", 1);
        if (strstr(names[i], "unfinished") == NULL)
            set_age(rig, names[i], 365 * 24 * 3600);
    }
    session_record_tidy(&rig->host, time(NULL));
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(file_exists(rig, names[i], ""));
    /* What somebody was about to write a minute ago is left over. */
    set_age(rig, names[4], 120);
    session_record_tidy(&rig->host, time(NULL));
    assert_false(file_exists(rig, names[4], ""));
}

static void a_close_now_and_then_tidies(void **state)
{
    const struct opening opening = {.id = "00ffffffffffffffffffffffffffffff",
                                    .uid = ALICE,
                                    .user = "alice",
                                    .human = "carol",
                                    .pid = getpid()};
    struct rig *rig = *state;
    char id[SESSION_ID_SIZE];

    write_file(rig, ID ".ended", "x", 1);
    set_age(rig, ID ".ended", 8 * 24 * 3600);
    record_session(rig, &opening, id);
    assert_int_equal(close_session(rig, id), 0);
    assert_false(file_exists(rig, ID, ".ended"));
    assert_true(file_exists(rig, id, ".ended"));
}

static void a_folder_that_others_may_write_is_refused(void **state)
{
    struct rig *rig = *state;
    struct session_record record;
    char id[SESSION_ID_SIZE], why[1024] = "";

    record_alice(rig, getpid(), id);
    assert_int_equal(chmod(rig->folder, 0770), 0);
    assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why), EPERM);
    assert_non_null(strstr(why, rig->folder));
    assert_int_equal(close_session(rig, id), EPERM);
    assert_int_equal(chmod(rig->folder, 0700), 0);
    assert_int_equal(close_session(rig, id), 0);
}

/* Gives the folder the time `at`. */
static void stamp_folder(const struct rig *rig, time_t at)
{
    struct timespec times[2] = {{.tv_sec = at}, {.tv_sec = at}};

    assert_int_equal(utimensat(AT_FDCWD, rig->folder, times, 0), 0);
}

static void a_change_in_the_same_tick_of_the_clock_is_seen(void **state)
{
    struct rig *rig = *state;
    struct session_ids ids = {.count = 0};
    char id[SESSION_ID_SIZE], why[1024];
    const time_t soon = time(NULL) + 60;
    bool changed;

    /* The clock stands still: what was looked at and what came later have the same time. */
    stamp_folder(rig, soon);
    assert_int_equal(session_ids_update(&rig->host, &ids, &changed, why, sizeof why), 0);
    assert_int_equal(ids.count, 0);
    record_alice(rig, getpid(), id);
    stamp_folder(rig, soon);
    assert_int_equal(session_ids_update(&rig->host, &ids, &changed, why, sizeof why), 0);
    assert_true(changed);
    assert_int_equal(ids.count, 1);
    assert_string_equal(ids.items[0], id);
    /* Long after the last change the names are read no more. */
    stamp_folder(rig, soon - 120);
    assert_int_equal(session_ids_update(&rig->host, &ids, &changed, why, sizeof why), 0);
    assert_true(changed);
    assert_int_equal(session_ids_update(&rig->host, &ids, &changed, why, sizeof why), 0);
    assert_false(changed);
    assert_int_equal(close_session(rig, id), 0);
    assert_int_equal(session_ids_update(&rig->host, &ids, &changed, why, sizeof why), 0);
    assert_true(changed);
    assert_int_equal(ids.count, 0);
    session_ids_free(&ids);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_start, rig_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_read_as_it_was_written),
        TEST(what_was_recorded_is_what_is_read),
        TEST(the_name_that_was_typed_is_kept_where_it_is_another),
        TEST(what_is_no_id_reaches_no_file),
        TEST(an_ended_session_is_kept_where_it_is_needed),
        TEST(a_session_ends_though_its_record_cannot_be_kept),
        TEST(of_many_that_end_a_session_one_alone_does),
        TEST(a_damaged_record_is_removed_and_ends),
        TEST(ended_sessions_are_kept_as_long_as_something_needs_them),
        TEST(of_very_many_ended_sessions_the_oldest_go),
        TEST(the_very_many_ended_sessions_of_one_human_end_no_others),
        TEST(tidying_touches_nothing_else),
        TEST(a_close_now_and_then_tidies),
        TEST(a_change_in_the_same_tick_of_the_clock_is_seen),
        TEST(a_folder_that_others_may_write_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
