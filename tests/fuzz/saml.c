/*
 * Which provider offers a role in a SAML assertion: helper/saml.h. The input is the document, which
 * is put into Base64 here; or, behind "base64:", what the user's SSO left as it is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "helper/saml.h"
#include "helper/xml.h"
#include "tests/fuzz/secrets.h"

#define ROLE "arn:aws:iam::111122223333:role/bastion/Auditor"
#define RAW  "base64:"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    open_secrets();
    fuzz_need(xml_start() == 0, "xml_start");
    return 0;
}

static void assertion_of(const uint8_t *bytes, size_t length, struct secret *assertion)
{
    size_t raw = strlen(RAW);

    if (length >= raw && memcmp(bytes, RAW, raw) == 0) {
        fuzz_need(secret_copy(assertion, bytes + raw, length - raw) == 0, "secret_copy");
        return;
    }
    fuzz_need(secret_new(assertion, (length + 2) / 3 * 4) == 0, "secret_new");
    EVP_EncodeBlock((unsigned char *)assertion->bytes, bytes, (int)length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *provider = malloc(SAML_ARN_SIZE), why[1536] = "";
    struct secret assertion;
    int error;

    fuzz_need(provider != NULL, "malloc");
    assertion_of(bytes, length, &assertion);
    error = saml_provider(&assertion, ROLE, provider, why, sizeof why);
    if (error == 0) {
        PROMISE(strnlen(provider, SAML_ARN_SIZE) < SAML_ARN_SIZE);
        PROMISE(strncmp(provider, "arn:", 4) == 0);
        PROMISE(strstr(provider, ":saml-provider/") != NULL);
        PROMISE(provider[strcspn(provider, ", \t\r\n")] == '\0');
        fuzz_accept();
    } else {
        PROMISE(error == ENOENT || error == EBADMSG);
        PROMISE(why[0] != '\0' && fuzz_is_printable(why));
    }
    secret_free(&assertion);
    free(provider);
    return 0;
}
