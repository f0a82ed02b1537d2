/*
 * Which login an audit session is of: by its record alone, and nobody's where that cannot be told.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "session_rig.h"

#include "helper/session_origin.h"

#define TEAM   1010
#define NUMBER 7
/* An id that no session has. */
#define DAMAGED "0123456789abcdef0123456789abcdef"

static char carol[] = "carol@p", bruno[] = "bruno@p", team[] = "team", key[] = "key";

/* A login to be recorded; what is left out is that of `team`, by sshd, in audit session NUMBER. */
struct recorded {
    char *human;          /* by certificate; NULL: without one, the user */
    const char *service;  /* or NULL: sshd */
    const char *boot;     /* or NULL: this one; "": unknown */
    const char *address;  /* or NULL */
    uid_t uid;            /* or 0 */
    int64_t number, uids; /* the audit session and its login uid; 0: as above, -1: none */
    bool ended;
    bool unknown; /* how it was authenticated is not known */
};

static struct request login_request(const struct recorded *login)
{
    uid_t uid = login->uid != 0 ? login->uid : TEAM;

    return (struct request){
        .service = login->service != NULL ? login->service : "sshd",
        .address = login->address != NULL ? login->address : "192.0.2.1",
        .has_loginuid = login->uids >= 0,
        .loginuid = login->uids > 0 ? (uid_t)login->uids : uid,
        .has_audit_session = login->uids >= 0 && login->number >= 0,
        .audit_session = login->number > 0 ? (uint32_t)login->number : NUMBER,
        .reference = "ABCDEFGH",
        .pid = getpid(),
    };
}

static void set_identity(const struct recorded *login, const struct ca *ca,
                         struct identity *identity)
{
    static const struct texts methods = {NULL, 0};

    memset(identity, 0, sizeof *identity);
    strcpy(identity->user.name, team);
    identity->user.uid = login->uid != 0 ? login->uid : TEAM;
    identity->typed = team;
    identity->human = login->human != NULL ? login->human : team;
    identity->source = login->human != NULL ? IDENTITY_CERTIFICATE : IDENTITY_USER;
    identity->auth = login->unknown ? NULL : &methods;
    identity->certificate_unknown = login->unknown;
    identity->has_certificate = login->human != NULL;
    strcpy(identity->authority_key, "00");
    identity->proof = (struct certificate){.ca = ca, .key_id = key};
}

static void record(struct rig *rig, const struct recorded *login)
{
    const struct ca ca = {.name = key};
    struct host host = rig->host;
    struct request request = login_request(login);
    struct identity identity;
    struct session_record closed;
    char id[SESSION_ID_SIZE], why[1024];

    set_identity(login, &ca, &identity);
    if (login->boot != NULL)
        strcpy(host.boot_id, login->boot);
    assert_int_equal(session_record_id(id), 0);
    assert_int_equal(session_record_open(&host, &request, &identity, NULL, id, time(NULL), NULL,
                                         why, sizeof why),
                     0);
    if (!login->ended)
        return;
    assert_int_equal(session_record_close(&host, id, &closed, why, sizeof why), 0);
    session_record_free(&closed);
}

/* Whom sudo in the audit session NUMBER of `team` comes from; "" for nobody, "?" for unknown. */
static void assert_origin(struct rig *rig, const struct request *request, const char *expected)
{
    static struct session_record found;
    char why[1024] = "";
    enum session_origin origin = session_origin_find(&rig->host, request, &found, why, sizeof why);

    if (origin == ORIGIN_FOUND)
        assert_string_equal(found.human, expected);
    else
        assert_string_equal(origin == ORIGIN_NONE ? "" : "?", expected);
    assert_true(origin != ORIGIN_UNKNOWN || why[0] != '\0');
    session_record_free(&found);
}

/* As on a host that nobody has come to yet. */
static void start_over(struct rig *rig)
{
    remove_folder(rig->folder);
    remove_folder(rig->root);
    assert_int_equal(mkdir(rig->root, 0700), 0);
    assert_int_equal(mkdir(rig->folder, 0700), 0);
}

static struct request sudo(void)
{
    return (struct request){.service = "sudo",
                            .has_loginuid = true,
                            .loginuid = TEAM,
                            .has_audit_session = true,
                            .audit_session = NUMBER,
                            .deadline = deadline_in_ms(60000)};
}

struct origin_case {
    const char *what;
    const char *expected;
    struct recorded logins[3];
    size_t count;
};

