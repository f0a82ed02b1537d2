/*
 * What a session's record keeps of how it was opened, and what that is worth under the policy of a
 * later request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "session_rig.h"

#include "helper/identity_certificate.h"

#define HUMAN "carol@partner.example"

static char deploy[] = "deploy", juergen[] = "j\xfcrgen", carol[] = HUMAN,
            publickey[] = "publickey", any[] = "*", partner[] = "*@partner.example",
            other[] = "*@other.example";
static char *partners[] = {partner}, *others[] = {other}, *all[] = {any};

static unsigned char key[] = {1, 2, 3, 4, 5}, other_key[] = {1, 2, 3, 4, 6};

static struct texts list(char **items, size_t count)
{
    return (struct texts){items, count};
}

/* Records a session that was opened with a certificate of `ca`. */
static void record_certificate(struct rig *rig, const struct ca *ca, char id[SESSION_ID_SIZE])
{
    static char many[200][64], *lots[200];
    char *principals[] = {deploy, juergen}, *methods[] = {publickey};
    const struct texts auth = list(methods, 1);
    struct request request = {.service = "sshd", .address = "192.0.2.1", .pid = getpid()};
    struct identity identity = {.human = HUMAN,
                                .typed = "DEPLOY",
                                .source = IDENTITY_CERTIFICATE,
                                .auth = &auth,
                                .has_certificate = true,
                                .proof = {ca, carol, list(principals, 2), 4000000000}};
    char why[1024];
    size_t i;

    for (i = 0; ca->names.count == 0 && i < 200; i++) {
        memset(many[i], '\x80', sizeof many[i] - 1);
        lots[i] = many[i];
        identity.proof.principals = list(lots, i + 1);
    }
    strcpy(identity.user.name, "deploy");
    identity.user.uid = ALICE;
    strcpy(identity.authority_key,
           "74f81fe167d99b4cb41d6d0ccda82278caee9f3e2f25d5e5a3936ff3dcec60d0");
    assert_int_equal(session_record_id(id), 0);
    assert_int_equal(session_record_open(&rig->host, &request, &identity, NULL, id, time(NULL),
                                         NULL, why, sizeof why),
                     ca->names.count == 0 ? EFBIG : 0);
}

static void a_certificate_is_read_as_it_was_written(void **state)
{
    const struct ca ca = {.name = partner, .names = {all, 1}};
    struct rig *rig = *state;
    struct session_record record, copy;
    char id[SESSION_ID_SIZE], why[1024];

    record_certificate(rig, &ca, id);
    assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why), 0);
    assert_int_equal(session_record_copy(&copy, &record), 0);
    session_record_free(&record);
    assert_string_equal(copy.human, HUMAN);
    assert_string_equal(copy.typed, "DEPLOY");
    assert_string_equal(copy.source, "certificate");
    assert_string_equal(copy.authority, partner);
    assert_string_equal(copy.key_id, HUMAN);
    assert_int_equal(copy.certificate_ends, 4000000000);
    assert_true(copy.auth_known);
    assert_int_equal(copy.auth.count, 1);
    assert_string_equal(copy.auth.items[0], "publickey");
    assert_int_equal(copy.principals.count, 2);
    assert_string_equal(copy.principals.items[0], "deploy");
    assert_string_equal(copy.principals.items[1], "j\xfcrgen");
    session_record_free(&copy);
}

static void a_record_that_would_not_be_read_again_is_not_written(void **state)
{
    const struct ca ca = {.name = partner};
    struct rig *rig = *state;
    char id[SESSION_ID_SIZE];

    record_certificate(rig, &ca, id);
    assert_false(file_exists(rig, id, ".json"));
}

static void how_a_login_was_authenticated_is_unknown_or_known_to_be_nothing(void **state)
{
    static const struct {
        const char *auth;
        bool known;
    } cases[] = {{"", false}, {",\"auth\":[]", true}};
    struct rig *rig = *state;
    struct session_record record;
    char id[] = "0123456789abcdef0123456789abcdef", text[512], why[1024];
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text,
                 "{\"version\":1,\"session\":\"%s\",\"uid\":1001,\"opened\":"
                 "\"2026-01-01T00:00:00Z\",\"user\":\"alice\",\"human\":\"alice\"%s}",
                 id, cases[i].auth);
        write_file(rig, "0123456789abcdef0123456789abcdef.json", text, strlen(text));
        assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why), 0);
        assert_int_equal(record.auth_known, cases[i].known);
        assert_int_equal(record.auth.count, 0);
        session_record_free(&record);
    }
}

