/*
 * What users' SSO left, kept while their sessions live.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/proofs.h"

#define ALICE "0123456789abcdef0123456789abcdef"
#define BOB   "fedcba9876543210fedcba9876543210"
#define UID   1001
#define ARENA (PROOFS_HELD_MOST + (size_t)512 * 1024)

static int begin(void **state)
{
    *state = proofs_new();
    return *state != NULL ? secret_arena_open(ARENA) : ENOMEM;
}

static int end(void **state)
{
    proofs_free(*state);
    secret_arena_close();
    return 0;
}

static void keep(struct proofs *proofs, const char *session, enum via kind, const char *proof)
{
    assert_int_equal(proofs_keep(proofs, session, UID, kind, proof, strlen(proof)), 0);
}

static void assert_kept(const struct proofs *proofs, const char *session, enum via kind,
                        const char *expected)
{
    const struct secret *found = proofs_find(proofs, session, kind);

    if (expected == NULL) {
        assert_null(found);
    } else {
        assert_non_null(found);
        assert_string_equal(found->bytes, expected);
    }
}

static void each_session_finds_its_own_of_each_kind(void **state)
{
    struct proofs *proofs = *state;

    keep(proofs, ALICE, VIA_WEB_IDENTITY, "alices-token");
    keep(proofs, ALICE, VIA_SAML, "alices-assertion");
    keep(proofs, BOB, VIA_SAML, "bobs-assertion");
    assert_kept(proofs, ALICE, VIA_WEB_IDENTITY, "alices-token");
    assert_kept(proofs, ALICE, VIA_SAML, "alices-assertion");
    assert_kept(proofs, BOB, VIA_SAML, "bobs-assertion");
    assert_kept(proofs, BOB, VIA_WEB_IDENTITY, NULL);
}

static void a_new_one_takes_the_place_of_the_old(void **state)
{
    struct proofs *proofs = *state;

    keep(proofs, ALICE, VIA_SAML, "first");
    keep(proofs, ALICE, VIA_SAML, "second");
    assert_kept(proofs, ALICE, VIA_SAML, "second");
    proofs_drop(proofs, ALICE);
    assert_kept(proofs, ALICE, VIA_SAML, NULL);
}

static void a_session_that_ends_leaves_nothing_in_memory(void **state)
{
    struct proofs *proofs = *state;
    const struct secret *found;
    const char *bytes;

    keep(proofs, ALICE, VIA_SAML, "alices-assertion");
    keep(proofs, BOB, VIA_SAML, "bobs-assertion");
    keep(proofs, ALICE, VIA_WEB_IDENTITY, "alices-token");
    found = proofs_find(proofs, ALICE, VIA_SAML);
    bytes = found->bytes;
    proofs_drop(proofs, ALICE);
    assert_kept(proofs, ALICE, VIA_SAML, NULL);
    assert_kept(proofs, ALICE, VIA_WEB_IDENTITY, NULL);
    assert_kept(proofs, BOB, VIA_SAML, "bobs-assertion");
    /* The arena is still mapped. */
    assert_int_equal(bytes[0], '\0');
    proofs_drop(NULL, ALICE);
}

static void the_oldest_go_where_there_would_be_too_many(void **state)
{
    static char proof[60001];
    const size_t fit = PROOFS_HELD_MOST / (sizeof proof - 1);
    struct proofs *proofs = *state;
    char session[SESSION_ID_SIZE];
    struct secret other;
    size_t i;

    memset(proof, 'x', sizeof proof - 1);
    for (i = 0; i < fit + 10; i++) {
        snprintf(session, sizeof session, "%032zx", i);
        keep(proofs, session, VIA_SAML, proof);
    }
    for (i = 0; i < fit + 10; i++) {
        snprintf(session, sizeof session, "%032zx", i);
        assert_kept(proofs, session, VIA_SAML, i < 10 ? NULL : proof);
    }
    /* Others find room in the arena all the while. */
    assert_int_equal(secret_new(&other, (size_t)256 * 1024), 0);
    secret_free(&other);
}

static void nobody_makes_others_lose_theirs(void **state)
{
    static char proof[60001];
    struct proofs *proofs = *state;
    char session[SESSION_ID_SIZE];
    size_t i;

    memset(proof, 'x', sizeof proof - 1);
    assert_int_equal(proofs_keep(proofs, BOB, UID + 1, VIA_SAML, "bobs-assertion", 14), 0);
    for (i = 0; i < PROOFS_HELD_MOST / sizeof proof * 2; i++) {
        snprintf(session, sizeof session, "%032zx", i);
        keep(proofs, session, VIA_SAML, proof);
    }
    assert_kept(proofs, BOB, VIA_SAML, "bobs-assertion");
    assert_kept(proofs, session, VIA_SAML, proof);
    /* Nor does who comes later find no room. */
    assert_int_equal(proofs_keep(proofs, ALICE, UID + 2, VIA_SAML, proof, sizeof proof - 1), 0);
    assert_kept(proofs, ALICE, VIA_SAML, proof);
    assert_kept(proofs, BOB, VIA_SAML, "bobs-assertion");
}

static void without_memory_there_is_none(void **state)
{
    struct proofs *proofs = *state;
    struct secret filling;

    keep(proofs, ALICE, VIA_SAML, "old");
    assert_int_equal(secret_new(&filling, ARENA - 4096), 0);
    {
        static char large[8192];

        memset(large, 'x', sizeof large);
        assert_int_equal(proofs_keep(proofs, ALICE, UID, VIA_SAML, large, sizeof large), ENOMEM);
    }
    assert_kept(proofs, ALICE, VIA_SAML, NULL);
    secret_free(&filling);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_session_finds_its_own_of_each_kind, begin, end),
        cmocka_unit_test_setup_teardown(a_new_one_takes_the_place_of_the_old, begin, end),
        cmocka_unit_test_setup_teardown(a_session_that_ends_leaves_nothing_in_memory, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_go_where_there_would_be_too_many, begin, end),
        cmocka_unit_test_setup_teardown(nobody_makes_others_lose_theirs, begin, end),
        cmocka_unit_test_setup_teardown(without_memory_there_is_none, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
