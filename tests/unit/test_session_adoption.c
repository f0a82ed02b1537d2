/*
 * Which session serves a request that names one that has ended, or none: of the same uid and the
 * same human, or itself while a grant has `detach`; and nobody else's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/revocation.h"
#include "sessions_rig.h"

static void an_ended_session_serves_itself_while_detach_lasts(void **state)
{
    struct rig *rig = *state;
    pid_t pid = process_begin();
    time_t now;
    char boot_id[BOOT_ID_SIZE], ended[SESSION_ID_SIZE], live[SESSION_ID_SIZE];
    struct sessions *sessions = open_sessions(rig);
    const struct {
        int longest_detach;
        int session_max;
        bool rebooted;
        time_t later;
        enum sessions_answer answer;
    } cases[] = {
        {3600, 0, false, 0, SESSIONS_FOUND},      {3600, 0, false, 3590, SESSIONS_FOUND},
        {3600, 0, false, 3605, SESSIONS_NONE},    {0, 0, false, 0, SESSIONS_NONE},
        {3600, 0, true, 0, SESSIONS_NONE},        {3600, 1800, false, 900, SESSIONS_FOUND},
        {3600, 1800, false, 1800, SESSIONS_NONE}, {3600, 0, false, -3600, SESSIONS_FOUND},
    };
    struct serving serving;
    size_t i;

    rig->policy.longest_detach = 3600;
    record_alice(rig, pid, ended);
    assert_int_equal(close_session(rig, ended), 0);
    now = time(NULL);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig->policy.longest_detach = cases[i].longest_detach;
        rig->policy.session_max = cases[i].session_max;
        memcpy(boot_id, rig->host.boot_id, sizeof boot_id);
        if (cases[i].rebooted)
            strcpy(rig->host.boot_id, "00000000-0000-4000-8000-000000000000");
        assert_int_equal(
            sessions_find(sessions, &rig->host, ALICE, ended, now + cases[i].later, &serving),
            cases[i].answer);
        memcpy(rig->host.boot_id, boot_id, sizeof boot_id);
        if (cases[i].answer != SESSIONS_FOUND)
            continue;
        assert_string_equal(serving.record.id, ended);
        assert_false(serving.adopted);
        assert_in_range(serving.ended_for + 2, cases[i].later > 0 ? (size_t)cases[i].later : 0,
                        cases[i].later > 0 ? (size_t)cases[i].later + 2 : 3);
        assert_true(sessions_still(sessions, &rig->host, &serving, now));
        assert_false(sessions_still(sessions, &rig->host, &serving, now + 3700));
        serving_free(&serving);
    }
    /* Another's is another's, ended or not. */
    rig->policy.longest_detach = 3600;
    rig->policy.session_max = 0;
    assert_int_equal(sessions_find(sessions, &rig->host, BOB, ended, now, &serving),
                     SESSIONS_FOREIGN);
    /* A live one of the same human comes first. */
    record_alice(rig, pid, live);
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, ended, now, &serving),
                     SESSIONS_FOUND);
    assert_string_equal(serving.record.id, live);
    assert_true(serving.adopted);
    assert_int_equal(serving.ended_for, -1);
    serving_free(&serving);
    process_end(pid);
    sessions_free(sessions);
}

