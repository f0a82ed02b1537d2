/*
 * PKCS#11 by p11-kit. OpenSSL 3 reaches tokens through a provider, which Debian 12 does not have,
 * or through engines, which are deprecated.
 * Source: PKCS #11 Cryptographic Token Interface Base Specification 2.40; its Current Mechanisms
 * 2.1.15 (CKM_SHA256_RSA_PKCS), 2.3.6 (CKM_ECDSA: r and s, each of half the length); RFC 7512.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/outside_module.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/trusted_file.h"
#include "helper/library.h"
#include "helper/outside_program.h"
#include "helper/sandbox.h"
#include "helper/write_all.h"

#define SLOTS_MAX     64
#define PIN_MAX       ((size_t)255)
#define SIGNATURE_MAX ((size_t)1024)
#define SHA256_BYTES  ((size_t)32)

/* What is used of p11-kit, by its name without `p11_kit_`. Loaded here, as few hosts need it. */
#define P11_KIT_SYMBOLS(SYMBOL)                                                                    \
    SYMBOL(module_initialize)                                                                      \
    SYMBOL(module_load)                                                                            \
    SYMBOL(strerror)                                                                               \
    SYMBOL(uri_any_unrecognized)                                                                   \
    SYMBOL(uri_get_attribute)                                                                      \
    SYMBOL(uri_get_pin_value)                                                                      \
    SYMBOL(uri_match_slot_info)                                                                    \
    SYMBOL(uri_match_token_info)                                                                   \
    SYMBOL(uri_new)                                                                                \
    SYMBOL(uri_parse)

static struct {
#define P11_KIT_MEMBER(name) __typeof__ (&p11_kit_##name)(name);
    P11_KIT_SYMBOLS(P11_KIT_MEMBER)
#undef P11_KIT_MEMBER
} p11_kit;

/* A module in use. */
struct token {
    CK_FUNCTION_LIST *module;
    P11KitUri *uri;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    char pin[PIN_MAX + 1];
    size_t pin_length; /* 0: there is none */
};

/* Says what failed. Returns -1. */
static int complain(const char *what, CK_RV result)
{
    if (result == CKR_OK)
        dprintf(STDERR_FILENO, "%s\n", what);
    else
        dprintf(STDERR_FILENO, "%s: %s (CKR 0x%lx)\n", what, p11_kit.strerror(result), result);
    return -1;
}

/*
 * Reads the PIN. The arena is not there in a forked process; this one is not dumpable either, and
 * ends when it has signed.
 */
static int read_pin(struct token *token, const char *path)
{
    const struct trust trust = {.group = getegid(), .own_is_fine = true, .largest = PIN_MAX};
    char why[1024];
    size_t size = 0;
    int fd;

    if (path == NULL)
        return 0;
    (void)mlock(token->pin, sizeof token->pin);
    fd = trusted_open(path, &trust, &size, why, sizeof why);
    if (fd < 0)
        return complain(why, CKR_OK);
    if (trusted_read(fd, token->pin, size) != 0)
        return complain("the file of the PIN cannot be read, or was changed meanwhile", CKR_OK);
    close(fd);
    token->pin_length = strcspn(token->pin, "\r\n");
    return token->pin_length > 0 ? 0 : complain("the file of the PIN is empty", CKR_OK);
}

static int parse_uri(struct token *token, const char *text)
{
    token->uri = p11_kit.uri_new();
    if (token->uri == NULL ||
        p11_kit.uri_parse(text, P11_KIT_URI_FOR_ANY, token->uri) != P11_KIT_URI_OK ||
        p11_kit.uri_any_unrecognized(token->uri))
        return complain("`key =` is not a pkcs11: URI as RFC 7512 has it", CKR_OK);
    if (p11_kit.uri_get_pin_value(token->uri) != NULL)
        return complain("the URI holds a PIN; it belongs in a file that `pin_file =` names",
                        CKR_OK);
    return 0;
}

static int load(struct token *token, const char *path)
{
    CK_RV result;

    token->module = p11_kit.module_load(path, P11_KIT_MODULE_UNMANAGED);
    if (token->module == NULL)
        return complain("the module cannot be loaded: is it a PKCS#11 library?", CKR_OK);
    result = p11_kit.module_initialize(token->module);
    return result == CKR_OK ? 0 : complain("the module cannot be initialized", result);
}

/* Whether the URI can mean the token in a slot. */
static bool is_meant(const struct token *token, CK_SLOT_ID slot)
{
    CK_SLOT_INFO slot_info;
    CK_TOKEN_INFO token_info;

    return token->module->C_GetSlotInfo(slot, &slot_info) == CKR_OK &&
           token->module->C_GetTokenInfo(slot, &token_info) == CKR_OK &&
           (token_info.flags & CKF_TOKEN_INITIALIZED) != 0 &&
           p11_kit.uri_match_slot_info(token->uri, &slot_info) == 1 &&
           p11_kit.uri_match_token_info(token->uri, &token_info) == 1;
}

