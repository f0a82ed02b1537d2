/*
 * The host's own certificate and its intermediates in PEM: helper/x509_chain.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <string.h>

#include "helper/x509_chain.h"
#include "tests/fuzz/fuzz.h"

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct trust unchecked = {.unchecked = true};
    const char *path = fuzz_file("chain.pem", bytes, length);
    struct x509_chain chain;
    char why[2048] = "";
    int error = x509_chain_read_under(path, unchecked, &chain, why, sizeof why);

    if (error == 0) {
        /* All of it goes into headers of a request. */
        PROMISE(chain.text[0] != '\0' && fuzz_is_of(chain.text, BASE64));
        PROMISE(fuzz_is_of(chain.intermediates, BASE64 ","));
        PROMISE(chain.serial[0] != '\0' && fuzz_is_of(chain.serial, "0123456789-"));
        PROMISE(chain.kind == OUTSIDE_KEY_RSA || chain.kind == OUTSIDE_KEY_EC);
        x509_chain_check_dates(&chain, path, 1795608000, why, sizeof why);
        fuzz_accept();
    } else {
        PROMISE(why[0] != '\0' && chain.certificate == NULL && chain.text == NULL);
    }
    PROMISE(fuzz_is_printable(why));
    x509_chain_free(&chain);
    return 0;
}