static const struct origin_case cases[] = {
    {"no record", "", {{0}}, 0},
    {"a login by certificate", "carol@p", {{.human = carol}}, 1},
    {"a login by a key", "team", {{.human = NULL}}, 1},
    {"a login at a terminal", "team", {{.service = "login"}}, 1},
    {"one that has ended", "carol@p", {{.human = carol, .ended = true}}, 1},
    {"one by a key that has ended", "team", {{.ended = true}}, 1},
    {"one that has ended, in the user's own name", "team", {{.human = team, .ended = true}}, 1},
    {"a key's and a certificate's", "team", {{.human = NULL}, {.human = carol, .number = 8}}, 2},
    {"a certificate's and a key's", "carol@p", {{.human = carol}, {.number = 8}}, 2},
    {"two people's", "carol@p", {{.human = carol}, {.human = bruno, .number = 8}}, 2},
    {"the number of another user's", "", {{.human = carol, .uid = ALICE}}, 1},
    /* Nobody's record, and nobody comes by certificate */
    {"another login of the user", "", {{.number = 8}}, 1},
    {"a session of sudo's", "", {{.service = "sudo"}}, 1},
    {"a session of sudo's by certificate", "", {{.service = "sudo", .human = carol}}, 1},
    {"a job", "", {{.service = "cron"}}, 1},
    {"a login whose number was not set", "", {{.number = -1}}, 1},
    {"a login whose login uid was not set", "", {{.uids = -1}}, 1},
    {"a login below a daemon of somebody's", "", {{.uids = ALICE}}, 1},
    /* Nobody's record, and it might be one of those who come */
    {"another login by certificate", "?", {{.human = carol, .number = 8}}, 1},
    {"an ended one by certificate", "?", {{.human = carol, .number = 8, .ended = true}}, 1},
    {"a login by certificate without number", "?", {{.human = carol, .number = -1}}, 1},
    {"a login by who knows what", "?", {{.unknown = true, .number = 8}}, 1},
    {"the same number before the boot", "?", {{.human = carol, .boot = "before"}}, 1},
    {"who knows when", "?", {{.human = carol, .boot = ""}}, 1},
    /* One number of several logins */
    {"twice the same", "carol@p", {{.human = carol}, {.human = carol}}, 2},
    {"two people", "?", {{.human = carol}, {.human = bruno}}, 2},
    {"with and without a certificate", "?", {{.human = carol}, {.human = NULL}}, 2},
    {"from two places", "?", {{.human = NULL}, {.address = "192.0.2.2"}}, 2},
    {"alive and ended", "?", {{.human = carol, .ended = true}, {.human = bruno}}, 2},
    {"known and unknown", "?", {{.human = NULL}, {.unknown = true}}, 2},
};

static void a_login_is_told_by_its_record_and_by_nothing_else(void **state)
{
    struct rig *rig = *state;
    const struct request request = sudo();
    size_t i, j;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s\n", cases[i].what);
        for (j = 0; j < cases[i].count; j++)
            record(rig, &cases[i].logins[j]);
        assert_origin(rig, &request, cases[i].expected);
        start_over(rig);
    }
}

static void a_request_without_audit_session_is_of_no_record(void **state)
{
    struct rig *rig = *state;
    struct request request = sudo();

    request.has_audit_session = false;
    record(rig, &(struct recorded){.human = NULL});
    assert_origin(rig, &request, "");
    record(rig, &(struct recorded){.human = carol});
    assert_origin(rig, &request, "?");
}

static size_t count_files(const struct rig *rig, const char *end)
{
    DIR *names = opendir(rig->folder);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(names);
    while ((entry = readdir(names)) != NULL)
        count += strstr(entry->d_name, end) != NULL;
    closedir(names);
    return count;
}

/* A record that cannot be read, of a login that its mark says is another's: nobody needs it. */
static void records_that_are_not_of_the_login_are_not_read(void **state)
{
    static const char *const marks[] = {
        "1011.7." DAMAGED ".login", "1010.70." DAMAGED ".login",
        "1010.-." DAMAGED ".login", "1010.7." DAMAGED ".logins",
        "1010.7" DAMAGED ".login",  "+1010.7." DAMAGED ".login",
        "1010.7.0.login",           "4294968306.7." DAMAGED ".login",
    };
    struct rig *rig = *state;
    const struct request request = sudo();
    size_t i;

    assert_int_equal(TEAM, 1010);
    assert_int_equal(NUMBER, 7);
    write_file(rig, DAMAGED ".json", "{", 1);
    for (i = 0; i < sizeof marks / sizeof marks[0]; i++)
        write_file(rig, marks[i], "", 0);
    record(rig, &(struct recorded){.human = NULL});
    record(rig, &(struct recorded){.human = carol, .uid = ALICE});
    assert_origin(rig, &request, team);
}