static void a_revoked_session_serves_nobody_and_none_adopts_it(void **state)
{
    struct rig *rig = *state;
    pid_t pid = process_begin();
    const time_t now = time(NULL);
    char revoked[SESSION_ID_SIZE], ended[SESSION_ID_SIZE], live[SESSION_ID_SIZE], why[1024];
    struct sessions *sessions = open_sessions(rig);
    struct session_record record;
    struct serving serving;

    rig->policy.longest_detach = 3600;
    record_alice(rig, pid, revoked);
    record_alice(rig, pid, ended);
    assert_int_equal(close_session(rig, ended), 0);
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, ended, now, &serving),
                     SESSIONS_FOUND);
    serving_free(&serving);
    assert_int_equal(session_record_revoke(&rig->host, revoked, "root", &record, why, sizeof why),
                     0);
    assert_string_equal(record.revoked_by, "root");
    session_record_free(&record);

    /* What has ended serves itself, until it is revoked as well, also while it is under way. */
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, ended, now, &serving),
                     SESSIONS_FOUND);
    assert_true(sessions_still(sessions, &rig->host, &serving, now));
    assert_int_equal(session_record_revoke_ended(&rig->host, "somebody", "root", why, sizeof why),
                     0);
    assert_true(sessions_still(sessions, &rig->host, &serving, now));
    assert_int_equal(session_record_revoke_ended(&rig->host, "alice", "root", why, sizeof why), 0);
    assert_false(sessions_still(sessions, &rig->host, &serving, now));
    serving_free(&serving);

    record_alice(rig, pid, live);
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, revoked, now, &serving),
                     SESSIONS_REVOKED);
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, ended, now, &serving),
                     SESSIONS_REVOKED);
    assert_int_equal(sessions_find(sessions, &rig->host, BOB, revoked, now, &serving),
                     SESSIONS_FOREIGN);
    assert_int_equal(sessions_find(sessions, &rig->host, ALICE, live, now, &serving),
                     SESSIONS_FOUND);
    serving_free(&serving);
    process_end(pid);
    sessions_free(sessions);
}

static bool is_revoked(struct rig *rig, const char *human, const struct timespec *begun)
{
    char why[1024];
    bool revoked = false;

    assert_int_equal(revocation_since(&rig->host, human, begun, &revoked, why, sizeof why), 0);
    return revoked;
}

static void who_was_revoked_meanwhile_is_told_from_who_was_before_or_is_another(void **state)
{
    struct rig *rig = *state;
    char *const folder = rig->policy.sessions;
    struct timespec before, after;
    char why[1024];
    bool revoked;

    clock_gettime(CLOCK_REALTIME, &before);
    assert_false(is_revoked(rig, "alice", &before));
    assert_int_equal(revocation_note(&rig->host, "alice", why, sizeof why), 0);
    clock_gettime(CLOCK_REALTIME, &after);
    assert_true(is_revoked(rig, "alice", &before));
    assert_false(is_revoked(rig, "alice", &after));
    assert_false(is_revoked(rig, "alice2", &before));
    /* What cannot be read may say anything, and is no answer. */
    rig->policy.sessions = (char[]){"/nonexistent"};
    assert_int_not_equal(revocation_since(&rig->host, "alice", &after, &revoked, why, sizeof why),
                         0);
    assert_non_null(strstr(why, "/nonexistent"));
    rig->policy.sessions = folder;
}

/* What is asked for by the letters that the adoption table's sessions have. */
#define PEOPLE_MOST 6