/* Opens a session with the one token that the URI means. */
static int open_session(struct token *token)
{
    CK_SLOT_ID slots[SLOTS_MAX], found = 0;
    CK_ULONG count = SLOTS_MAX, i;
    unsigned matching = 0;
    CK_TOKEN_INFO info;
    CK_RV result = token->module->C_GetSlotList(CK_TRUE, slots, &count);

    if (result != CKR_OK)
        return complain("the module does not list its tokens", result);
    for (i = 0; i < count; i++)
        if (is_meant(token, slots[i])) {
            found = slots[i];
            matching++;
        }
    if (matching != 1)
        return complain(matching == 0 ? "no token matches the URI: is it there, and may the "
                                        "helper's user reach it?"
                                      : "more than one token matches the URI: name it by token= or "
                                        "serial=",
                        CKR_OK);
    result = token->module->C_OpenSession(found, CKF_SERIAL_SESSION, NULL, NULL, &token->session);
    if (result != CKR_OK)
        return complain("there is no session with the token", result);
    if (token->pin_length == 0)
        return 0;
    /* Every login would try it again, and the last failure locks the token. */
    if (token->module->C_GetTokenInfo(found, &info) == CKR_OK &&
        (info.flags & (CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)) != 0)
        return complain("wrong PINs have locked the token, or the next one will, so none was "
                        "tried: put the right one into `pin_file =` and log in to the token once",
                        CKR_OK);
    result = token->module->C_Login(token->session, CKU_USER, (CK_UTF8CHAR *)token->pin,
                                    token->pin_length);
    return result == CKR_OK ? 0 : complain("the token does not accept the PIN", result);
}

/* Finds the one private key that the URI means. */
static int find_key(struct token *token)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE wanted[3] = {{CKA_CLASS, &class, sizeof class}};
    CK_ATTRIBUTE_TYPE types[] = {CKA_ID, CKA_LABEL};
    CK_OBJECT_HANDLE found[2];
    CK_ULONG used = 1, count = 0, i;
    CK_RV result;

    for (i = 0; i < sizeof types / sizeof types[0]; i++) {
        const CK_ATTRIBUTE *named = p11_kit.uri_get_attribute(token->uri, types[i]);

        if (named != NULL)
            wanted[used++] = *named;
    }
    result = token->module->C_FindObjectsInit(token->session, wanted, used);
    if (result == CKR_OK)
        result = token->module->C_FindObjects(token->session, found, 2, &count);
    if (result == CKR_OK)
        result = token->module->C_FindObjectsFinal(token->session);
    if (result != CKR_OK)
        return complain("the token cannot be searched", result);
    if (count != 1)
        return complain(count == 0 ? "the token shows no private key that matches the URI: is a "
                                     "PIN needed (`pin_file =`), are id= and object= right?"
                                   : "more than one private key matches the URI: name it by id= "
                                     "or object=",
                        CKR_OK);
    token->key = found[0];
    return 0;
}

/* Turns r and s, of half the length each, into ASN.1 DER. Returns its length, or 0. */
static size_t to_der(const unsigned char *both, size_t length, unsigned char *der)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(both, (int)(length / 2), NULL);
    BIGNUM *s = BN_bin2bn(both + length / 2, (int)(length / 2), NULL);
    int written = -1;

    if (signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL;
        if (i2d_ECDSA_SIG(signature, NULL) <= (int)SIGNATURE_MAX)
            written = i2d_ECDSA_SIG(signature, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return written > 0 ? (size_t)written : 0;
}

static int sign(const struct token *token, const struct outside_request *request, int output)
{
    const bool is_ec = request->kind == OUTSIDE_KEY_EC;
    CK_MECHANISM mechanism = {is_ec ? CKM_ECDSA : CKM_SHA256_RSA_PKCS, NULL, 0};
    unsigned char digest[SHA256_BYTES], raw[SIGNATURE_MAX], der[SIGNATURE_MAX];
    const unsigned char *signature = is_ec ? der : raw;
    CK_ULONG length = sizeof raw;
    size_t written;
    CK_RV result;

    if (EVP_Q_digest(NULL, "SHA256", NULL, request->bytes, request->length, digest, NULL) != 1)
        return complain("OpenSSL cannot hash", CKR_OK);
    result = token->module->C_SignInit(token->session, &mechanism, token->key);
    if (result == CKR_OK)
        result = is_ec ? token->module->C_Sign(token->session, digest, sizeof digest, raw, &length)
                       : token->module->C_Sign(token->session, (CK_BYTE *)request->bytes,
                                               request->length, raw, &length);
    if (result != CKR_OK)
        return complain("the token does not sign: is the key of the certificate's kind, and may "
                        "it sign without being asked each time?",
                        result);
    written = is_ec ? to_der(raw, length, der) : length;
    if (written == 0)
        return complain("what the token gave is not a signature", CKR_OK);
    return write_all(output, (const char *)signature, written) == 0 ? 0 : -1;
}

static int load_p11_kit(void)
{
#define P11_KIT_SYMBOL(name) {"p11_kit_" #name, &p11_kit.name},
    static const struct library_symbol symbols[] = {P11_KIT_SYMBOLS(P11_KIT_SYMBOL)};
#undef P11_KIT_SYMBOL

    if (library_load("libp11-kit.so.0", symbols, sizeof symbols / sizeof *symbols) == 0)
        return 0;
    return complain("libp11-kit.so.0 cannot be loaded: install libp11-kit0", CKR_OK);
}

int outside_module_sign(const struct base *base, const struct outside_request *request, int output)
{
    struct token token = {0};
    int error;

    if (sandbox_close_module() != 0)
        return complain("the sandbox of the module cannot be closed", CKR_OK);
    environ = outside_program_environment();
    error = load_p11_kit();
    if (error == 0)
        error = read_pin(&token, base->pin_file);
    if (error == 0)
        error = parse_uri(&token, base->key);
    if (error == 0)
        error = load(&token, base->pkcs11_module);
    if (error == 0)
        error = open_session(&token);
    explicit_bzero(token.pin, sizeof token.pin);
    if (error == 0)
        error = find_key(&token);
    return error == 0 ? sign(&token, request, output) : -1;
}