static void a_mark_goes_with_its_record(void **state)
{
    struct rig *rig = *state;

    /* One that nothing can be traced to is not kept when it ends. */
    record(rig, &(struct recorded){.unknown = true, .number = -1, .ended = true});
    assert_int_equal(count_files(rig, ".certified"), 0);
    assert_int_equal(count_files(rig, ".ended"), 0);
    record(rig, &(struct recorded){.human = NULL, .ended = true});
    assert_int_equal(count_files(rig, ".login"), 1);
    record(rig, &(struct recorded){.human = carol, .ended = true});
    record(rig, &(struct recorded){.service = "sudo", .human = carol, .ended = true});
    assert_int_equal(count_files(rig, ".certified"), 1);
    remove_folder(rig->folder);
    assert_int_equal(mkdir(rig->folder, 0700), 0);
    record(rig, &(struct recorded){.human = carol, .ended = true});
    write_file(rig, "1010.7." DAMAGED ".login", "", 0);
    session_record_tidy(&rig->host, time(NULL));
    assert_int_equal(count_files(rig, ".login"), 1);
    session_record_tidy(&rig->host, time(NULL) + 120);
    assert_int_equal(count_files(rig, ".login"), 0);
    assert_int_equal(count_files(rig, ".certified"), 1);
}

static void what_cannot_be_read_is_not_nothing(void **state)
{
    struct rig *rig = *state;
    struct request request = sudo();
    char mark[128];

    write_file(rig, DAMAGED ".ended", "{", 1);
    assert_origin(rig, &request, "");
    snprintf(mark, sizeof mark, "%d.%d." DAMAGED ".login", TEAM, NUMBER);
    write_file(rig, mark, "", 0);
    assert_origin(rig, &request, "?");
    record(rig, &(struct recorded){.human = carol});
    assert_origin(rig, &request, carol);
    request.deadline = deadline_in_ms(0);
    assert_origin(rig, &request, "?");
    request = sudo();
    assert_int_equal(chmod(rig->folder, 0777), 0);
    assert_origin(rig, &request, "?");
    remove_folder(rig->folder);
    assert_origin(rig, &request, "?");
}

static void that_people_come_with_certificates_outlives_their_records(void **state)
{
    static const struct recorded logins[] = {{.human = carol}, {.human = carol, .number = -1}};
    struct rig *rig = *state;
    const struct request request = sudo();
    struct request of_another = request;
    size_t i;

    of_another.loginuid = ALICE;
    for (i = 0; i < sizeof logins / sizeof *logins; i++) {
        start_over(rig);
        record(rig, &logins[i]);
        remove_folder(rig->folder);
        assert_int_equal(mkdir(rig->folder, 0700), 0);
        assert_origin(rig, &request, "?");
        assert_origin(rig, &of_another, "");
    }
    assert_int_equal(chmod(rig->root, 0777), 0);
    assert_origin(rig, &of_another, "?");
}

static void who_comes_with_a_certificate_is_kept_or_not_let_in(void **state)
{
    const struct ca ca = {.name = key};
    const struct recorded login = {.human = carol};
    struct rig *rig = *state;
    struct request request = login_request(&login);
    struct identity identity;
    char id[SESSION_ID_SIZE], why[1024];

    set_identity(&login, &ca, &identity);
    assert_int_equal(session_record_id(id), 0);
    assert_int_equal(chmod(rig->root, 0777), 0);
    assert_int_equal(session_record_open(&rig->host, &request, &identity, NULL, id, time(NULL),
                                         NULL, why, sizeof why),
                     EPERM);
    assert_non_null(strstr(why, rig->root));
}

/* One session that was opened without us, and whether it is kept who that was. */
static void assert_noted(struct rig *rig, const struct recorded *login, bool is_refused,
                         const char *expected)
{
    const struct ca ca = {.name = key};
    const struct request of_login = login_request(login), request = sudo();
    struct identity identity;

    set_identity(login, &ca, &identity);
    if (is_refused)
        identity.human = NULL;
    session_record_note(&rig->host, &of_login, &identity, time(NULL));
    assert_int_equal(count_files(rig, ".json"), 0);
    assert_origin(rig, &request, expected);
    start_over(rig);
}