static const struct {
    const char *live;  /* a letter each, oldest first: a, c, d are humans in alice's account; b */
    const char *ended; /* is bob in his own */
    char named;        /* '?' an unknown id, '-' none, a capital: the ended one of that letter */
    enum sessions_answer answer;
    int by; /* which of the live ones serves, counted from 0 */
} adoptions[] = {
    /* The same human's, the newest. */
    {"a", "a", 'A', SESSIONS_FOUND, 0},
    {"aaa", "a", 'A', SESSIONS_FOUND, 2},
    {"cdac", "c", 'C', SESSIONS_FOUND, 3},
    {"cdaa", "c", 'C', SESSIONS_FOUND, 0},
    {"bab", "a", 'A', SESSIONS_FOUND, 1},
    /* A live one that is named serves itself, whoever else is there. */
    {"cd", "", 'c', SESSIONS_FOUND, 0},
    {"aca", "", 'a', SESSIONS_FOUND, 0},
    /* Nothing is known: it was the Unix user's own. */
    {"a", "", '?', SESSIONS_FOUND, 0},
    {"a", "", '-', SESSIONS_FOUND, 0},
    {"acd", "", '?', SESSIONS_FOUND, 0},
    {"acd", "", '-', SESSIONS_FOUND, 0},
    {"c", "", '?', SESSIONS_SEVERAL, 0},
    {"c", "", '-', SESSIONS_SEVERAL, 0},
    {"cd", "", '-', SESSIONS_SEVERAL, 0},
    /* Other humans of the same account are no help. */
    {"d", "c", 'C', SESSIONS_SEVERAL, 0},
    {"a", "c", 'C', SESSIONS_SEVERAL, 0},
    {"c", "a", 'A', SESSIONS_SEVERAL, 0},
    {"cd", "a", 'A', SESSIONS_SEVERAL, 0},
    /* Nor are other users. */
    {"b", "a", 'A', SESSIONS_NONE, 0},
    {"b", "", '-', SESSIONS_NONE, 0},
    {"", "c", 'C', SESSIONS_NONE, 0},
    {"", "", '-', SESSIONS_NONE, 0},
    {"", "", '?', SESSIONS_NONE, 0},
    {"ab", "", 'b', SESSIONS_FOREIGN, 0},
};

static const struct {
    char letter;
    struct opening opening;
} people[] = {
    {'a', {.uid = ALICE, .user = "alice", .human = "alice"}},
    {'c', {.uid = ALICE, .user = "alice", .human = "carol@partner.example"}},
    {'d', {.uid = ALICE, .user = "alice", .human = "dave@partner.example"}},
    {'b', {.uid = BOB, .user = "bob", .human = "bob"}},
};

/* Records a session of the one with this letter. */
static void record_letter(struct rig *rig, char letter, pid_t pid, time_t opened,
                          char id[SESSION_ID_SIZE])
{
    struct opening opening = {.uid = 0};
    size_t i;

    for (i = 0; i < sizeof people / sizeof people[0]; i++)
        if (people[i].letter == letter)
            opening = people[i].opening;
    opening.pid = pid;
    opening.opened = opened;
    record_session(rig, &opening, id);
}

static void adoption_is_by_uid_and_human(void **state)
{
    struct rig *rig = *state;
    pid_t pid = process_begin();
    size_t i, j;

    for (i = 0; i < sizeof adoptions / sizeof adoptions[0]; i++) {
        char live[PEOPLE_MOST][SESSION_ID_SIZE], ended[SESSION_ID_SIZE], by[SESSION_ID_SIZE];
        struct sessions *sessions = open_sessions(rig);
        const char *named = adoptions[i].named == '-' ? NULL : UNKNOWN_ID;
        const char *place = strchr(adoptions[i].live, adoptions[i].named);
        size_t count = strlen(adoptions[i].live);

        for (j = 0; j < count; j++)
            record_letter(rig, adoptions[i].live[j], pid, time(NULL) - 100 + (time_t)j, live[j]);
        if (place != NULL)
            named = live[place - adoptions[i].live];
        if (adoptions[i].ended[0] != '\0') {
            record_letter(rig, adoptions[i].ended[0], pid, time(NULL) - 200, ended);
            assert_int_equal(close_session(rig, ended), 0);
            named = ended;
        }
        assert_int_equal(find(rig, sessions, ALICE, named, by), adoptions[i].answer);
        if (adoptions[i].answer == SESSIONS_FOUND)
            assert_string_equal(by, live[adoptions[i].by]);
        for (j = 0; j < count; j++)
            assert_int_equal(close_session(rig, live[j]), 0);
        sessions_free(sessions);
    }
    process_end(pid);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sessions_begin, sessions_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_ended_session_serves_itself_while_detach_lasts),
        TEST(adoption_is_by_uid_and_human),
        TEST(a_revoked_session_serves_nobody_and_none_adopts_it),
        TEST(who_was_revoked_meanwhile_is_told_from_who_was_before_or_is_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
