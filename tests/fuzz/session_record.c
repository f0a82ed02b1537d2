/*
 * A session's record, and who it says was behind it: helper/session_record_json.h,
 * helper/identity_certificate.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/reference.h"
#include "helper/identity_certificate.h"
#include "helper/session_record_json.h"
#include "tests/fuzz/authority.h"

/* What was read is written so that it is read again as the same. */
static void write_again(const struct session_record *record)
{
    char *text = session_record_to_json(record), *again;
    struct session_record other;
    const char *wrong;

    fuzz_need(text != NULL, "session_record_to_json");
    PROMISE(strchr(text, '\n') == NULL);
    PROMISE(session_record_from_json(text, strlen(text), &other, &wrong) == 0);
    again = session_record_to_json(&other);
    PROMISE(again != NULL && strcmp(again, text) == 0);
    session_record_free(&other);
    PROMISE(session_record_copy(&other, record) == 0);
    free(again);
    again = session_record_to_json(&other);
    PROMISE(again != NULL && strcmp(again, text) == 0);
    session_record_free(&other);
    free(again);
    free(text);
}

/* A record of a certificate gives its human, or nobody, under a policy. */
static void ask_who_it_is(const struct session_record *record)
{
    static struct outcome outcome;
    struct identity identity;

    memset(&identity, 0, sizeof identity);
    memset(&outcome, 0, sizeof outcome);
    if (identity_from_record(policy, record, &identity, &outcome) == STATUS_PERMITTED) {
        PROMISE(identity.has_certificate && strcmp(identity.human, record->human) == 0);
        PROMISE(policy_ca_may_name(identity.proof.ca, identity.human));
    } else {
        PROMISE(outcome.status == STATUS_DENIED && outcome.reason[0] != '\0');
        PROMISE(fuzz_is_printable(outcome.reason));
    }
    arena_free(&identity.memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct session_record record;
    const char *wrong = NULL;
    int error = session_record_from_json((const char *)bytes, length, &record, &wrong);

    if (error != 0) {
        PROMISE(error == EBADMSG && wrong != NULL && fuzz_is_printable(wrong));
        PROMISE(record.user == NULL && record.human == NULL && record.auth.count == 0);
        return 0;
    }
    PROMISE(session_id_is_valid(record.id));
    PROMISE(record.user != NULL && record.human != NULL);
    PROMISE(record.authority_key == NULL || record.authority != NULL);
    PROMISE(record.certificate_ends >= 0 && record.pid >= 0);
    if (record.authority_key != NULL)
        ask_who_it_is(&record);
    write_again(&record);
    session_record_free(&record);
    fuzz_accept();
    return 0;
}
