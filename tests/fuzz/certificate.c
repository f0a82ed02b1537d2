/*
 * One SSH certificate, as bytes: helper/ssh_certificate.h, helper/ssh_signature.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>

#include "helper/ssh_certificate.h"
#include "tests/fuzz/authority.h"

/* The type that the certificate says of itself; the caller frees it. */
static char *type_of(const uint8_t *bytes, size_t length)
{
    struct ssh_bytes rest = {bytes, length}, type = {NULL, 0};

    ssh_take_string(&rest, &type);
    return fuzz_text(type.bytes, type.length);
}

/* What a certificate that counts says is what was signed. */
static void look_at(const struct ssh_names *names)
{
    size_t i;

    PROMISE(strcmp(names->key_id, SIGNED_KEY_ID) == 0);
    PROMISE(names->principals.count > 0 && names->principals.count <= 2);
    for (i = 0; i < names->principals.count; i++)
        PROMISE(strcmp(names->principals.items[i], SIGNED_PRINCIPAL) == 0 ||
                strcmp(names->principals.items[i], "root") == 0);
    PROMISE(names->ends == SIGNED_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct ssh_certificate certificate;
    struct arena memory = {.last = NULL};
    char *type = type_of(bytes, length), why[1024] = "";
    const char *fault = ssh_certificate_read(type, (struct ssh_bytes){bytes, length}, &certificate);
    struct ssh_names names;

    if (fault != NULL) {
        PROMISE(fuzz_is_printable(fault));
    } else if (!ssh_certificate_check(&certificate, SIGNED_NOW, &memory, &names, why, sizeof why)) {
        PROMISE(why[0] != '\0' && fuzz_is_printable(why));
    } else if (policy_find_ca(policy, certificate.authority.bytes, certificate.authority.length) !=
               NULL) {
        look_at(&names);
        PROMISE(!ssh_certificate_check(&certificate, SIGNED_END, &memory, &names, why, sizeof why));
        fuzz_accept();
    }
    arena_free(&memory);
    free(type);
    return 0;
}