static void a_record_that_lost_a_part_of_its_certificate_is_damaged(void **state)
{
    static const char *const cases[] = {
        ",\"ca_key\":\"00\",\"principals\":[],\"certificate_ends\":0",
        ",\"ca\":\"p\",\"ca_key\":\"00\",\"certificate_ends\":0",
        ",\"ca\":\"p\",\"ca_key\":\"00\",\"principals\":[]",
        ",\"ca\":\"p\",\"ca_key\":\"00\",\"principals\":[],\"certificate_ends\":-1",
        ",\"ca\":\"p\",\"ca_key\":\"00\",\"principals\":[],\"certificate_ends\":\"0\"",
        ",\"ca\":\"p\",\"ca_key\":\"00\",\"principals\":[\"\"],\"certificate_ends\":0",
        ",\"ca\":\"p\",\"ca_key\":\"00\",\"principals\":\"x\",\"certificate_ends\":0",
        ",\"auth\":\"publickey\"",
        ",\"auth\":[7]",
    };
    struct rig *rig = *state;
    struct session_record record;
    char id[] = "0123456789abcdef0123456789abcdef", text[512], why[1024];
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text,
                 "{\"version\":1,\"session\":\"%s\",\"uid\":1001,\"opened\":"
                 "\"2026-01-01T00:00:00Z\",\"user\":\"alice\",\"human\":\"alice\"%s}",
                 id, cases[i]);
        write_file(rig, "0123456789abcdef0123456789abcdef.json", text, strlen(text));
        assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why), EBADMSG);
    }
}

/* One policy of a later request: what is other than when the session was opened. */
struct later {
    const char *what;
    struct ca ca;
    enum identity_source source;
    enum status status;
};

#define CA(n, k, i, a)                                                                             \
    {                                                                                              \
        .name = (n), .key = (k), .key_length = sizeof key, .identity = (i), .names = { a, 1 }      \
    }

static void a_certificate_is_worth_what_the_policy_says_by_now(void **state)
{
    const struct later cases[] = {
        {"as before", CA(partner, key, CA_IDENTITY_KEY_ID, partners), IDENTITY_CERTIFICATE,
         STATUS_PERMITTED},
        {"another name of it", CA(other, key, CA_IDENTITY_KEY_ID, partners), IDENTITY_CERTIFICATE,
         STATUS_PERMITTED},
        {"another key", CA(partner, other_key, CA_IDENTITY_KEY_ID, partners), IDENTITY_CERTIFICATE,
         STATUS_DENIED},
        {"other names", CA(partner, key, CA_IDENTITY_KEY_ID, others), IDENTITY_CERTIFICATE,
         STATUS_DENIED},
        {"no certificates", CA(partner, key, CA_IDENTITY_KEY_ID, partners), IDENTITY_USER,
         STATUS_DENIED},
        {"principals that are not allowed", CA(partner, key, CA_IDENTITY_PRINCIPAL, partners),
         IDENTITY_CERTIFICATE, STATUS_DENIED},
        {"two principals", CA(partner, key, CA_IDENTITY_PRINCIPAL, all), IDENTITY_CERTIFICATE,
         STATUS_DENIED},
    };
    const struct ca ca = {.name = partner, .names = {all, 1}};
    struct rig *rig = *state;
    struct session_record record;
    char id[SESSION_ID_SIZE], why[1024];
    size_t i;

    record_certificate(rig, &ca, id);
    assert_int_equal(session_record_read(&rig->host, id, &record, why, sizeof why), 0);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static struct outcome outcome;
        struct ca now = cases[i].ca;
        const struct policy policy = {
            .cas = &now, .ca_count = 1, .identity = {cases[i].source}, .identity_count = 1};
        struct identity identity = {.human = NULL};
        enum status status = identity_from_record(&policy, &record, &identity, &outcome);

        if (status != cases[i].status)
            fail_msg("%s: %s", cases[i].what, outcome.reason);
        if (status == STATUS_PERMITTED)
            assert_int_equal(identity.proof.ends, 4000000000);
        identity_free(&identity);
    }
    session_record_free(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_certificate_is_read_as_it_was_written, rig_start,
                                        rig_stop),
        cmocka_unit_test_setup_teardown(a_record_that_would_not_be_read_again_is_not_written,
                                        rig_start, rig_stop),
        cmocka_unit_test_setup_teardown(
            how_a_login_was_authenticated_is_unknown_or_known_to_be_nothing, rig_start, rig_stop),
        cmocka_unit_test_setup_teardown(a_record_that_lost_a_part_of_its_certificate_is_damaged,
                                        rig_start, rig_stop),
        cmocka_unit_test_setup_teardown(a_certificate_is_worth_what_the_policy_says_by_now,
                                        rig_start, rig_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