static void who_is_refused_is_kept_where_it_could_be_another_than_the_user(void **state)
{
    struct rig *rig = *state;
    struct session_record found;
    const struct request request = sudo();
    struct identity refused;
    char why[1024];

    assert_noted(rig, &(struct recorded){.human = carol}, false, carol);
    assert_noted(rig, &(struct recorded){.unknown = true}, false, team);
    assert_noted(rig, &(struct recorded){.human = NULL}, false, "");
    assert_noted(rig, &(struct recorded){.service = "sudo", .human = carol}, false, "");
    /* pam_loginuid comes later in the stack, so no number leads there */
    assert_noted(rig, &(struct recorded){.human = carol, .number = -1}, false, "?");
    assert_noted(rig, &(struct recorded){.human = NULL, .number = -1}, true, "?");
    /* Of whose certificate is refused nobody knows who that was. */
    set_identity(&(struct recorded){.human = NULL}, NULL, &refused);
    refused.human = NULL;
    session_record_note(&rig->host, &request, &refused, time(NULL));
    assert_int_equal(count_files(rig, ".ended"), 0);
    session_record_note(&rig->host,
                        &(struct request){.service = "sshd",
                                          .reference = "ABCDEFGH",
                                          .has_loginuid = true,
                                          .loginuid = TEAM,
                                          .has_audit_session = true,
                                          .audit_session = NUMBER},
                        &refused, time(NULL));
    assert_int_equal(session_origin_find(&rig->host, &request, &found, why, sizeof why),
                     ORIGIN_FOUND);
    assert_false(found.auth_known);
    session_record_free(&found);
}

static void what_is_behind_a_session_is_read_as_it_was_written(void **state)
{
    struct rig *rig = *state;
    struct request request = login_request(&(struct recorded){.number = UINT32_MAX - 1});
    struct session_record read, copy;
    struct identity identity;
    char id[SESSION_ID_SIZE], why[1024];

    set_identity(&(struct recorded){.human = NULL}, NULL, &identity);
    strcpy(identity.opener.name, "alice");
    request.ruser = "caller";
    assert_int_equal(session_record_id(id), 0);
    assert_int_equal(session_record_open(&rig->host, &request, &identity, NULL, id, time(NULL),
                                         NULL, why, sizeof why),
                     0);
    assert_int_equal(session_record_read(&rig->host, id, &read, why, sizeof why), 0);
    assert_int_equal(session_record_copy(&copy, &read), 0);
    session_record_free(&read);
    assert_true(copy.has_audit_session);
    assert_int_equal(copy.audit_session, UINT32_MAX - 1);
    assert_string_equal(copy.opener, "alice");
    assert_string_equal(copy.ruser, "caller");
    session_record_free(&copy);
}

static void an_audit_session_out_of_bounds_is_damage(void **state)
{
    static const char *const numbers[] = {"-2", "4294967295", "\"7\"", "7.5"};
    struct rig *rig = *state;
    struct session_record read;
    char id[] = "0123456789abcdef0123456789abcdef", text[512], why[1024];
    size_t i;

    for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        snprintf(text, sizeof text,
                 "{\"version\":1,\"session\":\"%s\",\"uid\":1010,\"audit_session\":%s,\"opened\":"
                 "\"2026-01-01T00:00:00Z\",\"user\":\"team\",\"human\":\"team\"}",
                 id, numbers[i]);
        write_file(rig, "0123456789abcdef0123456789abcdef.json", text, strlen(text));
        assert_int_equal(session_record_read(&rig->host, id, &read, why, sizeof why), EBADMSG);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_start, rig_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_login_is_told_by_its_record_and_by_nothing_else),
        TEST(a_request_without_audit_session_is_of_no_record),
        TEST(records_that_are_not_of_the_login_are_not_read),
        TEST(a_mark_goes_with_its_record),
        TEST(what_cannot_be_read_is_not_nothing),
        TEST(that_people_come_with_certificates_outlives_their_records),
        TEST(who_comes_with_a_certificate_is_kept_or_not_let_in),
        TEST(who_is_refused_is_kept_where_it_could_be_another_than_the_user),
        TEST(what_is_behind_a_session_is_read_as_it_was_written),
        TEST(an_audit_session_out_of_bounds_is_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
