/*
 * From SSH_AUTH_INFO_0 to a human: helper/auth_info.h, helper/identity_certificate.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdlib.h>

#include "helper/identity_certificate.h"
#include "tests/fuzz/authority.h"

static void look_at_info(const struct auth_info *info, const char *text)
{
    size_t i;

    PROMISE(info->key_count <= info->methods.count);
    for (i = 0; i < info->methods.count; i++)
        PROMISE(fuzz_is_printable(info->methods.items[i]) &&
                strstr(text, info->methods.items[i]) != NULL);
    for (i = 0; i < info->key_count; i++)
        PROMISE(fuzz_is_printable(info->keys[i].type) && info->keys[i].bytes.length > 0);
}

static void ask_who_it_is(const struct auth_info *info, struct identity *identity)
{
    static struct outcome outcome;

    memset(&outcome, 0, sizeof outcome);
    if (identity_from_certificate(policy, info, SIGNED_NOW, identity, &outcome) !=
        STATUS_PERMITTED) {
        PROMISE(outcome.status == STATUS_DENIED && fuzz_is_printable(outcome.reason));
        PROMISE(identity->human == NULL && !identity->has_certificate);
    } else if (identity->human != NULL) {
        PROMISE(strcmp(identity->human, SIGNED_KEY_ID) == 0);
        PROMISE(identity->has_certificate && identity->proof.ends == SIGNED_END);
        PROMISE(info->key_count == 1);
        fuzz_accept();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length);
    struct identity identity;
    struct auth_info info;
    const char *wrong = NULL;
    int error;

    memset(&identity, 0, sizeof identity);
    error = auth_info_read(text, &identity.memory, &info, &wrong);
    if (error == 0) {
        look_at_info(&info, text);
        ask_who_it_is(&info, &identity);
    } else {
        PROMISE(error == EBADMSG && wrong != NULL && fuzz_is_printable(wrong));
    }
    arena_free(&identity.memory);
    free(text);
    return 0;
}
